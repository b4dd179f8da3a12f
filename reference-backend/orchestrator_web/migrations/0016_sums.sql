-- Sums that triggers keep, so that pages read some rows a day instead of those of every run.

-- The ledger by whatever costs are asked by, and by day.
CREATE TABLE cost_sums (
  kind               TEXT NOT NULL, -- `agent`, `model`, `day`, `workflow` or `session`
  key                TEXT NOT NULL, -- empty for runs that are no step of a workflow
  day                TEXT NOT NULL,
  runs               INTEGER NOT NULL, -- different ones
  tokens_input       INTEGER NOT NULL,
  tokens_output      INTEGER NOT NULL,
  tokens_cache_read  INTEGER NOT NULL,
  tokens_cache_write INTEGER NOT NULL,
  cost_micro_usd     INTEGER NOT NULL,
  estimates          INTEGER NOT NULL, -- how many of the ledger's rows are
  PRIMARY KEY (kind, key, day)
) STRICT, WITHOUT ROWID;

-- What a row of the ledger adds to each of its sums.
CREATE VIEW cost_shares AS
SELECT l.seq, k.kind,
  CASE k.kind WHEN 'agent' THEN l.agent_id WHEN 'model' THEN l.model WHEN 'day' THEN l.day
    WHEN 'workflow' THEN coalesce(l.workflow_id, '') ELSE l.session_id END AS key,
  l.day,
  k.kind = 'model' OR NOT EXISTS (SELECT 1 FROM cost_ledger o WHERE o.run_id = l.run_id
    AND o.day = l.day AND o.seq <> l.seq) AS runs,
  l.tokens_input, l.tokens_output, l.tokens_cache_read, l.tokens_cache_write, l.cost_micro_usd,
  l.is_estimate AS estimates
FROM cost_ledger l, (SELECT 'agent' AS kind UNION ALL SELECT 'model' UNION ALL SELECT 'day'
  UNION ALL SELECT 'workflow' UNION ALL SELECT 'session') k;

-- Adds the shares of the row `seq` so many times: 1, or -1 before they change.
CREATE VIEW cost_changes AS SELECT 0 AS seq, 0 AS times;
CREATE TRIGGER cost_changes_made INSTEAD OF INSERT ON cost_changes BEGIN
  INSERT INTO cost_sums
  SELECT kind, key, day, new.times * runs, new.times * tokens_input, new.times * tokens_output,
    new.times * tokens_cache_read, new.times * tokens_cache_write, new.times * cost_micro_usd,
    new.times * estimates
  FROM cost_shares WHERE seq = new.seq
  ON CONFLICT (kind, key, day) DO UPDATE SET
    runs = cost_sums.runs + excluded.runs,
    tokens_input = cost_sums.tokens_input + excluded.tokens_input,
    tokens_output = cost_sums.tokens_output + excluded.tokens_output,
    tokens_cache_read = cost_sums.tokens_cache_read + excluded.tokens_cache_read,
    tokens_cache_write = cost_sums.tokens_cache_write + excluded.tokens_cache_write,
    cost_micro_usd = cost_sums.cost_micro_usd + excluded.cost_micro_usd,
    estimates = cost_sums.estimates + excluded.estimates;
END;

-- Whether the run had spent something on an earlier day: it is one run in the sum of both.
ALTER TABLE cost_ledger ADD COLUMN is_continued INTEGER NOT NULL DEFAULT 0;
UPDATE cost_ledger AS l SET is_continued = 1
WHERE EXISTS (SELECT 1 FROM cost_ledger e WHERE e.run_id = l.run_id AND e.day < l.day);
DROP INDEX cost_ledger_day; -- nothing sums the rows of a day any more
CREATE INDEX cost_ledger_continued ON cost_ledger (day) WHERE is_continued = 1;
CREATE INDEX cost_ledger_workflow_id ON cost_ledger (workflow_id) WHERE workflow_id IS NOT NULL;

INSERT INTO cost_sums
SELECT s.kind, s.key, s.day, count(DISTINCT l.run_id), sum(s.tokens_input), sum(s.tokens_output),
  sum(s.tokens_cache_read), sum(s.tokens_cache_write), sum(s.cost_micro_usd), sum(s.estimates)
FROM cost_shares s JOIN cost_ledger l ON l.seq = s.seq GROUP BY 1, 2, 3;

CREATE TRIGGER cost_ledger_inserted AFTER INSERT ON cost_ledger BEGIN
  INSERT INTO cost_changes VALUES (new.seq, 1);
  UPDATE cost_ledger SET is_continued = 1 WHERE seq = new.seq
    AND EXISTS (SELECT 1 FROM cost_ledger e WHERE e.run_id = new.run_id AND e.day < new.day);
