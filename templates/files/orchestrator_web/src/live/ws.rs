use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::response::Response;
use serde::Deserialize;

use super::socket::{self, Incoming, Upgrade};
use super::{Follower, Subscription};
use crate::Result;
use crate::app::App;
use crate::events::EventId;
use crate::extract::Query;
use crate::metrics::Open;

/// What a client may say: where to go on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resume {
    resume_after: EventId,
}

/// Every event as it is committed, over a WebSocket
///
/// A text message each: the envelope `{id, topic, data, created_at}`. `{"resume_after": n}` from
/// the client goes on after event `n`, at any time.
#[utoipa::path(get, path = "/ws/events", tag = "live", params(Subscription),
    responses((status = 101), (status = 426, body = crate::error::Problem,
        content_type = "application/problem+json")))]
pub(super) async fn events(
    State(app): State<App>,
    Query(subscription): Query<Subscription>,
    Upgrade(upgrade): Upgrade,
) -> Result<Response> {
    let topics = subscription.topics.unwrap_or_default();
    let follower = Follower::start(&app, subscription.after, topics).await?;
    let open = Open::count(&app.metrics.websocket_connections);
    Ok(upgrade.on_upgrade(move |socket| feed(socket, follower, open)))
}

async fn feed(mut socket: WebSocket, mut follower: Follower, _open: Open) {
    loop {
        tokio::select! {
            arrival = follower.next() => {
                // An error was logged where it arose; the client resumes by its last id.
                let Ok(Some(arrival)) = arrival else {
                    return socket::close(socket, socket::STOPPING, "the service is stopping").await;
                };
                if socket::send(&mut socket, arrival.envelope()).await.is_err() {
                    return;
                }
            }
            incoming = socket::receive(&mut socket) => match incoming {
                Incoming::Text(text) => {
                    let place = serde_json::from_str::<Resume>(&text).ok();
                    let Some(place) = place.filter(|it| 0 <= it.resume_after) else {
                        let reason = "the one message that is understood is {\"resume_after\": n}";
                        return socket::close(socket, socket::NOT_UNDERSTOOD, reason).await;
                    };
                    if follower.resume(place.resume_after).await.is_err() {
                        return;
                    }
                }
                Incoming::Other => {}
                Incoming::Closed => return,
            },
        }
    }
}
