-- Workflows that programs outside of the service run and report.
CREATE TABLE ai_developer_workflows (
  seq                   INTEGER PRIMARY KEY,
  id                    TEXT NOT NULL UNIQUE,
  adw_name              TEXT NOT NULL,
  workflow_type         TEXT NOT NULL,
  description           TEXT,
  status                TEXT NOT NULL,
  current_step          TEXT,
  total_steps           INTEGER,
  completed_steps       INTEGER NOT NULL,
  steps                 TEXT,
  input_data            TEXT,
  output_data           TEXT,
  started_at            TEXT,
  completed_at          TEXT,
  duration_seconds      INTEGER,
  error_message         TEXT,
  error_step            TEXT,
  error_count           INTEGER NOT NULL,
  metadata              TEXT,
  orchestrator_agent_id TEXT REFERENCES orchestrator_agents (id) ON DELETE SET NULL,
  created_at            TEXT NOT NULL,
  updated_at            TEXT NOT NULL
) STRICT;

CREATE INDEX ai_developer_workflows_created_at ON ai_developer_workflows (created_at);
CREATE INDEX ai_developer_workflows_status ON ai_developer_workflows (status, created_at);
-- For the reference alone: it is looked through when an agent is deleted.
CREATE INDEX ai_developer_workflows_orchestrator_agent_id
  ON ai_developer_workflows (orchestrator_agent_id);
CREATE INDEX ai_developer_workflows_ended ON ai_developer_workflows (completed_at)
  WHERE completed_at IS NOT NULL;
