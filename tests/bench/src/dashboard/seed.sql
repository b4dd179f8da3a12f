-- 100,000 runs of the last 90 days, of 200 agents, with 5,000,000 log lines: into the tables that the
-- service has made. What its triggers and indexes do to each row, they do.
PRAGMA synchronous = OFF;
PRAGMA cache_size = -400000;
PRAGMA temp_store = MEMORY;
BEGIN;

CREATE TEMP TABLE numbers (n INTEGER PRIMARY KEY);
INSERT INTO numbers
  WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 100000)
  SELECT n FROM up;

INSERT INTO orchestrator_agents (seq, id, name, name_key, search_text, description, agent_type,
  capabilities, default_model, executor, is_active, created_at, updated_at)
SELECT n, printf('0197f3c2-0000-7000-8001-%012x', n), 'agent ' || n, 'agent ' || n,
  'agent ' || n || ' reads a specification and plans the work planning,reading',
  'Reads a specification and plans the work', iif(n % 2, 'planner', 'builder'), 'planning,reading',
  'claude-sonnet', 'demo', n % 20 <> 0, t, t
FROM (SELECT n, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-91 days', n || ' seconds') t
      FROM numbers WHERE n <= 200);

-- A run each 77.76 s, the last one now; all but the last ten have ended.
CREATE TEMP TABLE made AS
SELECT n, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ((n - 100000) * 77.76) || ' seconds') began,
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now',
    ((n - 100000) * 77.76 + n * 7919 % 600 + 1) || ' seconds') ended
FROM numbers;

INSERT INTO agents (seq, id, orchestrator_agent_id, session_id, parent_agent_id, status, model,
  started_at, completed_at, duration_ms, tokens_input, tokens_output, cost_micro_usd,
  cost_is_estimate, exit_reason, error_message, created_at)
SELECT n, printf('0197f3c2-0000-7000-8002-%012x', n),
  printf('0197f3c2-0000-7000-8001-%012x', n * 31 % 200 + 1), 'session ' || (n / 3),
  iif(n % 10 = 0 AND n > 10, printf('0197f3c2-0000-7000-8002-%012x', n - 7), NULL),
  CASE WHEN n > 99990 THEN 'executing' WHEN n % 20 = 0 THEN 'failed' WHEN n % 50 = 1 THEN 'cancelled'
    ELSE 'completed' END,
  'claude-sonnet', began, iif(n > 99990, NULL, ended),
  iif(n > 99990, NULL, (n * 7919 % 600 + 1) * 1000), n % 9000, n % 900, n % 40000, n % 7 = 0,
  iif(n % 20 = 0, 'exit_code', NULL), iif(n % 20 = 0, 'the tests do not pass', NULL), began
FROM made;

INSERT INTO runs (agent_id, executor, prompt_id, working_dir, stdout_read, stderr_read, is_to_stop)
SELECT printf('0197f3c2-0000-7000-8002-%012x', n), 'demo',
  printf('0197f3c2-0000-7000-8003-%012x', n), '.', 0, 0, 0
FROM numbers WHERE n <= 99990;

INSERT INTO prompts (id, agent_id, prompt_type, prompt_text, response_text, status, tokens_input,
  tokens_output, cost_micro_usd, created_at, completed_at)
SELECT printf('0197f3c2-0000-7000-8003-%012x', n), printf('0197f3c2-0000-7000-8002-%012x', n),
  'command', 'Read the specification and plan the work of day ' || n, 'Done.', 'completed', n % 9000,
  n % 900, n % 40000, began, ended
FROM made;

-- Every third run has asked two models.
INSERT INTO cost_ledger (day, run_id, session_id, agent_id, agent_name, model, tokens_input,
  tokens_output, tokens_cache_read, tokens_cache_write, cost_micro_usd, is_estimate)
SELECT substr(began, 1, 10), printf('0197f3c2-0000-7000-8002-%012x', n), 'session ' || (n / 3),
  printf('0197f3c2-0000-7000-8001-%012x', n * 31 % 200 + 1), 'agent ' || (n * 31 % 200 + 1), model,
  n % 9000, n % 900, n % 4000, n % 500, n % 40000, n % 7 = 0
FROM (SELECT n, began, 'claude-sonnet' model FROM made
      UNION ALL SELECT n, began, 'claude-haiku' FROM made WHERE n % 3 = 0)
ORDER BY n;

INSERT INTO ai_developer_workflows (id, adw_name, workflow_type, status, current_step, total_steps,
  completed_steps, started_at, completed_at, duration_seconds, error_count, created_at, updated_at)
SELECT printf('0197f3c2-0000-7000-8004-%012x', n), 'plan and build', 'feature', 'completed', 'build', 5,
  5, began, ended, 60, 0, began, ended
FROM made WHERE n % 20 = 0;

INSERT INTO approvals (id, agent_id, attempt, request_id, tool, input, status, on_timeout, created_at,
  decided_at, delivered_at)
SELECT printf('0197f3c2-0000-7000-8005-%012x', n), printf('0197f3c2-0000-7000-8002-%012x', n), 1,
  'request ' || n, 'Bash', '{"command":"cargo test"}', iif(n > 99990, 'pending', 'allowed'), 'deny',
  began, iif(n > 99990, NULL, ended), iif(n > 99990, NULL, ended)
FROM made WHERE n % 10 = 0 OR n > 99990;

INSERT INTO events (topic, data, created_at)
SELECT 'runtime.completed', '{}', ended FROM made;

-- Fifty lines for each run: words that are neither all alike nor all different, one line in a hundred
-- a failure.
CREATE TEMP TABLE said AS
SELECT n k, printf('word%d word%d word%d word%d word%d word%d word%d word%d word%d word%d word%d word%d',
  n * 17 % 2000, n * 23 % 2000, n * 31 % 2000, n * 41 % 2000, n * 47 % 2000, n * 59 % 2000,
  n * 67 % 2000, n * 73 % 2000, n * 83 % 2000, n * 97 % 2000, n * 101 % 2000, n * 103 % 2000) message
FROM numbers WHERE n <= 2000;
CREATE UNIQUE INDEX temp.said_k ON said (k);

INSERT INTO agent_logs (id, agent_id, log_level, log_type, message, created_at)
SELECT printf('0197f3c2-0000-7%03x-9000-%012x', line.n, made.n),
  printf('0197f3c2-0000-7000-8002-%012x', made.n),
  CASE (made.n + line.n) % 100 WHEN 0 THEN 'ERROR' WHEN 1 THEN 'WARNING' WHEN 2 THEN 'DEBUG'
    ELSE 'INFO' END,
  iif(line.n % 10 = 0, 'milestone', 'output'), said.message, made.began
FROM made CROSS JOIN numbers line JOIN said ON said.k = (made.n * 50 + line.n) % 2000 + 1
WHERE line.n <= 50;

INSERT INTO agent_logs_search (rowid, message) SELECT seq, message FROM agent_logs;

COMMIT;
