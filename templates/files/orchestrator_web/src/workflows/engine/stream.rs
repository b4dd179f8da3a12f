use std::convert::Infallible;

use axum::extract::State;
use axum::response::sse::{Event as Frame, Sse};
use futures_util::Stream;
use serde::Deserialize;

use super::queries::show;
use crate::app::App;
use crate::events::{self, EventId};
use crate::extract::PathId;
use crate::ids::Id;
use crate::live::sse::{Frames, answer};
use crate::live::{Arrival, Follower};
use crate::time::Clock;
use crate::workflows::Workflow;
use crate::workflows::queries::get;
use crate::{Error, Result};

/// A workflow as it goes on, as server-sent events
///
/// Each event is `status`, with the workflow as `GET /api/workflows/{id}` shows it: at once, and then
/// after every change. The stream is over when the workflow has ended.
#[utoipa::path(get, path = "/api/workflows/stream/{id}", tag = "workflows",
    params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream")))]
pub(super) async fn stream(
    State(app): State<App>,
    PathId(id): PathId,
) -> Result<Sse<impl Stream<Item = Result<Frame, Infallible>>>> {
    app.db.read(move |db| get(db, id)).await?;
    Ok(answer(&app.clone(), move |frames| async move {
        // An error was logged where it arose, and a client that has gone needs no more; whoever comes
        // again gets the newest at once.
        let _ = feed(app, id, frames).await;
    }))
}

async fn feed(app: App, id: Id, frames: Frames) -> Result<()> {
    // Before the workflow is read, so that what happens in between is heard.
    let mut news = Follower::now(&app, "workflow");
    loop {
        let now = Clock::system().now();
        let look = move |db: &crate::db::Read| Ok((events::newest(db)?, show(db, id, now)?));
        let (event, workflow) = app.db.read(look).await?;
        let status = workflow.status;
        let json = serde_json::to_string(&Workflow::from(workflow)).map_err(anyhow::Error::from)?;
        let frame = Frame::default()
            .id(event.to_string())
            .event("status")
            .data(json);
        let is_gone = frames.send(frame).await.is_err();
        if is_gone || status.is_terminal() || !change(&mut news, id, event).await? {
            return Ok(());
        }
    }
}

/// Waits for a change of the workflow that came after the event `seen`; `false` when the service stops.
async fn change(news: &mut Follower, id: Id, seen: EventId) -> Result<bool> {
    #[derive(Deserialize)]
    struct Told {
        id: Id,
    }
    while let Some(arrival) = news.next().await? {
        let is_it = match arrival {
            Arrival::Gap(_) => true,
            Arrival::Event(event) if event.id <= seen => false,
            Arrival::Event(event) => {
                let told = serde_json::from_str::<Told>(event.data.get());
                told.map_err(|error| Error::from(anyhow::Error::from(error)))?
                    .id
                    == id
            }
        };
        if is_it {
            return Ok(true);
        }
    }
    Ok(false)
}
