use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event as Frame, KeepAlive, Sse};
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

use super::{Arrival, Follower, Subscription};
use crate::app::App;
use crate::error::FieldError;
use crate::events::EventId;
use crate::extract::Query;
use crate::metrics::Open;
use crate::{Error, Result};

const KEEP_ALIVE: Duration = Duration::from_secs(15);
const QUEUED_FRAMES: usize = 64;
/// A client that takes nothing for this long is closed; it comes back with its last id.
const PATIENCE: Duration = Duration::from_secs(10);

/// Every event as it is committed, as server-sent events
///
/// `id` is the event's id, `event` its topic, `data` the envelope `{id, topic, data, created_at}`.
/// Goes on after `Last-Event-ID` or `after`. What is no longer there is told by an event
/// `gap`.
#[utoipa::path(get, path = "/api/events", tag = "live",
    params(Subscription, ("last-event-id" = Option<i64>, Header)),
    responses((status = 200, body = String, content_type = "text/event-stream")))]
pub(super) async fn events(
    State(app): State<App>,
    Query(subscription): Query<Subscription>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Frame, Infallible>>>> {
    // The header is the newer of the two: a browser sends it when it reconnects by itself.
    let after = last_event_id(&headers)?.or(subscription.after);
    let topics = subscription.topics.unwrap_or_default();
    let follower = Follower::start(&app, after, topics).await?;
    Ok(answer(&app, |frames| feed(follower, frames)))
}

async fn feed(mut follower: Follower, frames: Frames) {
    // An error was logged where it arose; the client resumes by its last id.
    while let Ok(Some(arrival)) = follower.next().await {
        if frames.send(frame(&arrival)).await.is_err() {
            return;
        }
    }
}

/// The way of frames to one client.
pub(crate) struct Frames(mpsc::Sender<Result<Frame, Infallible>>);

/// The client has gone, or takes nothing any more.
pub(crate) struct Gone;

impl Frames {
    pub async fn send(&self, frame: Frame) -> Result<(), Gone> {
        let sent = self.0.send_timeout(Ok(frame), PATIENCE).await;
        sent.map_err(|_| Gone)
    }
}

/// A stream of what `feed` sends; it is dropped when the client goes.
pub(crate) fn answer<S, F>(
    app: &App,
    feed: S,
) -> Sse<impl Stream<Item = Result<Frame, Infallible>> + use<S, F>>
where
    S: FnOnce(Frames) -> F,
    F: Future<Output = ()> + Send + 'static,
{
    let (frames, mut queue) = mpsc::channel(QUEUED_FRAMES);
    let open = Open::count(&app.metrics.event_streams);
    let feed = feed(Frames(frames.clone()));
    tokio::spawn(async move {
        tokio::select! {
            () = feed => {}
            () = frames.closed() => {}
        }
        drop(open);
    });
    let stream = stream::poll_fn(move |context| queue.poll_recv(context));
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn frame(arrival: &Arrival) -> Frame {
    let frame = Frame::default().id(arrival.id().to_string());
    frame.event(arrival.topic()).data(arrival.envelope())
}

/// Where the client's last stream ended.
pub(crate) fn last_event_id(headers: &HeaderMap) -> Result<Option<EventId>> {
    let Some(value) = headers
        .get("last-event-id")
        .filter(|value| !value.is_empty())
    else {
        return Ok(None);
    };
    let id = value
        .to_str()
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|id| 0 <= *id);
    let wrong = || FieldError::parameter("last-event-id", "must be the id of an event");
    id.map(Some).ok_or_else(|| Error::Invalid(vec![wrong()]))
}
