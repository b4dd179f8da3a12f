-- The overview counts and times all runs of a while: it reads this alone, not the rows.
CREATE INDEX agents_stats ON agents (created_at, status, duration_ms);
