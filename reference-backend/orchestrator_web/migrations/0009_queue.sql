-- How runs wait: those with the higher priority first, then the older ones.
ALTER TABLE runs ADD COLUMN is_queued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN not_before TEXT;                     -- null where it may start at once
ALTER TABLE runs ADD COLUMN repository TEXT NOT NULL DEFAULT ''; -- the work tree that it works in

-- A run that may end better the next time waits for another attempt, as the same run.
ALTER TABLE runs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE runs ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;      -- attempts after a failure
ALTER TABLE runs ADD COLUMN attempted_at TEXT;                       -- null before the first
ALTER TABLE runs ADD COLUMN stdout_before INTEGER NOT NULL DEFAULT 0; -- bytes of earlier attempts
ALTER TABLE runs ADD COLUMN stderr_before INTEGER NOT NULL DEFAULT 0;

UPDATE runs SET is_queued = 1
WHERE agent_id IN (SELECT id FROM agents WHERE status = 'pending');

CREATE INDEX runs_queued ON runs (priority) WHERE is_queued = 1;

-- Accounts whose usage limit is reached: their runs wait until then.
CREATE TABLE account_limits (
  account TEXT PRIMARY KEY,
  until   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
