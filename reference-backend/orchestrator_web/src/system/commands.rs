use super::SystemLog;
use crate::Result;
use crate::batch::Batch;
use crate::db::{Write, search};
use crate::events::Event;
use crate::ids::Id;
use crate::json::Json;
use crate::runtime::logs::Level;

#[derive(Debug, Clone)]
pub struct NewSystemLog {
    pub component: String,
    pub log_level: Level,
    pub message: String,
    pub details: Option<Json>,
}

/// Writes every line, with one event for all.
pub fn write(db: &mut Write, lines: Batch<NewSystemLog>) -> Result<Batch<SystemLog>> {
    let insert = |db: &mut Write| lines.try_map(|line| insert(db, line));
    let written = search::index(db, "system_logs", insert)?;
    let levels = written.items().iter().map(|line| line.log_level);
    db.record(&Event::SystemLogsWritten {
        count: written.items().len(),
        highest_level: levels.max(),
    })?;
    Ok(written)
}

fn insert(db: &mut Write, new: NewSystemLog) -> Result<SystemLog> {
    let log = SystemLog {
        id: Id::generate(),
        component: new.component,
        log_level: new.log_level,
        message: new.message,
        details: new.details,
        created_at: db.now(),
    };
    db.execute(
        "INSERT INTO system_logs (id, component, log_level, message, details, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            &log.id,
            &log.component,
            &log.log_level,
            &log.message,
            &log.details,
            &log.created_at,
        ],
    )?;
    Ok(log)
}
