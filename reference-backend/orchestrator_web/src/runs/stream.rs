use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event as Frame, Sse};
use futures_util::Stream;
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use crate::Result;
use crate::app::App;
use crate::db::Read;
use crate::extract::PathId;
use crate::ids::Id;
use crate::live::sse::{Frames, answer, last_event_id};
use crate::live::{Arrival, Follower};
use crate::runtime::Status;
use crate::runtime::agents;
use crate::runtime::logs::{self, Log};

const BATCH: i64 = 200;
/// What may write lines, end the instance, or remove it.
const TOPICS: &str = "logs,runtime,agent,retention";
/// Between two looks at the table.
const PAUSE: Duration = Duration::from_millis(20);

/// The log of an instance as it grows, from its first line on, as server-sent events
///
/// Each line is an event `log`, with a line of the log as JSON; when the instance has ended, `end` tells
/// its status, and the stream is over. Goes on after `Last-Event-ID`.
#[utoipa::path(get, path = "/api/runtime/agents/{id}/logs/stream", tag = "runs",
    params(("id" = Id, Path), ("last-event-id" = Option<i64>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream")))]
pub(super) async fn logs(
    State(app): State<App>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Frame, Infallible>>>> {
    let after = last_event_id(&headers)?.unwrap_or(0);
    app.db
        .read(move |db| agents::queries::require(db, id))
        .await?;
    Ok(answer(&app.clone(), move |frames| async move {
        feed(app, id, after, frames).await.unwrap_or_default();
    }))
}

/// Ends at an error, which was logged where it arose; an instance that is gone has no log. The client
/// resumes by its last id.
async fn feed(app: App, id: Id, mut after: i64, frames: Frames) -> Result<()> {
    loop {
        // Before the table is read, so that what happens in between is heard.
        let mut news = Follower::now(&app, TOPICS);
        let looked = Instant::now();
        let (status, lines) = app.db.read(move |db| look(db, id, after)).await?;
        let is_all = lines.is_empty();
        for (seq, line) in lines {
            after = seq;
            if frames.send(frame("log", after, json(&line))).await.is_err() {
                return Ok(());
            }
        }
        if is_all && status.is_terminal() {
            let ended = serde_json::json!({ "status": status });
            // Nobody is left to be told that the client has gone.
            let _ = frames.send(frame("end", after, json(&ended))).await;
            return Ok(());
        }
        if is_all {
            if !has_news(&mut news, id).await? {
                return Ok(());
            }
            sleep_until(looked + PAUSE).await;
        }
    }
}

/// Waits for what may have changed the instance or its log; `false` when the service stops.
async fn has_news(news: &mut Follower, id: Id) -> Result<bool> {
    while let Some(arrival) = news.next().await? {
        let is_of_others = match &arrival {
            Arrival::Gap(_) => false,
            Arrival::Event(event) => {
                let tells_whose = ["logs.", "runtime."]
                    .iter()
                    .any(|it| event.topic.starts_with(it));
                tells_whose && !event.data.get().contains(id.as_str())
            }
        };
        if !is_of_others {
            return Ok(true);
        }
    }
    Ok(false)
}

fn look(db: &Read, id: Id, after: i64) -> Result<(Status, Vec<(i64, Log)>)> {
    let status = agents::queries::get(db, id)?.status;
    Ok((status, logs::queries::after(db, id, after, BATCH)?))
}

fn json(data: &impl Serialize) -> String {
    serde_json::to_string(data).expect("it is plain data")
}

fn frame(topic: &str, id: i64, data: String) -> Frame {
    Frame::default().id(id.to_string()).event(topic).data(data)
}
