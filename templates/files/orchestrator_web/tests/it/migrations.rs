#![allow(
    clippy::disallowed_methods,
    reason = "these are databases that others have made"
)]

use orchestrator::db::{self, Db};
use rusqlite::Connection;

fn open(path: &std::path::Path) -> Result<(), String> {
    let opened = Db::open(db::Options::new(path));
    opened.map(drop).map_err(|error| format!("{error:#}"))
}

#[test]
fn a_new_database_gets_every_migration_and_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder.path().join("new.db")).unwrap();
    let files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    assert!(
        files
            .iter()
            .all(|name| !name.to_string_lossy().contains("before-")),
        "{files:?}"
    );
}

#[test]
fn a_database_that_is_newer_than_the_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    open(&path).unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute(
        "INSERT INTO schema_migrations VALUES ('9999_future', 'x', 'x')",
        (),
    )
    .unwrap();
    drop(conn);
    let error = open(&path).unwrap_err();
    assert!(
        error.contains("newer than this program (it has migration 9999_future)"),
        "{error}"
    );
}

#[test]
fn a_migration_that_was_edited_after_it_was_applied_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    open(&path).unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute(
        "UPDATE schema_migrations SET checksum = 'x' WHERE name = '0001_events'",
        (),
    )
    .unwrap();
    drop(conn);
    let error = open(&path).unwrap_err();
    assert!(
        error.contains("migration 0001_events was changed"),
        "{error}"
    );
}

#[test]
fn a_copy_is_kept_before_a_database_is_upgraded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let conn = Connection::open(&path).unwrap();
    // The first migration alone, as an older program would have left it.
    let sql = include_str!("../../migrations/0001_events.sql");
    conn.execute_batch(sql).unwrap();
    let now = "2026-01-01T00:00:00.000Z";
    conn.execute(
        "INSERT INTO events (topic, data, created_at) VALUES ('old', '{}', ?1)",
        [now],
    )
    .unwrap();
    conn.execute_batch("CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT").unwrap();
    let sum = sha256(sql);
    conn.execute(
        "INSERT INTO schema_migrations VALUES ('0001_events', ?1, ?2)",
        [&sum, now],
    )
    .unwrap();
    drop(conn);

    open(&path).unwrap();
    let copy = Connection::open(folder.path().join("test.before-0002_agents-1.db")).unwrap();
    let topics = |conn: &Connection| -> String {
        conn.query_row("SELECT group_concat(topic) FROM events", (), |row| {
            row.get(0)
        })
        .unwrap()
    };
    assert_eq!(topics(&copy), "old");
    assert_eq!(topics(&Connection::open(&path).unwrap()), "old");
    let tables: i64 = copy
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'orchestrator_agents'",
            (),
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(tables, 0);
}

#[test]
fn the_ledger_of_costs_begins_with_what_the_runs_of_an_older_database_have_spent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    open(&path).unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "DROP VIEW cost_changes; DROP VIEW cost_shares; DROP TABLE cost_sums; DROP TABLE run_hours;
         DROP VIEW run_time_changes; DROP TABLE run_times; DROP TRIGGER agents_timed;
         DROP TRIGGER agents_inserted; DROP TRIGGER agents_status_changed; DROP TRIGGER agents_deleted;
         DROP TABLE cost_ledger; DROP TABLE budget_marks; DROP INDEX agents_running_of_agent;
         ALTER TABLE runs DROP COLUMN workflow_id; ALTER TABLE runs DROP COLUMN limit_micro_usd;
         ALTER TABLE runs DROP COLUMN reserved_micro_usd;
         DELETE FROM schema_migrations WHERE name IN ('0006_costs', '0011_budgets', '0016_sums');
         INSERT INTO orchestrator_agents (id, name, name_key, search_text, description, agent_type,
           capabilities, is_active, created_at, updated_at)
         VALUES ('a', 'Planner', 'planner', '', '', 'custom', '', 1, '', '')",
    )
    .unwrap();
    let started = "2026-01-30T23:59:59.999Z";
    let ended = "2026-01-31T00:00:00.000Z";
    for (id, model, ended, tokens, cost) in [
        ("1", Some("m"), Some(ended), 10, 250_000),
        ("2", None, None, 0, 5),
        ("3", Some("m"), Some(ended), 0, 0),
    ] {
        conn.execute(
            "INSERT INTO agents (id, orchestrator_agent_id, session_id, status, model, completed_at,
             tokens_input, tokens_output, cost_micro_usd, cost_is_estimate, created_at, duration_ms)
             VALUES (?1, 'a', 's', 'failed', ?6, ?2, ?3, 3 * ?3, ?4, ?3 <> 0, ?5, iif(?2 IS NULL, NULL, 1234))",
            (id, ended, tokens, cost, started, model),
        )
        .unwrap();
    }
    drop(conn);

    open(&path).unwrap();
    let conn = Connection::open(&path).unwrap();
    let sql = "SELECT concat_ws(' ', day, run_id, session_id, agent_id, agent_name, model, \
        tokens_input, tokens_output, tokens_cache_read, cost_micro_usd, is_estimate) FROM cost_ledger ORDER BY run_id";
    assert_eq!(
        texts(&conn, sql),
        [
            "2026-01-31 1 s a Planner m 10 30 0 250000 1",
            "2026-01-30 2 s a Planner unknown 0 0 0 5 0",
        ]
    );
    let sql = "SELECT concat_ws(' ', kind, key, day, runs, tokens_output, cost_micro_usd, estimates) \
        FROM cost_sums WHERE kind IN ('agent', 'model') \
        UNION ALL SELECT concat_ws(' ', hour, runs, completed, failed) FROM run_hours \
        UNION ALL SELECT concat_ws(' ', day, duration_ms, runs) FROM run_times";
    assert_eq!(
        texts(&conn, sql),
        [
            "agent a 2026-01-30 1 0 5 0",
            "agent a 2026-01-31 1 30 250000 1",
            "model m 2026-01-31 1 30 250000 1",
            "model unknown 2026-01-30 1 0 5 0",
            "2026-01-30T23 3 0 3",
            "2026-01-30 1200 2",
        ]
    );
}

fn texts(conn: &Connection, sql: &str) -> Vec<String> {
    let mut rows = conn.prepare(sql).unwrap();
    let rows = rows.query_map((), |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn sha256(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let hex = |byte: &u8| format!("{byte:02x}");
    Sha256::digest(text).iter().map(hex).collect()
}
