//! Retention: what is old, or too much, goes, a little at a time.

pub mod commands;
pub mod http;
pub mod queries;

use std::time::Duration;

use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};
use utoipa::ToSchema;

use crate::Result;
use crate::agents::deletion;
use crate::app::App;
use crate::config::{Keep, Retention};
use crate::db::Db;
use crate::text;
use crate::time::{Clock, Timestamp};

const EVERY: Duration = Duration::from_mins(5);
const DAY: Duration = Duration::from_hours(24);

text::choices! {
    /// What grows without end if nobody prunes it.
    pub enum RecordKind {
        Logs = "logs",
        SystemLogs = "system_logs",
        Prompts = "prompts",
        /// Instances that have ended, with their prompts, logs and approvals.
        Runs = "runs",
        /// Workflow records that have ended.
        Workflows = "workflows",
        Events = "events",
    }
}

/// What is kept of a kind, and what is not any longer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Kept {
    pub kind: RecordKind,
    /// Null for no bound.
    #[schema(required)]
    pub days: Option<u16>,
    /// How many rows; null for no bound.
    #[schema(required)]
    pub max: Option<u32>,
    /// When the oldest was made, or has ended; null where there is none.
    #[schema(required)]
    pub oldest: Option<Timestamp>,
    /// How many rows the next round would remove, without what belongs to them; 10,000 stands for more.
    pub to_go: i64,
}

/// Prunes, and finishes deletions that were left unfinished, at once and then every five minutes,
/// until the service stops.
pub async fn run(app: App) {
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let forever = async {
        loop {
            rounds.tick().await;
            let settings = app.settings();
            let prune = prune(&app.db, &settings.retention, Clock::system().now());
            // What could not be removed now is still there the next time.
            if let Err(error) = app.metrics.catch_panic(prune).await {
                tracing::warn!(?error, "could not prune");
            }
            let resume = deletion::resume(&app.db);
            if let Err(error) = app.metrics.catch_panic(resume).await {
                tracing::warn!(?error, "could not finish the deletion of an agent");
            }
        }
    };
    tokio::select! {
        () = forever => {}
        () = app.stop.cancelled() => {}
    }
}

/// Removes what is not to be kept at `now`, a small transaction at a time, so that other commands
/// come between.
pub async fn prune(db: &Db, retention: &Retention, now: Timestamp) -> Result<()> {
    for (kind, keep) in each(retention) {
        let last = db.read(move |db| queries::last_to_go(db, kind, keep, now));
        let Some(last) = last.await? else { continue };
        while commands::MOST_ROWS == db.write(move |db| commands::prune(db, kind, last)).await? {}
    }
    Ok(())
}

/// How long each kind is kept, in the order in which they are pruned.
fn each(retention: &Retention) -> [(RecordKind, Keep); 6] {
    [
        (RecordKind::Logs, retention.logs),
        (RecordKind::SystemLogs, retention.logs),
        (RecordKind::Prompts, retention.prompts),
        (RecordKind::Runs, retention.runs),
        (RecordKind::Workflows, retention.runs),
        // Last: what goes above is told by events.
        (RecordKind::Events, retention.events),
    ]
}

/// What is older than this goes.
fn oldest_kept(keep: Keep, now: Timestamp) -> Option<Timestamp> {
    (keep.days != 0).then(|| now.before(DAY * u32::from(keep.days)))
}
