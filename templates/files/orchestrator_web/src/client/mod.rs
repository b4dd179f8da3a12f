//! Asks the service that runs with the same settings, for the subcommands that need it.

mod events;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{Method, Request, Response, StatusCode};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::{Settings, Token};
use crate::fault::{Fault, reason};

pub use events::{Events, Frame};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    token: Option<Token>,
    /// How long an answer may take, in whole.
    pub patience: Duration,
}

pub struct Reply {
    pub status: StatusCode,
    /// The page of a list that follows.
    pub next: Option<String>,
    pub body: Bytes,
}

impl Reply {
    /// The body of a success, which is null if it is empty; the words of the problem otherwise.
    pub fn json(&self) -> anyhow::Result<Value> {
        if !self.status.is_success() {
            bail!(problem(self.status, &self.body));
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).context("read the answer of the service")
    }
}

/// What a problem document says, on one line.
fn problem(status: StatusCode, body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(detail) = problem["detail"].as_str() else {
        return format!("the service answers {status}");
    };
    let errors = problem["errors"].as_array().into_iter().flatten();
    let errors = errors.map(|error| {
        let place = error["pointer"].as_str().or(error["parameter"].as_str());
        let place = place.unwrap_or_default().trim_start_matches('/');
        format!("{place} {}", error["detail"].as_str().unwrap_or_default())
    });
    let errors: Vec<_> = errors.map(|it| it.trim().to_owned()).collect();
    if errors.is_empty() {
        detail.to_owned()
    } else {
        errors.join("; ")
    }
}

/// Runs what asks the service.
pub fn block_on<T>(asking: impl Future<Output = T>) -> anyhow::Result<T> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().context("start the runtime")?;
    Ok(runtime.block_on(asking))
}

impl Client {
    pub fn new(settings: &Settings) -> Result<Self, Fault> {
        if settings.port == 0 {
            return Err(Fault::new(
                "port 0 stands for a free port, and does not say which one the service took",
                "name the port that the service printed: --port",
            ));
        }
        let limit = settings.limits.request_timeout_seconds.get();
        Ok(Self {
            address: address(settings),
            token: settings.token.clone(),
            // The service gives up first, and says so.
            patience: Duration::from_secs(limit.into()) + CONNECT,
        })
    }

    /// The answer, whatever its status.
    pub async fn send(&self, method: Method, path: &str, body: Value) -> Result<Reply, Fault> {
        let answer = async {
            let (head, body) = self.request(method, path, body, None).await?.into_parts();
            let link = head.headers.get("link").and_then(|it| it.to_str().ok());
            Ok(Reply {
                status: head.status,
                next: link.and_then(next),
                body: to_bytes(body, usize::MAX).await.map_err(io::Error::other)?,
            })
        };
        let answer = timeout(self.patience, answer).await;
        let answer = answer.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        answer.map_err(|error| self.silent(&error))
    }

    /// The beginning of an answer that goes on.
    async fn open(&self, path: &str, after: Option<&str>) -> io::Result<Response<Body>> {
        let opened = self.request(Method::GET, path, Value::Null, after);
        timeout(self.patience, opened).await?
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        body: Value,
        after: Option<&str>,
    ) -> io::Result<Response<Body>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, format!("localhost:{}", self.address.port()))
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.expose()));
        }
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let request = request.body(body).map_err(io::Error::other)?;
        let stream = timeout(CONNECT, TcpStream::connect(self.address)).await??;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        // What is wrong with the connection is told to whoever reads the answer.
        tokio::spawn(async { connection.await.unwrap_or_default() });
        let response = sender.send_request(request).await.map_err(|error| {
            let is_http = !error.is_parse();
            io::Error::other(if is_http {
                "it hung up"
            } else {
                "that is not HTTP"
            })
        })?;
        Ok(response.map(Body::new))
    }

    fn silent(&self, error: &io::Error) -> Fault {
        Fault::new(
            format!(
                "the service at http://{} does not answer: {}",
                self.address,
                reason(error)
            ),
            "start it with `orchestrator_web`, or with --port name the one that it has: \
             `orchestrator_web config` shows the settings used here",
        )
    }
}

/// An address of the service that this machine can reach.
fn address(settings: &Settings) -> SocketAddr {
    let address = match settings.host.addresses()[0] {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(address, settings.port)
}

/// The path in `<path>; rel="next"`.
fn next(link: &str) -> Option<String> {
    let (path, rest) = link.strip_prefix('<')?.split_once('>')?;
    rest.contains("rel=\"next\"").then(|| path.to_owned())
}
