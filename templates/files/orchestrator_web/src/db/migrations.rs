//! Migrations: SQL files, applied in order, recorded by name with their checksum.
//!
//! By name and not by number: optional features bring files of their own, and a number would shift
//! when one is added later. A file that was applied is never edited again; add a new one.

use std::path::Path;

use anyhow::{Context as _, bail};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use crate::time::Clock;

struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        &[$(Migration { name: $name, sql: include_str!(concat!("../../migrations/", $name, ".sql")) }),*]
    };
}

/// Every migration of this program, in the order in which they are applied.
const MIGRATIONS: &[Migration] = migrations![
    "0001_events",
    "0002_agents",
    "0003_runtime",
    "0004_logs",
    "0005_workflows",
    "0006_costs",
    "0007_agent_deletion",
    "0008_runs",
    "0009_queue",
    "0010_approvals",
    "0011_budgets",
    "0012_workflow_steps",
    "0013_worktrees",
    "0014_stats",
    "0015_search",
    "0016_sums",
    "0017_prompt_search",
];

/// The last one, up to which every open database is migrated.
pub fn newest() -> &'static str {
    let [.., newest] = MIGRATIONS else {
        unreachable!("there are some");
    };
    newest.name
}

/// Brings the database up to date, in one transaction. Before the first migration of a database
/// that holds something, a copy of it is kept beside it.
pub(super) fn run(conn: &Connection, path: &Path, clock: &Clock) -> anyhow::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
           name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT",
    )?;
    refuse_what_is_not_ours(conn)?;
    let applied = applied(conn)?;
    let missing: Vec<_> = MIGRATIONS
        .iter()
        .filter(|it| applied.iter().all(|(name, _)| name != it.name))
        .collect();
    let Some(first) = missing.first() else {
        return Ok(());
    };
    if !applied.is_empty() {
        let copy = super::backup::free_name(path, &format!("before-{}", first.name));
        super::backup(path, &copy).context("keep a copy before the migration")?;
        tracing::info!(copy = %copy.display(), "kept a copy of the database before its migration");
    }
    let tx = conn.unchecked_transaction()?;
    for migration in missing {
        tx.execute_batch(migration.sql)
            .with_context(|| format!("apply {}", migration.name))?;
        tx.execute(
            "INSERT INTO schema_migrations (name, checksum, applied_at) VALUES (?1, ?2, ?3)",
            (
                migration.name,
                checksum(migration.sql),
                clock.now().as_str(),
            ),
        )?;
    }
    tx.commit().context("commit the migrations")
}

fn applied(conn: &Connection) -> anyhow::Result<Vec<(String, String)>> {
    let mut query = conn.prepare("SELECT name, checksum FROM schema_migrations ORDER BY name")?;
    let rows = query.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// An error if other migrations were applied than those of this program.
pub(super) fn refuse_what_is_not_ours(conn: &Connection) -> anyhow::Result<()> {
    for (name, sum) in applied(conn)? {
        match MIGRATIONS.iter().find(|it| it.name == name) {
            Some(known) if checksum(known.sql) != sum => bail!(
                "migration {name} was changed after it was applied; \
                 restore migrations/{name}.sql and put the change into a new file"
            ),
            Some(_) => {}
            None => bail!(
                "the database is newer than this program (it has migration {name}); \
                 run the newer program, or restore the copy that was kept before the upgrade"
            ),
        }
    }
    Ok(())
}

fn checksum(sql: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(sql)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes every text");
            hex
        })
}
