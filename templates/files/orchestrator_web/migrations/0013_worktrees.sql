-- Work trees of git that runs have for themselves. A row outlives its runs: it is what says whose the
-- folder is, and what is to happen to it.
CREATE TABLE worktrees (
  id            TEXT PRIMARY KEY,  -- of the run that it was made for
  status        TEXT NOT NULL,
  repository    TEXT NOT NULL,     -- the folder that all work trees of the repository share
  path          TEXT NOT NULL,
  folder        TEXT NOT NULL,     -- where agents work in it, relative to `path`
  branch        TEXT NOT NULL,
  base          TEXT NOT NULL,     -- the commit that it began with
  target_path   TEXT NOT NULL,     -- the work tree that it was asked for in
  target_branch TEXT,              -- null where that had none checked out
  merge_from    TEXT,              -- of a merge that has begun: the commit of the target before,
  merge_to      TEXT,              -- and after it
  rescue        TEXT,              -- the ref that keeps what was discarded
  reason        TEXT,              -- why it was left alone
  created_at    TEXT NOT NULL
) STRICT;

ALTER TABLE runs ADD COLUMN wants_worktree INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN worktree_id TEXT; -- when it has one; several runs may share it

CREATE INDEX worktrees_status ON worktrees (status);
CREATE INDEX runs_worktree_id ON runs (worktree_id) WHERE worktree_id IS NOT NULL;
