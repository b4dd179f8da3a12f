//! When a browser shows the first of a page.

use std::net::SocketAddr;

use anyhow::Context as _;

use super::browser::Browser;
use crate::report::{Row, Target};
use crate::rounds::median;

const VISITS: usize = 5;
/// Milliseconds from the navigation to the first text or picture.
const PAINT: &str = "new Promise((seen) => new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries())
        if (name === 'first-contentful-paint') seen(startTime);
}).observe({ type: 'paint', buffered: true }))";

pub async fn measure(address: SocketAddr, pages: &[String]) -> anyhow::Result<Row> {
    eprintln!(
        "dashboard: {VISITS} visits of {} pages in a browser",
        pages.len()
    );
    let mut browser = Browser::start().await?;
    let mut latest = (0.0, "");
    for path in pages {
        let mut paints = Vec::new();
        for _ in 0..VISITS {
            browser.go(&format!("http://{address}{path}")).await?;
            let paint = browser.value(PAINT).await?.as_f64();
            paints.push(paint.with_context(|| format!("{path} has shown nothing"))?);
        }
        let paint = median(paints);
        if latest.0 < paint {
            latest = (paint, path);
        }
    }
    let (paint, path) = latest;
    let row = Row::alone("first paint", "ms", paint, Target::AtMost(300.0));
    Ok(row.note(format!(
        "first-contentful-paint in Chromium, nothing kept from another visit; median of {VISITS} visits \
         of the slowest of {} pages, {path}",
        pages.len()
    )))
}
