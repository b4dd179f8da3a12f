-- What runs have cost: a row for each run and day. It refers to no other table, because it outlives
-- the runs and their agents; what is not noted here cannot be asked once they are gone.
CREATE TABLE cost_ledger (
  seq            INTEGER PRIMARY KEY,
  day            TEXT NOT NULL, -- when it was reported, in UTC
  run_id         TEXT NOT NULL,
  session_id     TEXT NOT NULL,
  agent_id       TEXT NOT NULL,
  agent_name     TEXT NOT NULL, -- the last one that it had
  model          TEXT,
  tokens_input   INTEGER NOT NULL,
  tokens_output  INTEGER NOT NULL,
  cost_micro_usd INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX cost_ledger_run_id ON cost_ledger (run_id, day);
CREATE INDEX cost_ledger_day ON cost_ledger (day);
CREATE INDEX cost_ledger_agent_id ON cost_ledger (agent_id);

-- Nobody knows any more when these were reported: the end of the run is the best guess.
INSERT INTO cost_ledger (day, run_id, session_id, agent_id, agent_name, model, tokens_input,
                         tokens_output, cost_micro_usd)
SELECT substr(coalesce(a.completed_at, a.created_at), 1, 10), a.id, a.session_id, o.id, o.name,
       a.model, a.tokens_input, a.tokens_output, a.cost_micro_usd
FROM agents a JOIN orchestrator_agents o ON o.id = a.orchestrator_agent_id
WHERE a.tokens_input <> 0 OR a.tokens_output <> 0 OR a.cost_micro_usd <> 0;
