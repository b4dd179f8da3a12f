use super::{Kept, RecordKind, each, oldest_kept};
use crate::Result;
use crate::config::{Keep, Retention};
use crate::db::Read;
use crate::page::Cursor;
use crate::time::Timestamp;

/// The most rows that are counted of those that are to go.
pub const MOST: i64 = 10_000;

pub fn kept(db: &Read, retention: &Retention, now: Timestamp) -> Result<Vec<Kept>> {
    let kept = |(kind, keep): (RecordKind, Keep)| {
        let last = last_to_go(db, kind, keep, now)?;
        let (oldest, going) = statements(kind);
        Ok(Kept {
            kind,
            days: (keep.days != 0).then_some(keep.days),
            max: (keep.max != 0).then_some(keep.max),
            oldest: db.first(oldest, &[], |row| row.take())?,
            to_go: match last {
                None => 0,
                Some(last) => db.number(going, &[&last.created_at, &last.seq, &MOST])?,
            },
        })
    };
    each(retention).into_iter().map(kept).collect()
}

/// The time of the oldest row; and how many there are up to a time `?1` and row `?2`, but not more
/// than `?3`.
fn statements(kind: RecordKind) -> (&'static str, &'static str) {
    match kind {
        RecordKind::Logs => (
            "SELECT created_at FROM agent_logs ORDER BY created_at LIMIT 1",
            "SELECT count(*) FROM (SELECT 1 FROM agent_logs \
             WHERE (created_at, seq) <= (?1, ?2) LIMIT ?3)",
        ),
        RecordKind::SystemLogs => (
            "SELECT created_at FROM system_logs ORDER BY created_at LIMIT 1",
            "SELECT count(*) FROM (SELECT 1 FROM system_logs \
             WHERE (created_at, seq) <= (?1, ?2) LIMIT ?3)",
        ),
        RecordKind::Prompts => (
            "SELECT created_at FROM prompts ORDER BY created_at LIMIT 1",
            "SELECT count(*) FROM (SELECT 1 FROM prompts \
             WHERE (created_at, seq) <= (?1, ?2) LIMIT ?3)",
        ),
        RecordKind::Runs => (
            "SELECT completed_at FROM agents WHERE completed_at IS NOT NULL \
             ORDER BY completed_at LIMIT 1",
            "SELECT count(*) FROM (SELECT 1 FROM agents WHERE completed_at IS NOT NULL \
             AND (completed_at, seq) <= (?1, ?2) LIMIT ?3)",
        ),
        RecordKind::Workflows => (
            "SELECT completed_at FROM ai_developer_workflows WHERE completed_at IS NOT NULL \
             ORDER BY completed_at LIMIT 1",
            "SELECT count(*) FROM (SELECT 1 FROM ai_developer_workflows \
             WHERE completed_at IS NOT NULL AND (completed_at, seq) <= (?1, ?2) LIMIT ?3)",
        ),
        RecordKind::Events => (
            "SELECT created_at FROM events ORDER BY created_at LIMIT 1",
            "SELECT count(*) FROM (SELECT 1 FROM events WHERE (created_at, id) <= (?1, ?2) \
             AND id < (SELECT max(id) FROM events) LIMIT ?3)",
        ),
    }
}

/// The place of the newest row that is not to be kept: it goes, and all before it.
pub fn last_to_go(
    db: &Read,
    kind: RecordKind,
    keep: Keep,
    now: Timestamp,
) -> Result<Option<Cursor>> {
    // The ids of rows begin at 1, so that this place lies before all rows of its time.
    let too_old = oldest_kept(keep, now).map(|created_at| Cursor { created_at, seq: 0 });
    let too_many = match keep.max {
        0 => None,
        max => first_beyond(db, kind, max)?,
    };
    Ok(too_old.max(too_many))
}

/// The newest row that is one too many.
fn first_beyond(db: &Read, kind: RecordKind, max: u32) -> Result<Option<Cursor>> {
    // To step over those that stay takes a while; their numbers may tell at once that all of them do.
    if spread(db, kind)? < i64::from(max) {
        return Ok(None);
    }
    let sql = match kind {
        RecordKind::Logs => {
            "SELECT created_at, seq FROM agent_logs \
             ORDER BY created_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        RecordKind::SystemLogs => {
            "SELECT created_at, seq FROM system_logs \
             ORDER BY created_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        RecordKind::Prompts => {
            "SELECT created_at, seq FROM prompts \
             ORDER BY created_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        RecordKind::Runs => {
            "SELECT completed_at, seq FROM agents WHERE completed_at IS NOT NULL \
             ORDER BY completed_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        RecordKind::Workflows => {
            "SELECT completed_at, seq FROM ai_developer_workflows WHERE completed_at IS NOT NULL \
             ORDER BY completed_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        // One more goes, for the event that will tell of it: or there would be one too many again.
        RecordKind::Events => {
            "SELECT created_at, id FROM events WHERE id <= 1 + (SELECT id FROM events \
             ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?1) ORDER BY id DESC LIMIT 1"
        }
    };
    db.first(sql, &[&i64::from(max)], |row| {
        let (created_at, seq) = (row.take()?, row.take()?);
        Ok(Cursor { created_at, seq })
    })
}

/// From the number of the first row to that of the last: there are at most one more.
fn spread(db: &Read, kind: RecordKind) -> Result<i64> {
    let (table, number) = match kind {
        RecordKind::Logs => ("agent_logs", "seq"),
        RecordKind::SystemLogs => ("system_logs", "seq"),
        RecordKind::Prompts => ("prompts", "seq"),
        RecordKind::Runs => ("agents", "seq"),
        RecordKind::Workflows => ("ai_developer_workflows", "seq"),
        RecordKind::Events => ("events", "id"),
    };
    // Two queries in one: asked for both, SQLite reads all rows.
    let sql = format!(
        "SELECT coalesce((SELECT max({number}) FROM {table}) - (SELECT min({number}) FROM {table}), 0)"
    );
    db.number(&sql, &[])
}
