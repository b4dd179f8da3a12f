//! What pages of the origins in `CORS_ORIGINS` are told, so that their browsers let them through.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::Sender;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, last-event-id";
const ANSWER_HEADERS: &str = "link, location, x-request-id";

/// Whether the browser only asks if it may send a request.
pub fn is_preflight(request: &Request) -> bool {
    let is_asked = |name| request.headers().contains_key(name);
    request.method() == Method::OPTIONS
        && is_asked(header::ORIGIN)
        && is_asked(header::ACCESS_CONTROL_REQUEST_METHOD)
}

pub fn preflight(sender: &Sender) -> Response {
    match sender {
        Sender::Allowed(_) => (
            StatusCode::NO_CONTENT,
            [
                (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
                (header::ACCESS_CONTROL_MAX_AGE, "600"),
            ],
        )
            .into_response(),
        // A page of our own under another of our names: it should use its own.
        Sender::Own | Sender::Unknown => StatusCode::NO_CONTENT.into_response(),
    }
}

/// Lets the page read the answer.
pub fn expose(response: &mut Response, sender: &Sender, with_credentials: bool) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let Sender::Allowed(origin) = sender else {
        return;
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(ANSWER_HEADERS),
    );
    if with_credentials {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
}
