-- What happened, in the order of the commits. The newest row is never pruned, so that an id is
-- never used twice and a follower's cursor stays true.
CREATE TABLE events (
  id         INTEGER PRIMARY KEY,
  topic      TEXT NOT NULL,
  data       TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE INDEX events_created_at ON events (created_at);
