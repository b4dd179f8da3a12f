//! From a commit to its frame at each of 200 clients, half of them over SSE and half over WebSocket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::agents;
use crate::http::Connection;
use crate::process::Service;
use crate::report::{Row, Target};
use crate::rounds::percentile;

const CLIENTS: usize = 100;
const COMMITS: usize = 300;
const BETWEEN_COMMITS: Duration = Duration::from_millis(50);
/// The name of each agent ends in its number, so that a frame is known by six digits after this.
const NAME: &str = "live agent ";
const DIGITS: usize = 6;

const SSE: &str = "GET /api/events HTTP/1.1\r\n";
const WEBSOCKET: &str = "GET /ws/events HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
     sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// When a frame was there, by the number of its agent.
type Arrivals = Vec<Instant>;

pub async fn measure(service: &Service) -> anyhow::Result<Row> {
    eprintln!("live: {COMMITS} commits to {} clients", 2 * CLIENTS);
    let everyone = Arc::new(Barrier::new(2 * CLIENTS + 1));
    let mut clients = JoinSet::new();
    for request in [SSE, WEBSOCKET] {
        for _ in 0..CLIENTS {
            clients.spawn(follow(service.address, request, Arc::clone(&everyone)));
        }
    }
    everyone.wait().await;
    let commits = commit(service.address).await?;
    let (mut sent, mut answered) = (Vec::new(), Vec::new());
    while let Some(arrivals) = clients.join_next().await {
        for (at, (send, answer)) in arrivals??.into_iter().zip(&commits) {
            sent.push(millis(*send, at));
            answered.push(millis(*answer, at));
        }
    }
    let at = |values: &Vec<f64>, share| percentile(values.clone(), share);
    let row = Row::alone(
        "commit to frame, p99",
        "ms",
        at(&sent, 0.99),
        Target::AtMost(20.0),
    );
    Ok(row.note(format!(
        "{} frames at {CLIENTS} SSE and {CLIENTS} WebSocket clients, from the moment before the POST was \
         sent, so that the commit itself is in it; p50 {:.1}, longest {:.1} ms; from the POST's \
         answer p50 {:.1}, p99 {:.1} ms (below 0: the frame came first)",
        sent.len(),
        at(&sent, 0.5),
        at(&sent, 1.0),
        at(&answered, 0.5),
        at(&answered, 0.99),
    )))
}

/// Makes the agents; when each POST was sent and when it was answered.
async fn commit(address: SocketAddr) -> anyhow::Result<Vec<(Instant, Instant)>> {
    let mut connection = Connection::open(address).await?;
    let mut tick = interval(BETWEEN_COMMITS);
    let mut commits = Vec::new();
    for number in 0..COMMITS {
        tick.tick().await;
        let body = agents::body(&format!("{NAME}{number:0DIGITS$}"));
        let sent = Instant::now();
        connection.post("/api/agents", &body).await?;
        commits.push((sent, Instant::now()));
    }
    Ok(commits)
}

/// Reads a stream until every commit was seen, each once and in order.
async fn follow(
    address: SocketAddr,
    request: &str,
    everyone: Arc<Barrier>,
) -> anyhow::Result<Arrivals> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("{request}host: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut text = Vec::new();
    while !text.windows(4).any(|it| it == b"\r\n\r\n") {
        let read = stream.read_buf(&mut text).await?;
        ensure!(read > 0, "a stream was closed before its head");
    }
    let head = String::from_utf8_lossy(&text);
    let is_open = ["HTTP/1.1 200", "HTTP/1.1 101"]
        .iter()
        .any(|it| head.starts_with(it));
    ensure!(is_open, "no stream: {head}");
    everyone.wait().await;

    // Both transports show the event's text as it is; their frames need not be taken apart.
    text.clear();
    let mut arrivals = Vec::new();
    while arrivals.len() < COMMITS {
        let read = stream.read_buf(&mut text).await?;
        ensure!(read > 0, "a stream was closed early");
        let now = Instant::now();
        while let Some((number, end)) = first(&text) {
            ensure!(
                number == arrivals.len(),
                "commit {number} came as the {}th",
                arrivals.len()
            );
            arrivals.push(now);
            text.drain(..end);
        }
    }
    Ok(arrivals)
}

/// The number of the first agent in `text`, and the place after it.
fn first(text: &[u8]) -> Option<(usize, usize)> {
    let name = NAME.as_bytes();
    let begin = text.windows(name.len()).position(|it| it == name)? + name.len();
    let digits = text.get(begin..begin + DIGITS)?;
    let number = str::from_utf8(digits).ok()?.parse().ok()?;
    Some((number, begin + DIGITS))
}

/// From `start` to `end`, less than 0 if they are the other way round.
fn millis(start: Instant, end: Instant) -> f64 {
    let forth = end.saturating_duration_since(start).as_secs_f64();
    let back = start.saturating_duration_since(end).as_secs_f64();
    (forth - back) * 1e3
}
