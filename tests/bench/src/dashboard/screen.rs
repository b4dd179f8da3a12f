//! How soon what is written stands in an open page, while more is written all the time.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use serde_json::json;
use tokio::time::interval;

use super::browser::Browser;
use super::seed;
use crate::http::Connection;
use crate::report::{Row, Target};

const LINES: usize = 300;
/// No multiple of any pause of the page.
const BETWEEN: Duration = Duration::from_millis(37);
/// Notes when each of the lines is there, in milliseconds since 1970.
const WATCH: &str = r"void (() => {
    window.seen = {};
    const lines = document.getElementById('lines');
    new MutationObserver(() => {
        const now = performance.timeOrigin + performance.now();
        for (const { textContent } of [...lines.children].slice(-40)) {
            const number = textContent.match(/written (\d+) of/)?.[1];
            if (number) window.seen[number] ??= now;
        }
    }).observe(lines, { childList: true });
})()";

pub async fn measure(address: SocketAddr) -> anyhow::Result<Row> {
    eprintln!("dashboard: {LINES} lines into an open page");
    let mut browser = Browser::start().await?;
    browser.go(&format!("http://{address}/logs")).await?;
    let is_live = "document.getElementById('live')?.innerText === 'live'";
    browser.value(&until(is_live)).await?;
    browser.value(WATCH).await?;
    let mut connection = Connection::open(address).await?;
    let (mut tick, mut written) = (interval(BETWEEN), Vec::new());
    for number in 0..LINES {
        tick.tick().await;
        let line = json!({ "agent_id": seed::run(100_000), "log_level": "INFO", "log_type": "output",
            "message": format!("written {number} of {LINES}") });
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        written.push(now.as_secs_f64() * 1000.0);
        connection
            .post("/api/runtime/logs", &line.to_string())
            .await?;
    }
    let are_seen = format!("Object.keys(window.seen).length === {LINES}");
    browser.value(&until(&are_seen)).await?;
    let seen = browser.value("window.seen").await?;
    let taken = written.iter().enumerate().map(|(number, written)| {
        let seen = seen[number.to_string()].as_f64();
        Ok(seen.with_context(|| format!("line {number} was not seen"))? - written)
    });
    let mut taken = taken.collect::<anyhow::Result<Vec<_>>>()?;
    taken.sort_by(f64::total_cmp);
    let (half, most) = (taken[LINES / 2], taken[LINES - 1]);
    let row = Row::alone(
        "commit to page, p99",
        "ms",
        taken[LINES * 99 / 100],
        Target::AtMost(100.0),
    );
    Ok(row.note(format!(
        "{LINES} lines, one each {} ms, from the moment before the POST was sent until it stands in the \
         page of logs in Chromium; p50 {half:.0}, longest {most:.0} ms",
        BETWEEN.as_millis()
    )))
}

/// A promise that this becomes true.
fn until(condition: &str) -> String {
    format!(
        "new Promise((done) => {{ const look = () => ({condition}) ? done() : setTimeout(look, 10); look(); }})"
    )
}
