-- The ledger has a row for each run, day and model: what a run has spent on one model is the sum over
-- its days. Until now it had one for all models of a run, under the name of the first.
CREATE TABLE entries (
  seq                INTEGER PRIMARY KEY,
  day                TEXT NOT NULL, -- when it was reported, in UTC
  run_id             TEXT NOT NULL,
  session_id         TEXT NOT NULL,
  workflow_id        TEXT,          -- null for runs that are no step of one
  workflow_name      TEXT,
  agent_id           TEXT NOT NULL,
  agent_name         TEXT NOT NULL, -- the last one that it had
  model              TEXT NOT NULL, -- `unknown` where nobody has told
  tokens_input       INTEGER NOT NULL, -- those of the cache among them
  tokens_output      INTEGER NOT NULL,
  tokens_cache_read  INTEGER NOT NULL,
  tokens_cache_write INTEGER NOT NULL,
  cost_micro_usd     INTEGER NOT NULL,
  is_estimate        INTEGER NOT NULL -- of all days of the run, as of the last
) STRICT;

INSERT INTO entries
SELECT l.seq, l.day, l.run_id, l.session_id, NULL, NULL, l.agent_id, l.agent_name,
       coalesce(l.model, 'unknown'), l.tokens_input, l.tokens_output, 0, 0, l.cost_micro_usd,
       coalesce(a.cost_is_estimate, 0)
FROM cost_ledger l LEFT JOIN agents a ON a.id = l.run_id;

DROP TABLE cost_ledger;
ALTER TABLE entries RENAME TO cost_ledger;

CREATE UNIQUE INDEX cost_ledger_run_id ON cost_ledger (run_id, model, day);
CREATE INDEX cost_ledger_day ON cost_ledger (day);
CREATE INDEX cost_ledger_agent_id ON cost_ledger (agent_id, day);

-- The workflow that a run is a step of.
ALTER TABLE runs ADD COLUMN workflow_id TEXT;

-- What a run may spend, null for no bound; and what is set aside for it from the other budgets until it
-- ends, less what it has spent.
ALTER TABLE runs ADD COLUMN limit_micro_usd INTEGER;
ALTER TABLE runs ADD COLUMN reserved_micro_usd INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET limit_micro_usd = budget_micro_usd, reserved_micro_usd = coalesce(budget_micro_usd, 0);

-- Which part of a budget was last told to be spent, in percent: each part is told once.
CREATE TABLE budget_marks (
  scope           TEXT NOT NULL,
  subject         TEXT NOT NULL, -- the run or the agent, empty for the project
  period          TEXT NOT NULL, -- the day or the month, empty for a run
  limit_micro_usd INTEGER NOT NULL,
  percent         INTEGER NOT NULL,
  PRIMARY KEY (scope, subject, period, limit_micro_usd)
) STRICT, WITHOUT ROWID;

CREATE INDEX agents_running_of_agent ON agents (orchestrator_agent_id) WHERE completed_at IS NULL;
