-- The words of what instances were asked, which stay in their table. No prompt's text is ever changed.
CREATE VIRTUAL TABLE prompts_search USING fts5 (
  prompt_text, content = 'prompts', content_rowid = 'seq', columnsize = 0
);

CREATE TRIGGER prompts_inserted AFTER INSERT ON prompts BEGIN
  INSERT INTO prompts_search (rowid, prompt_text) VALUES (new.seq, new.prompt_text);
END;

CREATE TRIGGER prompts_deleted AFTER DELETE ON prompts BEGIN
  INSERT INTO prompts_search (prompts_search, rowid, prompt_text)
  VALUES ('delete', old.seq, old.prompt_text);
END;

INSERT INTO prompts_search (prompts_search) VALUES ('rebuild');
