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
use crate::runtime::Status;
use crate::runtime::agents;
use crate::runtime::logs::{self, Log};

const BATCH: i64 = 200;
/// Between two looks at the table: whatever anybody writes rings the bell.
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
    Ok(answer(&app.clone(), move |frames| {
        feed(app, id, after, frames)
    }))
}

async fn feed(app: App, id: Id, mut after: i64, frames: Frames) {
    let mut bell = app.db.bell();
    while !app.stop.is_cancelled() {
        // Before the table is read, so that a bell in between is heard.
        bell.mark_unchanged();
        let looked = Instant::now();
        // An error was logged where it arose, and an instance that is gone has no log; the client
        // resumes by its last id.
        let Ok((status, lines)) = app.db.read(move |db| look(db, id, after)).await else {
            return;
        };
        let is_all = lines.is_empty();
        for (seq, line) in lines {
            after = seq;
            if frames.send(frame("log", after, json(&line))).await.is_err() {
                return;
            }
        }
        if is_all && status.is_terminal() {
            let ended = serde_json::json!({ "status": status });
            // Nobody is left to be told that the client has gone.
            let _ = frames.send(frame("end", after, json(&ended))).await;
            return;
        }
        if is_all {
            tokio::select! {
                rung = bell.changed() => if rung.is_err() { return },
                () = app.stop.cancelled() => return,
            }
            sleep_until(looked + PAUSE).await;
        }
    }
}

/// The status first: what was written before an end is seen after it.
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
