-- Whoever writes lines puts their words into the index, all with one statement: FTS5 writes out what it
-- has gathered at each statement of a trigger, a line at a time, which cost five times what the line did.
DROP TRIGGER agent_logs_inserted;
DROP TRIGGER system_logs_inserted;

-- Whoever follows one instance asks for its lines after a row, many times a second. Every index ends
-- with the row.
CREATE INDEX agent_logs_of_agent ON agent_logs (agent_id);
