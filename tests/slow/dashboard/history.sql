-- What the agents have done in the month before, as the service would have written it.
CREATE TEMP TABLE made AS
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 160),
  times AS (SELECT n, 60 + n * 7919 % 400 AS seconds,
    printf('%sT%02d:%02d:00.000Z', date('now', '-' || (2 + n * n % 41 % 29) || ' days'), 8 + n % 9,
      n % 60) AS began
    FROM numbers),
  workers AS (SELECT id, row_number() OVER (ORDER BY seq) - 1 AS place FROM orchestrator_agents)
SELECT n, printf('0197f3c2-0000-7000-8002-%012x', n) AS run, id AS agent, began, seconds,
  strftime('%Y-%m-%dT%H:%M:%fZ', began, seconds || ' seconds') AS ended,
  seconds * 40 AS tokens, seconds * 700 AS cost, n % 11 = 0 AS has_failed
FROM times JOIN workers ON place = n % 3 ORDER BY began;

INSERT INTO agents (id, orchestrator_agent_id, session_id, status, model, started_at, completed_at,
  duration_ms, tokens_input, tokens_output, cost_micro_usd, cost_is_estimate, exit_reason,
  error_message, created_at)
SELECT run, agent, 'session ' || n, iif(has_failed, 'failed', 'completed'), 'claude-sonnet-4-5', began,
  ended, seconds * 1000, tokens, tokens / 9, cost, 0, iif(has_failed, 'exit_code', NULL),
  iif(has_failed, '2 of 47 tests fail.', NULL), began
FROM made;

INSERT INTO prompts (id, agent_id, prompt_type, prompt_text, status, tokens_input, tokens_output,
  cost_micro_usd, created_at, completed_at)
SELECT printf('0197f3c2-0000-7000-8003-%012x', n), run, 'command',
  CASE n % 4 WHEN 0 THEN 'Plan the next piece of the harbour' WHEN 1 THEN 'Count the berths again'
    WHEN 2 THEN 'Review what came in since yesterday' ELSE 'Make the tide tables quicker' END,
  'completed', tokens, tokens / 9, cost, began, ended
FROM made;

INSERT INTO cost_ledger (day, run_id, session_id, agent_id, agent_name, model, tokens_input,
  tokens_output, tokens_cache_read, tokens_cache_write, cost_micro_usd, is_estimate)
SELECT substr(began, 1, 10), run, 'session ' || n, agent, a.name, 'claude-sonnet-4-5', tokens,
  tokens / 9, 0, 0, cost, 0
FROM made JOIN orchestrator_agents a ON a.id = agent;