END;
CREATE TRIGGER cost_ledger_deleted BEFORE DELETE ON cost_ledger BEGIN
  INSERT INTO cost_changes VALUES (old.seq, -1);
END;
CREATE TRIGGER cost_ledger_changing BEFORE UPDATE OF tokens_input, tokens_output, tokens_cache_read,
  tokens_cache_write, cost_micro_usd, is_estimate ON cost_ledger BEGIN
  INSERT INTO cost_changes VALUES (old.seq, -1);
END;
CREATE TRIGGER cost_ledger_changed AFTER UPDATE OF tokens_input, tokens_output, tokens_cache_read,
  tokens_cache_write, cost_micro_usd, is_estimate ON cost_ledger BEGIN
  INSERT INTO cost_changes VALUES (new.seq, 1);
END;

-- How many runs were made in each hour, and how those of them have ended that came to an end of their own.
CREATE TABLE run_hours (
  hour      TEXT PRIMARY KEY, -- the first 13 characters of the time
  runs      INTEGER NOT NULL,
  completed INTEGER NOT NULL,
  failed    INTEGER NOT NULL  -- or lost
) STRICT, WITHOUT ROWID;

INSERT INTO run_hours
SELECT substr(created_at, 1, 13), count(*), sum(status = 'completed'), sum(status IN ('failed', 'lost'))
FROM agents GROUP BY 1;

-- How long the runs of each day took that have ended: how many so long, to two digits. A day has some
-- hundreds of rows, however many its runs are.
CREATE TABLE run_times (
  day         TEXT NOT NULL, -- on which they were made
  duration_ms INTEGER NOT NULL,
  runs        INTEGER NOT NULL,
  PRIMARY KEY (day, duration_ms)
) STRICT, WITHOUT ROWID;

-- Counts a run so many times: 1, or -1 when it is gone.
CREATE VIEW run_time_changes AS SELECT '' AS created_at, 0 AS duration_ms, 0 AS times;
CREATE TRIGGER run_time_changes_made INSTEAD OF INSERT ON run_time_changes
  WHEN new.duration_ms IS NOT NULL BEGIN
  INSERT INTO run_times VALUES (substr(new.created_at, 1, 10),
    CAST(CAST(printf('%.1e', new.duration_ms) AS REAL) AS INTEGER), new.times)
  ON CONFLICT (day, duration_ms) DO UPDATE SET runs = run_times.runs + excluded.runs;
  DELETE FROM run_times WHERE runs = 0 AND day = substr(new.created_at, 1, 10)
    AND duration_ms = CAST(CAST(printf('%.1e', new.duration_ms) AS REAL) AS INTEGER);
END;
INSERT INTO run_time_changes SELECT created_at, duration_ms, 1 FROM agents;

CREATE TRIGGER agents_inserted AFTER INSERT ON agents BEGIN
  INSERT INTO run_hours VALUES (substr(new.created_at, 1, 13), 1, new.status = 'completed',
    new.status IN ('failed', 'lost'))
  ON CONFLICT (hour) DO UPDATE SET runs = run_hours.runs + 1,
    completed = run_hours.completed + excluded.completed, failed = run_hours.failed + excluded.failed;
  INSERT INTO run_time_changes VALUES (new.created_at, new.duration_ms, 1);
END;
CREATE TRIGGER agents_status_changed AFTER UPDATE OF status ON agents
  WHEN old.status <> new.status BEGIN
  UPDATE run_hours SET
    completed = completed + (new.status = 'completed') - (old.status = 'completed'),
    failed = failed + (new.status IN ('failed', 'lost')) - (old.status IN ('failed', 'lost'))
  WHERE hour = substr(new.created_at, 1, 13);
END;
CREATE TRIGGER agents_timed AFTER UPDATE OF duration_ms ON agents
  WHEN old.duration_ms IS NOT new.duration_ms BEGIN
  INSERT INTO run_time_changes VALUES (old.created_at, old.duration_ms, -1);
  INSERT INTO run_time_changes VALUES (new.created_at, new.duration_ms, 1);
END;
CREATE TRIGGER agents_deleted AFTER DELETE ON agents BEGIN
  UPDATE run_hours SET runs = runs - 1, completed = completed - (old.status = 'completed'),
    failed = failed - (old.status IN ('failed', 'lost'))
  WHERE hour = substr(old.created_at, 1, 13);
  DELETE FROM run_hours WHERE hour = substr(old.created_at, 1, 13) AND runs = 0;
  INSERT INTO run_time_changes VALUES (old.created_at, old.duration_ms, -1);
END;
