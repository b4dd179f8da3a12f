//! The durable event log: what happened, in the order of the commits.
//!
//! A command records its events in its own transaction, so that an event stands in the table if
//! and only if what it tells has happened. Ids grow and are never used twice.

mod event;

use crate::Result;
use crate::db::{Read, Row, Write};
use crate::time::Timestamp;

pub use event::Event;
use serde::Serialize;
use serde_json::value::RawValue;

/// Position in the log; the first event has 1, 0 stands before it.
pub type EventId = i64;

/// An event with its place in the log: what followers get.
#[derive(Debug, Clone, Serialize)]
pub struct Recorded {
    pub id: EventId,
    pub topic: String,
    pub data: Box<RawValue>,
    pub created_at: Timestamp,
}

impl Write<'_> {
    /// Adds `event` to the log; followers see it once the command is committed.
    pub fn record(&mut self, event: &Event) -> Result<()> {
        let data = serde_json::to_string(event).map_err(anyhow::Error::from)?;
        let now = self.now();
        let id = self.returning(
            "INSERT INTO events (topic, data, created_at) VALUES (?1, ?2, ?3) RETURNING id",
            &[&event.topic(), &data, &now],
            |row| row.take(),
        )?;
        self.ring(id.ok_or_else(|| anyhow::anyhow!("an event got no id"))?);
        Ok(())
    }
}

/// The events after `id`, oldest first.
pub fn after(db: &Read, id: EventId, limit: i64) -> Result<Vec<Recorded>> {
    db.all(
        "SELECT id, topic, data, created_at FROM events WHERE id > ?1 ORDER BY id LIMIT ?2",
        &[&id, &limit],
        recorded,
    )
}

/// The id of the newest event, 0 if there was none. Pruning always keeps the newest one.
pub fn newest(db: &Read) -> Result<EventId> {
    db.number("SELECT coalesce(max(id), 0) FROM events", &[])
}

/// The id of the oldest event that is kept, 0 if there is none.
pub fn oldest(db: &Read) -> Result<EventId> {
    db.number("SELECT coalesce(min(id), 0) FROM events", &[])
}

fn recorded(row: &mut Row) -> Result<Recorded> {
    let (id, topic) = (row.take()?, row.take()?);
    let data = RawValue::from_string(row.take()?).map_err(anyhow::Error::from)?;
    Ok(Recorded {
        id,
        topic,
        data,
        created_at: row.take()?,
    })
}
