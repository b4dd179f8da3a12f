//! The id of a request: in its answer, in its problem document, in the log.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::ids::Id;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static REQUEST: Id;
}

/// The id of the request that is being answered; `None` outside of one.
pub fn request_id() -> Option<String> {
    REQUEST.try_with(Id::to_string).ok()
}

/// Gives every request an id of our own: one that a caller sent could forge a log line.
pub async fn with_request_id(request: Request, next: Next) -> Response {
    let id = Id::generate();
    let mut response = REQUEST.scope(id, next.run(request)).await;
    let value = HeaderValue::from_str(id.as_str()).expect("an id is ASCII");
    response.headers_mut().insert(HEADER, value);
    response
}
