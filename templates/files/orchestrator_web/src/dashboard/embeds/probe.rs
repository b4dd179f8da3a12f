//! Asks a tool whether it is there, and whether it lets itself be framed: one request to the address that
//! the settings give, with nothing of this service's in it. No redirect is followed, no body is read.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, HOST, USER_AGENT, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, Request, StatusCode};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Address;
use crate::fault::reason;
use crate::health::VERSION;
use crate::health::system::Health;

/// From the look-up of its name to the head of its answer.
const PATIENCE: Duration = Duration::from_secs(2);
const LONGEST_HEAD: usize = 32 << 10;

/// How a tool is.
pub struct Found {
    pub health: Health,
    pub reason: String,
    /// The header by which it forbids that pages of `host` frame it.
    pub forbids_frames: Option<String>,
}

/// Asks the tool at `address`, for a page that stands at `host`.
pub async fn ask(address: &Address, host: &str) -> Found {
    let silent = |error: &io::Error| Found {
        health: Health::Failed,
        reason: format!("it does not answer: {}", reason(error)),
        forbids_frames: None,
    };
    match timeout(PATIENCE, head(address)).await {
        Err(_) => silent(&io::ErrorKind::TimedOut.into()),
        Ok(Err(error)) => silent(&error),
        Ok(Ok(None)) => Found {
            health: Health::Well,
            reason: "it takes connections; what it answers to https is not looked at".into(),
            forbids_frames: None,
        },
        Ok(Ok(Some((status, headers)))) => answered(status, &headers, host),
    }
}

/// The head of the answer; none where it is encrypted, which this service does not read.
async fn head(address: &Address) -> io::Result<Option<(StatusCode, HeaderMap)>> {
    let authority = address.authority();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().unwrap_or_default()),
        _ if address.is_encrypted() => (authority, 443),
        _ => (authority, 80),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((host, port)).await?;
    if address.is_encrypted() {
        return Ok(None);
    }
    let request = Request::get(address.target())
        .header(HOST, authority)
        .header(ACCEPT, "text/html,*/*;q=0.8")
        .header(USER_AGENT, format!("orchestrator_web/{VERSION}"))
        .body(Body::from(Bytes::new()))
        .map_err(io::Error::other)?;
    let mut http = http1::Builder::new();
    let handshake = http
        .max_buf_size(LONGEST_HEAD)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(io::Error::other)?;
    // The connection is dropped with its head, whatever else would come; one that has ended may have
    // brought it before.
    let mut answer = pin!(sender.send_request(request));
    let answer = tokio::select! {
        biased;
        answer = &mut answer => answer,
        _ = connection => answer.await,
    };
    let (head, _) = answer.map_err(io::Error::other)?.into_parts();
    Ok(Some((head.status, head.headers)))
}

fn answered(status: StatusCode, headers: &HeaderMap, host: &str) -> Found {
    let is_elsewhere = status.is_redirection();
    let (health, more) = match status {
        _ if is_elsewhere => (Health::Limited, ", which is not followed"),
        _ if status.is_server_error() => (Health::Limited, ""),
        _ => (Health::Well, ""),
    };
    Found {
        health,
        reason: format!("it answers {status}{more}"),
        forbids_frames: forbidding(headers, host).filter(|_| !is_elsewhere),
    }
}

/// As browsers read it: where any policy names `frame-ancestors`, `X-Frame-Options` does not count.
fn forbidding(headers: &HeaderMap, host: &str) -> Option<String> {
    let lines = |name| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|it| it.to_str().ok())
    };
    let policies = lines(CONTENT_SECURITY_POLICY).flat_map(|line| line.split(','));
    let directives = policies.flat_map(|policy| policy.split(';'));
    let ancestors = directives.filter_map(|it| {
        let mut words = it.split_ascii_whitespace();
        let is_it = words.next()?.eq_ignore_ascii_case("frame-ancestors");
        is_it.then(|| words.collect::<Vec<_>>())
    });
    let ancestors: Vec<_> = ancestors.collect();
    if !ancestors.is_empty() {
        let closed = ancestors
            .iter()
            .find(|it| !it.iter().any(|it| names(it, host)));
        return closed
            .map(|it| format!("content-security-policy: frame-ancestors {}", it.join(" ")));
    }
    let options = lines(X_FRAME_OPTIONS).flat_map(|line| line.split(','));
    let options: Vec<_> = options.map(|it| it.trim().to_ascii_lowercase()).collect();
    // Whatever else stands there is no option, and allows it.
    let found = options
        .iter()
        .find(|it| ["deny", "sameorigin"].contains(&it.as_str()));
    found.map(|it| format!("x-frame-options: {it}"))
}

/// Whether a source of `frame-ancestors` is `host`, whatever the scheme: a proxy may have put another
/// before this service. `'self'` is the tool's own origin, and not this one.
fn names(source: &str, host: &str) -> bool {
    let source = source.to_ascii_lowercase();
    let source = source
        .split_once("://")
        .map_or(source.as_str(), |(_, rest)| rest);
    if ["*", "http:", "https:"].contains(&source) {
        return true;
    }
    let source = source.split('/').next().unwrap_or_default();
    let split = |it: &str| {
        let (name, port) = it.rsplit_once(':').unwrap_or((it, ""));
        (name.to_owned(), port.to_owned())
    };
    let (asked, named) = (split(&host.to_ascii_lowercase()), split(source));
    let is_host = match named.0.strip_prefix('*') {
        Some(domain) => asked.0.ends_with(domain),
        None => asked.0 == named.0,
    };
    is_host && (named.1 == "*" || named.1 == asked.1)
}
