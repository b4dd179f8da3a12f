-- What agents have asked to be allowed, and what became of it.
CREATE TABLE approvals (
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  agent_id     TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  attempt      INTEGER NOT NULL, -- of the run: its process asks, and hears the answer
  request_id   TEXT NOT NULL, -- the agent's own name for it
  tool         TEXT NOT NULL,
  input        TEXT NOT NULL, -- as the agent wrote it: an answer repeats it
  status       TEXT NOT NULL,
  on_timeout   TEXT NOT NULL, -- the answer that it gets when nobody gives one
  reason       TEXT,
  decided_by   TEXT,
  created_at   TEXT NOT NULL,
  expires_at   TEXT,
  decided_at   TEXT,
  delivered_at TEXT           -- when the agent was told
) STRICT;

CREATE INDEX approvals_created_at ON approvals (created_at);
CREATE INDEX approvals_agent_id ON approvals (agent_id, created_at);
CREATE INDEX approvals_status ON approvals (status, created_at);
CREATE INDEX approvals_expires_at ON approvals (status, expires_at);

-- What is asked again while it waits is the same question.
CREATE UNIQUE INDEX approvals_pending ON approvals (agent_id, request_id) WHERE status = 'pending';
