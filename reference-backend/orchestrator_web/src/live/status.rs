//! `/ws/agent-status`: the state of all instances, on connect and then on every change.
//!
//! One task looks for all clients: at once when this service has committed something, and every
//! `WEBSOCKET_POLL_MS` whether another process has written into the same database.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::response::Response;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::sleep;

use super::socket::{self, Incoming, Upgrade};
use crate::app::App;
use crate::db::Version;
use crate::metrics::Open;
use crate::time::Clock;
use crate::{Result, events, runtime};

/// Changes that come within this time are shown together.
const COALESCE: Duration = Duration::from_millis(50);

/// The instances as JSON, `[]` until somebody looks.
pub type Snapshot = watch::Sender<Arc<str>>;

/// The state of all instances, on connect and then on every change, over a WebSocket
///
/// A text message each: `{"type":"agent_update","data":{"agents":[…],"timestamp"}}` with every
/// instance that is not terminal and the 100 latest that are.
#[utoipa::path(get, path = "/ws/agent-status", tag = "live",
    responses((status = 101), (status = 426, body = crate::error::Problem,
        content_type = "application/problem+json")))]
pub(super) async fn agent_status(
    State(app): State<App>,
    Upgrade(upgrade): Upgrade,
) -> Result<Response> {
    // Subscribed before the first look, so that no change falls in between.
    let changes = app.snapshot.subscribe();
    let first = snapshot(&app).await?;
    let open = Open::count(&app.metrics.websocket_connections);
    Ok(upgrade.on_upgrade(move |socket| show(socket, app, first, changes, open)))
}

async fn show(
    mut socket: WebSocket,
    app: App,
    first: Arc<str>,
    mut changes: watch::Receiver<Arc<str>>,
    _open: Open,
) {
    let mut shown = first;
    if socket::send(&mut socket, message(&shown)).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            rung = changes.changed() => {
                let agents = Arc::clone(&changes.borrow_and_update());
                if rung.is_err() {
                    return;
                }
                if agents != shown && socket::send(&mut socket, message(&agents)).await.is_err() {
                    return;
                }
                shown = agents;
            }
            incoming = socket::receive(&mut socket) => {
                if matches!(incoming, Incoming::Closed) {
                    return;
                }
            }
            () = app.stop.cancelled() => {
                return socket::close(socket, socket::STOPPING, "the service is stopping").await;
            }
        }
    }
}

fn message(agents: &str) -> String {
    let timestamp = Clock::system().now();
    format!(r#"{{"type":"agent_update","data":{{"agents":{agents},"timestamp":"{timestamp}"}}}}"#)
}

/// Looks for changes until the service stops.
pub async fn watch(app: App) {
    let mut bell = app.db.bell();
    let mut seen = None;
    loop {
        let poll = Duration::from_millis(app.settings().websocket_poll_ms.get().into());
        tokio::select! {
            _ = bell.changed() => {}
            () = sleep(poll) => {}
            () = app.stop.cancelled() => return,
        }
        // A database that is away is told by the health checks; the next look may succeed.
        let looked = app.metrics.catch_panic(look(&app, &mut seen)).await;
        if let Err(error) = looked {
            tracing::warn!(?error, "could not look for changes");
        }
        sleep(COALESCE).await;
    }
}

async fn look(app: &App, seen: &mut Option<Version>) -> Result<()> {
    let version = app.db.version()?;
    if *seen == Some(version) {
        return Ok(());
    }
    // Events of another process: its bell does not ring here.
    app.db.ring(app.db.read(events::newest).await?);
    if 0 < app.snapshot.receiver_count() {
        app.snapshot.send_replace(snapshot(app).await?);
    }
    *seen = Some(version);
    Ok(())
}

async fn snapshot(app: &App) -> Result<Arc<str>> {
    let agents = app.db.read(runtime::agents::queries::snapshot).await?;
    Ok(json!(agents).to_string().into())
}
