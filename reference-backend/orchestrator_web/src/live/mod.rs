//! The event log as a stream: replay what was missed, then follow, without loss or repeat.
//!
//! The table is the mail and the bell only the doorbell, so that a slow follower, a reconnect, a
//! burst and a restart of the service are the same case: read on after the last id.

mod recent;
mod socket;
pub(crate) mod sse;
pub mod status;
mod ws;

use std::collections::VecDeque;

use serde::Serialize;
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Result;
use crate::app::App;
use crate::events::{self, EventId, Recorded};
use crate::extract::{FromQuery, QueryReader};

pub use recent::Recent;

const BATCH: i64 = 200;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sse::events))
        .routes(routes!(ws::events))
        .routes(routes!(status::agent_status))
}

/// Reads the log on from a place in it.
pub struct Follower {
    app: App,
    bell: watch::Receiver<EventId>,
    topics: Topics,
    last: EventId,
    waiting: VecDeque<Arrival>,
}

/// What a follower gets next.
#[derive(Debug, Clone)]
pub enum Arrival {
    Event(Recorded),
    Gap(Gap),
}

impl Arrival {
    /// Where to go on after this one.
    pub fn id(&self) -> EventId {
        match self {
            Self::Event(event) => event.id,
            Self::Gap(gap) => gap.resumed_after,
        }
    }

    pub fn topic(&self) -> &str {
        match self {
            Self::Event(event) => &event.topic,
            Self::Gap(_) => "gap",
        }
    }

    /// `{"id","topic","data","created_at"}`, the same for every transport; a gap has no time.
    pub fn envelope(&self) -> String {
        let json = match self {
            Self::Event(event) => serde_json::to_string(event),
            Self::Gap(gap) => serde_json::to_string(&serde_json::json!({
                "id": gap.resumed_after, "topic": "gap", "data": gap, "created_at": null,
            })),
        };
        json.expect("an arrival is plain data")
    }
}

/// Events that a follower asked for and that are not there.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Gap {
    /// The place after which the follower asked to go on.
    pub after: EventId,
    /// The place after which it goes on.
    pub resumed_after: EventId,
    pub reason: GapReason,
}

#[derive(Debug, Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The events are older than what is kept.
    Pruned,
    /// The place lies in the future: the database was restored from a backup.
    Restored,
}

impl Follower {
    /// Follows from now on.
    pub fn now(app: &App, topics: impl Into<Topics>) -> Self {
        let bell = app.db.bell();
        let last = *bell.borrow();
        Self {
            app: app.clone(),
            bell,
            topics: topics.into(),
            last,
            waiting: VecDeque::new(),
        }
    }

    /// Follows from `after`, or from now on.
    pub async fn start(app: &App, after: Option<EventId>, topics: Topics) -> Result<Self> {
        let mut follower = Self::now(app, topics);
        if let Some(after) = after {
            follower.resume(after).await?;
        }
        Ok(follower)
    }

    /// Goes on after `after`, wherever it was before.
    pub async fn resume(&mut self, after: EventId) -> Result<()> {
        let newest = self.app.db.read(events::newest).await?;
        self.waiting.clear();
        self.last = after;
        if newest < after {
            let reason = GapReason::Restored;
            self.last = newest;
            self.waiting.push_back(Arrival::Gap(Gap {
                after,
                resumed_after: newest,
                reason,
            }));
        }
        Ok(())
    }

    /// Waits for what comes next; `None` when the service stops. May be cancelled: nothing is
    /// lost, the next call goes on at the same place.
    pub async fn next(&mut self) -> Result<Option<Arrival>> {
        loop {
            if self.app.stop.is_cancelled() {
                return Ok(None);
            }
            if let Some(arrival) = self.waiting.pop_front() {
                return Ok(Some(arrival));
            }
            // Before the events are read, so that a bell in between is heard.
            let newest = *self.bell.borrow_and_update();
            let batch = self
                .app
                .recent
                .after(&self.app.db, self.last, newest)
                .await?;
            if batch.is_empty() {
                tokio::select! {
                    rung = self.bell.changed() => if rung.is_err() { return Ok(None) },
                    () = self.app.stop.cancelled() => return Ok(None),
                }
            }
            self.take(batch);
        }
    }

    /// Ids have no holes, so that a missing one is a pruned one.
    fn take(&mut self, batch: Vec<Recorded>) {
        for event in batch {
            if self.last + 1 < event.id {
                let (after, resumed_after) = (self.last, event.id - 1);
                let gap = Gap {
                    after,
                    resumed_after,
                    reason: GapReason::Pruned,
                };
                self.waiting.push_back(Arrival::Gap(gap));
            }
            self.last = event.id;
            if self.topics.contain(&event.topic) {
                self.waiting.push_back(Arrival::Event(event));
            }
        }
    }
}

/// What to follow, and from where.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Subscription {
    /// Topics, separated by commas: whole (`agent.created`) or up to the dot (`agent`). All, if
    /// it is left out.
    #[param(value_type = Option<String>)]
    pub topics: Option<Topics>,
    /// The id of the last event that was seen. From now on, if it is left out.
    #[param(minimum = 0, value_type = Option<i64>)]
    pub after: Option<EventId>,
}

impl FromQuery for Subscription {
    fn from_query(query: &mut QueryReader) -> Self {
        let after = query.optional("after");
        if after.is_some_and(|after: EventId| after < 0) {
            query.refuse("after", "must not be negative");
        }
        Self {
            topics: query.optional("topics"),
            after,
        }
    }
}

/// A filter by topic; an empty one lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Topics(Vec<String>);

impl Topics {
    fn contain(&self, topic: &str) -> bool {
        let thing = topic.split('.').next().unwrap_or_default();
        self.0.is_empty() || self.0.iter().any(|it| it == topic || it == thing)
    }
}

impl From<&str> for Topics {
    fn from(text: &str) -> Self {
        let topics = text
            .split(',')
            .map(str::trim)
            .filter(|topic| !topic.is_empty());
        Self(topics.map(ToOwned::to_owned).collect())
    }
}

impl std::str::FromStr for Topics {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.into())
    }
}
