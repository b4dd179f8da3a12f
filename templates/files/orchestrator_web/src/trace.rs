//! The log, and the id of a request: in its answer, in its problem document, in the log.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use tracing::{Instrument as _, Level};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Registry, fmt, reload};

use crate::config::{LogFormat, Settings};
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
    // An error's span: it stands in the log at every level.
    let span = tracing::error_span!("request", %id);
    let answer = REQUEST.scope(id, next.run(request)).instrument(span);
    let mut response = answer.await;
    let value = HeaderValue::from_str(id.as_str()).expect("an id is ASCII");
    response.headers_mut().insert(HEADER, value);
    response
}

/// The level of the log, once it is started.
static LEVEL: OnceLock<reload::Handle<LevelFilter, Registry>> = OnceLock::new();

/// Starts the log, on standard error: standard output belongs to what was asked for.
pub fn start(settings: &Settings) {
    let (level, handle) = reload::Layer::new(LevelFilter::from_level(settings.log_level));
    // https://no-color.org
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let lines = fmt::layer()
        .with_target(false)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && !no_color);
    let log = tracing_subscriber::registry().with(level);
    match settings.log_format {
        LogFormat::Text => log.with(lines).init(),
        LogFormat::Json => log.with(lines.json()).init(),
    }
    LEVEL.set(handle).expect("the log is started once");
}

/// Changes the level of the log, if it is started.
pub fn set_level(level: Level) {
    if let Some(handle) = LEVEL.get() {
        let set = handle.reload(LevelFilter::from_level(level));
        set.expect("the log lives as long as the program");
    }
}
