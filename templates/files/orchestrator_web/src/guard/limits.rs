//! What one request may take: bytes, time, and no other request with it when it panics.

use std::time::Duration;

use axum::RequestExt as _;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::changes_state;
use crate::Error;
use crate::app::App;
use crate::extract::too_large;

/// Holds a request to the limits of body and time, and answers for it if it panics. The time ends with
/// the head of the answer, so that streams may go on.
pub async fn keep(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let settings = app.settings();
    let most = settings.limits.max_body_bytes.get();
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > most) {
        return too_large().into_response();
    }
    let may_change = changes_state(&request);
    // A chunked body tells its length only at its end: it is cut off when it goes over.
    DefaultBodyLimit::max(most).apply(&mut request);
    let answer = async { Ok(next.run(request.with_limited_body()).await) };
    let answer = app.metrics.catch_panic(answer);

    let seconds = settings.limits.request_timeout_seconds.get();
    let answer = tokio::time::timeout(Duration::from_secs(seconds.into()), answer).await;
    let Ok(answer) = answer else {
        let mut detail = format!("the request was given up after {seconds} s");
        if may_change {
            // The writer does not stop for a caller that is gone.
            detail.push_str("; what it was to change may still happen");
        }
        return Error::Unavailable(detail).into_response();
    };
    answer.into_response()
}
