//! Runs workflows. Whatever happens stands in the tables; the task here only hears of it, as every
//! follower of the event log does, and calls [`advance`](advance::advance).

mod advance;
mod begin;
mod body;
pub mod commands;
pub mod http;
mod keep;
mod page;
pub mod queries;
mod stream;
mod summary;

use std::time::Duration;

use serde::Deserialize;
use tokio::time::sleep;

use crate::Result;
use crate::app::App;
use crate::events::Recorded;
use crate::ids::Id;
use crate::live::{Arrival, Follower};
use crate::runtime::Status;
use crate::time::Clock;

/// Between two attempts at what has failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs until the service stops.
pub async fn run(app: App) {
    while !app.stop.is_cancelled() {
        let drive = drive(&app);
        // The next round reads all it has to know from the tables.
        if let Err(error) = app.metrics.catch_panic(drive).await {
            tracing::error!(?error, "the engine of the workflows begins again");
            sleep(PAUSE).await;
        }
    }
}

async fn drive(app: &App) -> Result<()> {
    let topics = "runtime.status,agent.deleting,agent.deleted,workflow.created";
    // Before the tables are read, so that what happens in between is heard.
    let mut news = Follower::now(app, topics);
    let going_on = app.db.read(queries::going_on).await?;
    advance_all(app, going_on).await?;
    loop {
        let now = Clock::system().now();
        let next = app
            .db
            .read(move |db| queries::next_time_out(db, now))
            .await?;
        let time_out = async {
            let Some(next) = next else {
                return std::future::pending().await;
            };
            let millis = next.millis_since(now).unsigned_abs();
            sleep(Duration::from_millis(millis)).await;
        };
        tokio::select! {
            arrival = news.next() => match arrival? {
                Some(Arrival::Event(event)) => {
                    let concerned = concerned(app, &event).await?;
                    advance_all(app, concerned).await?;
                }
                // What was missed stands in the tables.
                Some(Arrival::Gap(_)) | None => return Ok(()),
            },
            () = time_out => {
                let now = Clock::system().now();
                let overdue = app.db.read(move |db| queries::overdue(db, now)).await?;
                advance_all(app, overdue).await?;
            }
        }
    }
}

/// The workflows that the event may take on.
async fn concerned(app: &App, event: &Recorded) -> Result<Vec<Id>> {
    #[derive(Deserialize)]
    struct Told {
        id: Id,
        to: Status,
    }
    match event.topic.as_str() {
        "runtime.status" => {
            let told: Told = serde_json::from_str(event.data.get()).map_err(anyhow::Error::from)?;
            if !told.to.is_terminal() {
                return Ok(Vec::new());
            }
            let workflow = super::steps::queries::workflow_of;
            let found = app.db.read(move |db| workflow(db, told.id)).await?;
            Ok(found.into_iter().collect())
        }
        // It may have a time-out, and is as far as it can be.
        "workflow.created" => Ok(Vec::new()),
        // Runs of the agent are gone.
        _ => app.db.read(queries::going_on).await,
    }
}

/// Every one of them, also if one fails: which is an error in the end, so that it is tried again.
async fn advance_all(app: &App, workflows: Vec<Id>) -> Result<()> {
    let mut result = Ok(());
    for id in workflows {
        let settings = app.settings();
        let advance = app.db.write(move |db| advance::advance(db, id, &settings));
        if let Err(error) = advance.await {
            tracing::error!(%id, ?error, "a workflow could not go on; it is tried again");
            result = Err(error);
        }
    }
    result
}
