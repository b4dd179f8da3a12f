-- An agent with many rows goes a few of them at a time. Until it is gone, no new ones may refer to
-- it: they would keep it from its end.
ALTER TABLE orchestrator_agents ADD COLUMN is_being_deleted INTEGER NOT NULL DEFAULT 0;
