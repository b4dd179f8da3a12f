//! Open tabs: each follows the log over a stream, and fetches what it hears of as the page's script does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use super::pages::{page, values};
use super::seed;
use crate::http::Connection;
use crate::memory::megabytes;
use crate::process::Service;
use crate::report::{Row, Target};

const TABS: usize = 200;
const SECONDS: usize = 10;
const BATCHES_A_SECOND: u32 = 10;
const LINES_A_SECOND: usize = 50;
const LINES: usize = LINES_A_SECOND * SECONDS;
/// Between an answer and the next request for the same part, or three times what that took, as in
/// `live.js`.
const PAUSE: Duration = Duration::from_millis(60);

pub async fn measure(service: &Service) -> anyhow::Result<[Row; 2]> {
    eprintln!("dashboard: {TABS} tabs for {SECONDS} s");
    let everyone = Arc::new(Barrier::new(TABS + 1));
    let mut tabs = JoinSet::new();
    for _ in 0..TABS {
        tabs.spawn(follow(service.address, Arc::clone(&everyone)));
    }
    everyone.wait().await;
    let (cpu, began) = (service.cpu()?, Instant::now());
    write(service.address).await?;
    let used = service.cpu()?.saturating_sub(cpu).as_secs_f64() / began.elapsed().as_secs_f64();
    let memory = service.memory()?;
    let mut fetches = 0;
    while let Some(fetched) = tabs.join_next().await {
        fetches += fetched??;
    }
    let processor = Row::alone(
        "200 open tabs, processor",
        "cores",
        used,
        Target::AtMost(1.0),
    );
    let resident = megabytes(memory.rss);
    let memory = Row::alone(
        "200 open tabs, memory",
        "MB",
        resident,
        Target::AtMost(60.0),
    );
    Ok([
        processor.note(format!(
            "the page of logs, a stream each, {LINES_A_SECOND} lines a second for {SECONDS} s; the tabs \
             fetched {fetches} times what was new, and saw each line once"
        )),
        memory.note("resident set, with what the pages before have left in caches".to_owned()),
    ])
}

/// Some lines at a time, of a run that goes on elsewhere.
async fn write(address: SocketAddr) -> anyhow::Result<()> {
    let line = json!({ "agent_id": seed::run(100_000), "log_level": "INFO", "log_type": "output",
        "message": "the agent prints a line of about eighty characters as tools do" });
    let batches = usize::try_from(BATCHES_A_SECOND)? * SECONDS;
    let lines = Value::Array(vec![line; LINES / batches]).to_string();
    let mut connection = Connection::open(address).await?;
    let mut tick = interval(Duration::from_secs(1) / BATCHES_A_SECOND);
    for _ in 0..batches {
        tick.tick().await;
        connection.post("/api/runtime/logs", &lines).await?;
    }
    Ok(())
}

/// Follows the log until every line was seen; how often it was fetched.
async fn follow(address: SocketAddr, everyone: Arc<Barrier>) -> anyhow::Result<usize> {
    let mut connection = Connection::open(address).await?;
    let html = page(&mut connection, "/logs").await?;
    let mut new = newer(&html)?;
    let path = values(&html, "hx-sse:connect").pop().context("no stream")?;
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut heard = Vec::new();
    while !heard.windows(4).any(|it| it == b"\r\n\r\n") {
        ensure!(stream.read_buf(&mut heard).await? > 0, "no stream");
    }
    everyone.wait().await;
    let (mut seen, mut fetches) = (0, 0);
    while seen < LINES {
        heard.clear();
        ensure!(stream.read_buf(&mut heard).await? > 0, "a stream has ended");
        // An event that comes in two pieces is heard of with the next one, and the last with a pulse.
        if !heard.windows(12).any(|it| it == b"logs.written") {
            continue;
        }
        let asked = Instant::now();
        let html = page(&mut connection, &new).await?;
        let took = asked.elapsed();
        seen += html.matches("id=\"line-").count();
        new = newer(&html)?;
        fetches += 1;
        sleep(PAUSE.max(3 * took)).await;
    }
    ensure!(seen == LINES, "{seen} lines were seen of {LINES}");
    Ok(fetches)
}

/// Where a tab asks for the lines that come after those in `html`.
fn newer(html: &str) -> anyhow::Result<String> {
    let parts = values(html, "hx-get");
    let new = parts.into_iter().find(|it| it.contains("part=new"));
    new.context("no end of the log")
}
