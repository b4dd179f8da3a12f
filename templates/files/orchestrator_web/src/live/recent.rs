//! The newest events in memory, so that each is read once and not once for every follower.

use std::collections::VecDeque;

use tokio::sync::Mutex;

use super::BATCH;
use crate::Result;
use crate::db::Db;
use crate::events::{self, EventId, Recorded};

/// How many are kept; a follower that is further behind reads the table.
const MOST: usize = 1024;

/// Without a hole, the oldest first.
#[derive(Default)]
pub struct Recent(Mutex<VecDeque<Recorded>>);

impl Recent {
    /// Events after `id`, oldest first, at most [`BATCH`]; none where `newest` is not after it.
    ///
    /// Whoever comes first after a commit reads for all who wait meanwhile.
    pub async fn after(&self, db: &Db, id: EventId, newest: EventId) -> Result<Vec<Recorded>> {
        if newest <= id {
            return Ok(Vec::new());
        }
        let mut kept = self.0.lock().await;
        let last = kept.back().map_or(0, |event| event.id);
        if last < newest {
            let start = last.max(newest - BATCH);
            let more = db.read(move |db| events::after(db, start, BATCH)).await?;
            if more.first().is_some_and(|first| last + 1 < first.id) {
                kept.clear();
            }
            kept.extend(more);
            let surplus = kept.len().saturating_sub(MOST);
            kept.drain(..surplus);
        }
        match kept.front() {
            Some(oldest) if oldest.id <= id + 1 => {
                let place = kept.partition_point(|event| event.id <= id);
                let length = usize::try_from(BATCH).expect("a few hundred");
                Ok(kept.range(place..).take(length).cloned().collect())
            }
            _ => {
                drop(kept);
                db.read(move |db| events::after(db, id, BATCH)).await
            }
        }
    }
}
