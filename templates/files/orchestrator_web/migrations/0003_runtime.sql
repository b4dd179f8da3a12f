-- Running instances of agents. An instance that has a time of completion has ended, and stays so.
CREATE TABLE agents (
  seq                   INTEGER PRIMARY KEY,
  id                    TEXT NOT NULL UNIQUE,
  orchestrator_agent_id TEXT NOT NULL REFERENCES orchestrator_agents (id) ON DELETE CASCADE,
  session_id            TEXT NOT NULL,
  parent_agent_id       TEXT REFERENCES agents (id) ON DELETE SET NULL,
  status                TEXT NOT NULL,
  context               TEXT,
  config                TEXT,
  metadata              TEXT,
  model                 TEXT,
  started_at            TEXT,
  completed_at          TEXT,
  duration_ms           INTEGER,
  tokens_input          INTEGER NOT NULL,
  tokens_output         INTEGER NOT NULL,
  cost_micro_usd        INTEGER NOT NULL,
  cost_is_estimate      INTEGER NOT NULL,
  exit_reason           TEXT,
  error_message         TEXT,
  created_at            TEXT NOT NULL
) STRICT;

CREATE INDEX agents_created_at ON agents (created_at);
CREATE INDEX agents_orchestrator_agent_id ON agents (orchestrator_agent_id, created_at);
CREATE INDEX agents_session_id ON agents (session_id, created_at);
CREATE INDEX agents_parent_agent_id ON agents (parent_agent_id, created_at);
CREATE INDEX agents_status ON agents (status, created_at);
CREATE INDEX agents_running ON agents (created_at) WHERE completed_at IS NULL;
CREATE INDEX agents_ended ON agents (completed_at) WHERE completed_at IS NOT NULL;

-- What instances were asked, and what they answered.
CREATE TABLE prompts (
  seq            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  agent_id       TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  prompt_type    TEXT NOT NULL,
  prompt_name    TEXT,
  prompt_text    TEXT NOT NULL,
  response_text  TEXT,
  status         TEXT NOT NULL,
  model_used     TEXT,
  tokens_input   INTEGER NOT NULL,
  tokens_output  INTEGER NOT NULL,
  cost_micro_usd INTEGER NOT NULL,
  latency_ms     INTEGER,
  created_at     TEXT NOT NULL,
  completed_at   TEXT,
  error_message  TEXT
) STRICT;

CREATE INDEX prompts_created_at ON prompts (created_at);
CREATE INDEX prompts_agent_id ON prompts (agent_id, created_at);
CREATE INDEX prompts_status ON prompts (status, created_at);
