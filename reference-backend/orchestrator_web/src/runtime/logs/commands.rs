use std::collections::BTreeSet;

use super::{Level, Log, LogType};
use crate::Result;
use crate::batch::Batch;
use crate::db::{Write, search};
use crate::events::Event;
use crate::ids::Id;
use crate::json::Json;
use crate::runtime::agents::queries::require_lasting;

#[derive(Debug, Clone)]
pub struct NewLog {
    pub agent_id: Id,
    pub log_level: Level,
    pub log_type: LogType,
    pub message: String,
    pub details: Option<Json>,
}

/// Writes every line, with one event for all, or none: 404 if an instance is unknown, 409 if its
/// agent is being deleted.
pub fn write(db: &mut Write, lines: Batch<NewLog>) -> Result<Batch<Log>> {
    let agents: BTreeSet<Id> = lines.items().iter().map(|line| line.agent_id).collect();
    for &agent in &agents {
        require_lasting(db, agent)?;
    }
    let insert = |db: &mut Write| lines.try_map(|line| insert(db, line));
    let written = search::index(db, "agent_logs", insert)?;
    let levels = written.items().iter().map(|line| line.log_level);
    db.record(&Event::LogsWritten {
        count: written.items().len(),
        agent_ids: agents.into_iter().collect(),
        highest_level: levels.max(),
    })?;
    Ok(written)
}

fn insert(db: &mut Write, new: NewLog) -> Result<Log> {
    let log = Log {
        id: Id::generate(),
        agent_id: new.agent_id,
        log_level: new.log_level,
        log_type: new.log_type,
        message: new.message,
        details: new.details,
        created_at: db.now(),
    };
    db.execute(
        "INSERT INTO agent_logs (id, agent_id, log_level, log_type, message, details, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            &log.id,
            &log.agent_id,
            &log.log_level,
            &log.log_type,
            &log.message,
            &log.details,
            &log.created_at,
        ],
    )?;
    Ok(log)
}
