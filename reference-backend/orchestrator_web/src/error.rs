//! Every failure of the service, and the problem document (RFC 9457) that a caller sees of it.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, as the code that meets it names it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The body is not JSON, or a parameter cannot be read at all.
    #[error("{0}")]
    Malformed(String),
    #[error("unknown {0}")]
    NotFound(&'static str),
    /// A duplicate name, an illegal state move.
    #[error("{0}")]
    Conflict(String),
    /// The same, with further members of the problem document: what the caller needs to do better.
    #[error("{0}")]
    ConflictWith(String, Map<String, Value>),
    /// A body or a query that was read and whose values do not hold; all of them are listed.
    #[error("{} of the request's values cannot be accepted", .0.len())]
    Invalid(Vec<FieldError>),
    /// A refusal by its status alone: 401, 403, 405, 413, 415, 421, 429; 422 where what is wrong stands
    /// not in the request.
    #[error("{1}")]
    Refused(StatusCode, String),
    /// 429, and how long to wait.
    #[error("{0}")]
    TooMany(String, Duration),
    #[error("{0}")]
    Unavailable(String),
    #[error("internal error")]
    Internal(#[from] anyhow::Error),
}

/// One value that cannot be accepted: where it stands, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// RFC 6901 pointer into the body, `""` for the body itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Name of the query parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    pub detail: String,
}

impl FieldError {
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.into()),
            parameter: None,
            detail: detail.into(),
        }
    }

    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: None,
            parameter: Some(name.into()),
            detail: detail.into(),
        }
    }
}

/// What a caller reads of a failure: `application/problem+json`, RFC 9457.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub title: &'static str,
    pub status: u16,
    pub detail: String,
    /// The values that cannot be accepted, for 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// The same as the header `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What this kind of problem tells besides.
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: Map<String, Value>,
}

/// The members of an object.
pub fn members(about: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(about) {
        Ok(Value::Object(members)) => members,
        _ => unreachable!("an object of plain data"),
    }
}

impl Error {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) | Self::ConflictWith(..) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Refused(status, _) => *status,
            Self::TooMany(..) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn problem(&self) -> Problem {
        let status = self.status();
        Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.to_string(),
            errors: match self {
                Self::Invalid(errors) => errors.clone(),
                _ => Vec::new(),
            },
            request_id: crate::trace::request_id(),
            members: match self {
                Self::ConflictWith(_, members) => members.clone(),
                _ => Map::new(),
            },
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Internal(source) = &self {
            tracing::error!(error = format!("{source:#}"), "request failed");
        }
        let problem = self.problem();
        let body = serde_json::to_vec(&problem).expect("a problem document is plain data");
        let json = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status(), [(header::CONTENT_TYPE, json)], body).into_response();
        if let Self::TooMany(_, wait) = self {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() != 0);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        // For who shows it in another form.
        response.extensions_mut().insert(problem);
        response
    }
}
