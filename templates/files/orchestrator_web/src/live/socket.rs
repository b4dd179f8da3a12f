//! A WebSocket as this service uses it: text out, short messages in, closed when the service stops
//! or the client cannot keep up.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::http::request::Parts;
use tokio::time::timeout;

use crate::{Error, Result};

const LONGEST_MESSAGE: usize = 4096;
/// A client that takes nothing for this long is closed; it comes back with its last id.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request that asks for a WebSocket; any other is told that one is needed (426).
pub(super) struct Upgrade(pub WebSocketUpgrade);

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state)
            .await
            .map_err(|_| {
                let detail = "this path speaks WebSocket (RFC 6455) only";
                Error::Refused(StatusCode::UPGRADE_REQUIRED, detail.into())
            })?;
        Ok(Self(
            upgrade
                .max_message_size(LONGEST_MESSAGE)
                .max_frame_size(LONGEST_MESSAGE),
        ))
    }
}

/// What a client has sent.
pub(super) enum Incoming {
    Text(String),
    /// Pings, pongs and binary frames: nothing to act on.
    Other,
    Closed,
}

pub(super) async fn receive(socket: &mut WebSocket) -> Incoming {
    match socket.recv().await {
        Some(Ok(Message::Text(text))) => Incoming::Text(text.to_string()),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Incoming::Closed,
        Some(Ok(_)) => Incoming::Other,
    }
}

/// Sends `text`; an error if the client is gone or does not keep up.
pub(super) async fn send(socket: &mut WebSocket, text: String) -> Result<(), ()> {
    let sent = timeout(PATIENCE, socket.send(Message::Text(text.into()))).await;
    sent.map_err(drop)?.map_err(drop)
}

/// Says why it closes, to a client that may be gone already.
pub(super) async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let frame = CloseFrame {
        code,
        reason: reason.into(),
    };
    let _ = timeout(PATIENCE, socket.send(Message::Close(Some(frame)))).await;
}

pub(super) const STOPPING: u16 = close_code::RESTART;
pub(super) const NOT_UNDERSTOOD: u16 = close_code::INVALID;
