//! What a request that changes something may carry.

use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::http::{Method, StatusCode};

use super::{Sender, changes_state};
use crate::extract::media_type;
use crate::{Error, Result};

/// JSON, or a form of this service's own pages. Any page can make a browser send a form or
/// `text/plain` without asking first (a "simple" request); for JSON, and for methods other than
/// POST, the browser asks with a preflight, which only allowed origins pass.
pub fn check(request: &Request, sender: &Sender) -> Result<()> {
    if !changes_state(request) {
        return Ok(());
    }
    match media_type(request.headers()).as_deref() {
        Some("application/json") => Ok(()),
        Some("application/x-www-form-urlencoded" | "multipart/form-data")
            if *sender == Sender::Own =>
        {
            Ok(())
        }
        None if request.method() != Method::POST && request.body().is_end_stream() => Ok(()),
        _ => Err(Error::Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send `content-type: application/json`; forms are for this service's own pages".into(),
        )),
    }
}
