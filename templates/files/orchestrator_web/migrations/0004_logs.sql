-- What instances report. No line is ever looked up by its id, so that it has no index.
CREATE TABLE agent_logs (
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL,
  agent_id   TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  log_level  TEXT NOT NULL,
  log_type   TEXT NOT NULL,
  message    TEXT NOT NULL,
  details    TEXT,
  created_at TEXT NOT NULL
) STRICT;

CREATE INDEX agent_logs_created_at ON agent_logs (created_at);
CREATE INDEX agent_logs_agent_id ON agent_logs (agent_id, created_at);
CREATE INDEX agent_logs_log_type ON agent_logs (log_type, created_at);

-- An index a lowest level: the few errors among millions of lines are found without reading those.
-- None for INFO: most lines are, and every index slows the writing.
CREATE INDEX agent_logs_warning ON agent_logs (created_at)
  WHERE log_level IN ('WARNING', 'ERROR', 'CRITICAL');
CREATE INDEX agent_logs_error ON agent_logs (created_at)
  WHERE log_level IN ('ERROR', 'CRITICAL');
CREATE INDEX agent_logs_critical ON agent_logs (created_at)
  WHERE log_level IN ('CRITICAL');

-- The words of the messages, which stay in their table. Lines are never changed; rows that go by a
-- cascade leave the index too.
CREATE VIRTUAL TABLE agent_logs_search USING fts5 (
  message, content = 'agent_logs', content_rowid = 'seq', columnsize = 0
);

CREATE TRIGGER agent_logs_inserted AFTER INSERT ON agent_logs BEGIN
  INSERT INTO agent_logs_search (rowid, message) VALUES (new.seq, new.message);
END;

CREATE TRIGGER agent_logs_deleted AFTER DELETE ON agent_logs BEGIN
  INSERT INTO agent_logs_search (agent_logs_search, rowid, message)
  VALUES ('delete', old.seq, old.message);
END;

-- What the parts of the system report about themselves.
CREATE TABLE system_logs (
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL,
  component  TEXT NOT NULL,
  log_level  TEXT NOT NULL,
  message    TEXT NOT NULL,
  details    TEXT,
  created_at TEXT NOT NULL
) STRICT;

CREATE INDEX system_logs_created_at ON system_logs (created_at);
CREATE INDEX system_logs_component ON system_logs (component, created_at);
CREATE INDEX system_logs_warning ON system_logs (created_at)
  WHERE log_level IN ('WARNING', 'ERROR', 'CRITICAL');
CREATE INDEX system_logs_error ON system_logs (created_at)
  WHERE log_level IN ('ERROR', 'CRITICAL');
CREATE INDEX system_logs_critical ON system_logs (created_at)
  WHERE log_level IN ('CRITICAL');

CREATE VIRTUAL TABLE system_logs_search USING fts5 (
  message, content = 'system_logs', content_rowid = 'seq', columnsize = 0
);

CREATE TRIGGER system_logs_inserted AFTER INSERT ON system_logs BEGIN
  INSERT INTO system_logs_search (rowid, message) VALUES (new.seq, new.message);
END;

CREATE TRIGGER system_logs_deleted AFTER DELETE ON system_logs BEGIN
  INSERT INTO system_logs_search (system_logs_search, rowid, message)
  VALUES ('delete', old.seq, old.message);
END;
