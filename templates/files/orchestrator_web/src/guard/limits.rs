//! What one request may take: bytes, time, and no other request with it when it panics.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::RequestExt as _;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;

use crate::Error;
use crate::config::Limits;
use crate::extract::too_large;
use crate::metrics::Metrics;

/// Holds a request to the limits of body and time. The time ends with the head of the answer, so
/// that streams may go on.
pub async fn keep(State(limits): State<Limits>, mut request: Request, next: Next) -> Response {
    let most = limits.max_body_bytes.get();
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > most) {
        return too_large().into_response();
    }
    // A chunked body tells its length only at its end: it is cut off when it goes over.
    DefaultBodyLimit::max(most).apply(&mut request);
    let answer = next.run(request.with_limited_body());

    let seconds = limits.request_timeout_seconds.get();
    let answer = tokio::time::timeout(Duration::from_secs(seconds.into()), answer).await;
    answer.unwrap_or_else(|_| {
        let detail = format!("the request was given up after {seconds} seconds");
        Error::Unavailable(detail).into_response()
    })
}

pub async fn catch_panic(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answer.unwrap_or_else(|panic| {
        metrics.panics.inc();
        let message = panic.downcast_ref::<&str>().copied();
        let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let message = message.unwrap_or("no message");
        Error::Internal(anyhow::anyhow!("the handler panicked: {message}")).into_response()
    })
}
