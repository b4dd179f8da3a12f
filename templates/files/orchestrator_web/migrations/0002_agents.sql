-- Agent definitions. `seq` numbers the rows in the order of their making; with `created_at` it is
-- the order of every list. The indexes end in it by themselves: it is the row's own key.
CREATE TABLE orchestrator_agents (
  seq           INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  name_key      TEXT NOT NULL UNIQUE, -- the name in Unicode lower case
  search_text   TEXT NOT NULL,        -- what `q` looks in, in lower case
  description   TEXT NOT NULL,
  agent_type    TEXT NOT NULL,
  capabilities  TEXT NOT NULL,
  default_model TEXT,
  executor      TEXT,
  is_active     INTEGER NOT NULL,
  metadata      TEXT,
  created_at    TEXT NOT NULL,
  updated_at    TEXT NOT NULL
) STRICT;

CREATE INDEX orchestrator_agents_created_at ON orchestrator_agents (created_at);
CREATE INDEX orchestrator_agents_agent_type ON orchestrator_agents (agent_type, created_at);
CREATE INDEX orchestrator_agents_is_active ON orchestrator_agents (is_active, created_at);
