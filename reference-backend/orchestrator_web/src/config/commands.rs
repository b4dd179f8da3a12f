use super::current::{Reloaded, names};
use crate::Result;
use crate::batch::Batch;
use crate::db::Write;
use crate::events::Event;
use crate::json::Json;
use crate::runtime::logs::Level;
use crate::system::commands::{self as system, NewSystemLog};

/// Notes what a reading of the sources has changed, for followers and in the system's log.
pub fn reloaded(db: &mut Write, told: &Reloaded) -> Result<()> {
    let level = match told.pending.waiting[..] {
        [] => Level::Info,
        _ => Level::Warning,
    };
    let details = serde_json::to_string(told).and_then(|text| serde_json::from_str(&text));
    let details = details.map_err(anyhow::Error::from)?;
    say(db, level, told.summary(), Some(details))?;
    db.record(&Event::ConfigReloaded {
        applied: names(&told.applied),
        after_restart: names(&told.pending.after_restart),
        waiting: names(&told.pending.waiting),
    })
}

/// Notes that the sources could not be read, where nobody waits for an answer.
pub fn refused(db: &mut Write, reason: &str) -> Result<()> {
    let message = format!("the settings stay as they are: {reason}");
    say(db, Level::Error, message, None)
}

fn say(db: &mut Write, log_level: Level, message: String, details: Option<Json>) -> Result<()> {
    let line = NewSystemLog {
        component: "config".to_owned(),
        log_level,
        message,
        details,
    };
    system::write(db, Batch::One(line)).map(drop)
}
