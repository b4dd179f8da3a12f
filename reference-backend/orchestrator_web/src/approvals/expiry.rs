//! Questions that nobody answers get their answer from the clock.

use std::time::Duration;

use tokio::time::sleep;

use super::{commands, queries};
use crate::Result;
use crate::app::App;
use crate::live::Follower;
use crate::time::{Clock, Timestamp};

/// Between two attempts at what has failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Answers what has waited too long, until the service stops.
pub async fn run(app: App) {
    while !app.stop.is_cancelled() {
        if let Err(error) = app.metrics.catch_panic(watch(&app)).await {
            tracing::error!(?error, "could not answer a question whose time is over");
            sleep(PAUSE).await;
        }
    }
}

/// One timer, for the question that is next; each new one may come before it.
async fn watch(app: &App) -> Result<()> {
    // Before the table is read, so that what happens in between is heard.
    let mut news = Follower::now(app, "approval");
    loop {
        let next = app.db.read(queries::next_expiry).await?;
        tokio::select! {
            arrival = news.next() => if arrival?.is_none() { return Ok(()) },
            () = wait(next) => app.db.write(commands::expire).await?,
        }
    }
}

async fn wait(until: Option<Timestamp>) {
    match until {
        None => std::future::pending().await,
        Some(until) => {
            let rest = until.millis_since(Clock::system().now());
            sleep(Duration::from_millis(rest.unsigned_abs())).await;
        }
    }
}
