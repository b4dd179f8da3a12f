-- How runs wait: those with the higher priority first, then the older ones.
ALTER TABLE runs ADD COLUMN is_queued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN not_before TEXT;                     -- null where it may start at once
ALTER TABLE runs ADD COLUMN repository TEXT NOT NULL DEFAULT ''; -- the work tree that it works in

UPDATE runs SET is_queued = 1
WHERE agent_id IN (SELECT id FROM agents WHERE status = 'pending');

CREATE INDEX runs_queued ON runs (priority) WHERE is_queued = 1;
