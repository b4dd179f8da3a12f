//! What a caller sees who is not let in: a person the page that asks for a code, a program a
//! problem document.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::Failure;
use crate::Error;

const PAGE: &str = include_str!("../../views/login.html");
const MESSAGE: &str = "<!-- message -->";

/// The page that asks for a code.
pub fn login() -> Html<String> {
    Html(PAGE.replace(MESSAGE, ""))
}

pub fn refuse(failure: Failure, headers: &HeaderMap) -> Response {
    let (status, detail) = match failure {
        Failure::Missing => (
            StatusCode::UNAUTHORIZED,
            "this service asks for its token, as `authorization: bearer …`",
        ),
        Failure::Wrong => (
            StatusCode::UNAUTHORIZED,
            "the token or the code is wrong, was used before, or is too old",
        ),
        Failure::TooMany(_) => (
            StatusCode::TOO_MANY_REQUESTS,
            "the token or the code is wrong, and so were too many before it",
        ),
    };
    let mut response = if is_person(headers) {
        let message = match failure {
            Failure::Missing => String::new(),
            _ => format!("<p role=\"alert\">Not accepted: {detail}.</p>"),
        };
        (status, Html(PAGE.replace(MESSAGE, &message))).into_response()
    } else {
        Error::Refused(status, detail.into()).into_response()
    };
    let answer = response.headers_mut();
    if let Failure::TooMany(wait) = failure {
        answer.insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
        // The next guess has to connect anew.
        answer.insert(header::CONNECTION, HeaderValue::from_static("close"));
    } else {
        let scheme = HeaderValue::from_static("Bearer");
        answer.insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

fn is_person(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
