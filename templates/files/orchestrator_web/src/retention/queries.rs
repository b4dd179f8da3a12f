use super::{Kind, oldest_kept};
use crate::Result;
use crate::config::Keep;
use crate::db::Read;
use crate::page::Cursor;
use crate::time::Timestamp;

/// The place of the newest row that is not to be kept: it goes, and all before it.
pub fn last_to_go(db: &Read, kind: Kind, keep: Keep, now: Timestamp) -> Result<Option<Cursor>> {
    // The ids of rows begin at 1, so that this place lies before all rows of its time.
    let too_old = oldest_kept(keep, now).map(|created_at| Cursor { created_at, seq: 0 });
    let too_many = match keep.max {
        0 => None,
        max => first_beyond(db, kind, max)?,
    };
    Ok(too_old.max(too_many))
}

/// The newest row that is one too many.
fn first_beyond(db: &Read, kind: Kind, max: u32) -> Result<Option<Cursor>> {
    let sql = match kind {
        Kind::Logs => {
            "SELECT created_at, seq FROM agent_logs \
             ORDER BY created_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        Kind::SystemLogs => {
            "SELECT created_at, seq FROM system_logs \
             ORDER BY created_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        Kind::Prompts => {
            "SELECT created_at, seq FROM prompts \
             ORDER BY created_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        Kind::Runs => {
            "SELECT completed_at, seq FROM agents WHERE completed_at IS NOT NULL \
             ORDER BY completed_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        Kind::Workflows => {
            "SELECT completed_at, seq FROM ai_developer_workflows WHERE completed_at IS NOT NULL \
             ORDER BY completed_at DESC, seq DESC LIMIT 1 OFFSET ?1"
        }
        // One more goes, for the event that will tell of it: or there would be one too many again.
        Kind::Events => {
            "SELECT created_at, id FROM events WHERE id <= 1 + (SELECT id FROM events \
             ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?1) ORDER BY id DESC LIMIT 1"
        }
    };
    db.first(sql, &[&i64::from(max)], |row| {
        let (created_at, seq) = (row.take()?, row.take()?);
        Ok(Cursor { created_at, seq })
    })
}
