-- What the service knows of the workflows that it runs itself, beside what the table tells of all.
ALTER TABLE ai_developer_workflows ADD COLUMN definition TEXT; -- at the start; null where others run it
ALTER TABLE ai_developer_workflows ADD COLUMN times_out_at TEXT;
ALTER TABLE ai_developer_workflows ADD COLUMN is_to_stop INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ai_developer_workflows ADD COLUMN idempotency_key TEXT;
ALTER TABLE ai_developer_workflows ADD COLUMN request_digest TEXT; -- of the request with the key

CREATE UNIQUE INDEX ai_developer_workflows_idempotency_key
  ON ai_developer_workflows (idempotency_key);
CREATE INDEX ai_developer_workflows_own ON ai_developer_workflows (created_at)
  WHERE definition IS NOT NULL;
CREATE INDEX ai_developer_workflows_going_on ON ai_developer_workflows (times_out_at)
  WHERE definition IS NOT NULL AND completed_at IS NULL;

-- Each try of a step, in the order in which they began.
CREATE TABLE workflow_steps (
  seq          INTEGER PRIMARY KEY,
  workflow_id  TEXT NOT NULL REFERENCES ai_developer_workflows (id) ON DELETE CASCADE,
  step         TEXT NOT NULL,
  iteration    INTEGER NOT NULL, -- how often the workflow has come to the step, from 1
  attempt      INTEGER NOT NULL, -- from 1 in each iteration
  status       TEXT NOT NULL,
  run_id       TEXT REFERENCES agents (id) ON DELETE SET NULL,
  exit_reason  TEXT,
  error        TEXT,
  result       TEXT,
  started_at   TEXT NOT NULL,
  completed_at TEXT,
  UNIQUE (workflow_id, step, iteration, attempt)
) STRICT;

CREATE INDEX workflow_steps_workflow_id ON workflow_steps (workflow_id);
CREATE INDEX workflow_steps_run_id ON workflow_steps (run_id) WHERE run_id IS NOT NULL;
