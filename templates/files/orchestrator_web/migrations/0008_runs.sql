-- What the service knows of the instances that it runs itself, beside what `agents` tells of all.
CREATE TABLE runs (
  agent_id         TEXT PRIMARY KEY REFERENCES agents (id) ON DELETE CASCADE,
  executor         TEXT NOT NULL,
  prompt_id        TEXT NOT NULL,    -- its row may be pruned before the run is
  asked_session    TEXT,             -- null where the run began a session of its own
  working_dir      TEXT NOT NULL,
  timeout_seconds  INTEGER,
  budget_micro_usd INTEGER,
  native_session   TEXT,             -- the agent's own name for its session
  stdout_read      INTEGER NOT NULL, -- how many bytes of its output are in the log
  stderr_read      INTEGER NOT NULL,
  is_to_stop       INTEGER NOT NULL,
  idempotency_key  TEXT UNIQUE,
  request_digest   TEXT              -- of the request that brought the key
) STRICT;

-- What a run has spent on each model: whoever goes on with its session has to know.
CREATE TABLE run_costs (
  agent_id           TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  model              TEXT NOT NULL,
  tokens_input       INTEGER NOT NULL,
  tokens_output      INTEGER NOT NULL,
  tokens_cache_read  INTEGER NOT NULL,
  tokens_cache_write INTEGER NOT NULL,
  cost_micro_usd     INTEGER NOT NULL,
  is_estimate        INTEGER NOT NULL,
  PRIMARY KEY (agent_id, model)
) STRICT, WITHOUT ROWID;

-- Whether runs are taken from the queue: one row.
CREATE TABLE queue (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  is_stopped INTEGER NOT NULL
) STRICT;

INSERT INTO queue (id, is_stopped) VALUES (1, 0);
