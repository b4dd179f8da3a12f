//! Every page of the navigation, and those of an agent, a run and a workflow among many.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::seed;
use crate::http::Connection;
use crate::report::{Row, Target};
use crate::rounds::{median, percentile};

const ROUNDS: usize = 3;
const VISITS: usize = 100;
/// What a browser that reads compressed pages sends.
const BROWSER: &str = "accept: text/html\r\naccept-encoding: gzip\r\n";

/// The paths of all.
pub async fn all(address: SocketAddr) -> anyhow::Result<Vec<String>> {
    let mut connection = Connection::open(address).await?;
    let overview = page(&mut connection, "/").await?;
    let (_, navigation) = overview.split_once("<nav ").context("no navigation")?;
    let (navigation, _) = navigation.split_once("</nav>").context("no end of it")?;
    let mut pages = values(navigation, "href");
    let (agent, run) = (seed::agent(7), seed::run(50_000));
    pages.extend([
        "/agents/new".to_owned(),
        format!("/agents/{agent}"),
        format!("/agents/{agent}/edit"),
        format!("/agents/{agent}/delete"),
        "/runs?status=failed".to_owned(),
        format!("/runs?agent={agent}"),
        format!("/runs/{run}"),
        format!("/runs/{run}/stop"),
        format!("/workflows/{}", seed::workflow(50_000)),
        "/costs?by=model".to_owned(),
        format!("/logs?agent={agent}"),
        "/logs?level=ERROR".to_owned(),
    ]);
    Ok(pages)
}

/// A page as text.
pub async fn page(connection: &mut Connection, path: &str) -> anyhow::Result<String> {
    let answer = connection.get_as(path, "accept: text/html\r\n").await?;
    Ok(str::from_utf8(answer.body)?.to_owned())
}

/// The values of an attribute in a page.
pub fn values(html: &str, attribute: &str) -> Vec<String> {
    let begin = format!(" {attribute}=\"");
    let rest = html.split(&begin).skip(1);
    let values = rest.filter_map(|rest| rest.split('"').next());
    values
        .map(|it| it.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

/// What is sent for the largest page, heads and all: at the first visit, and later.
pub async fn sizes(address: SocketAddr, pages: &[String]) -> anyhow::Result<[Row; 2]> {
    let mut connection = Connection::open(address).await?;
    let mut assets = BTreeSet::new();
    let mut largest = (0.0, "");
    for path in pages {
        let html = page(&mut connection, path).await?;
        let links = [values(&html, "href"), values(&html, "src")].concat();
        assets.extend(links.into_iter().filter(|it| it.starts_with("/assets/")));
        let answer = connection.get_as(path, BROWSER).await?;
        let size = kilobytes(answer.head.len() + answer.body.len());
        if largest.0 < size {
            largest = (size, path);
        }
    }
    let mut kept = 0.0;
    for path in &assets {
        let answer = connection.get_as(path, BROWSER).await?;
        let is_kept = answer.head.contains("immutable");
        ensure!(is_kept, "{path} is asked for again: {}", answer.head);
        kept += kilobytes(answer.head.len() + answer.body.len());
    }
    let (size, path) = largest;
    let row = |what, size, most| Row::alone(what, "kB", size, Target::AtMost(most));
    let first = row("page, first visit", size + kept, 60.0);
    let later = row("page, later visits", size, 15.0);
    Ok([
        first.note(format!(
            "the largest page with the {} files that all load, {kept:.1} kB",
            assets.len()
        )),
        later.note(format!("the largest of {}: {path}", pages.len())),
    ])
}

fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}

/// From the request to the whole answer of each page, over a connection that is open.
pub async fn times(address: SocketAddr, pages: &[String]) -> anyhow::Result<Row> {
    eprintln!(
        "dashboard: {VISITS} visits of {} pages, {ROUNDS} times",
        pages.len()
    );
    let mut connection = Connection::open(address).await?;
    let mut slowest = Vec::new();
    for path in pages {
        let (mut halves, mut longest) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let mut times = Vec::new();
            for _ in 0..VISITS {
                let began = Instant::now();
                connection.get_as(path, BROWSER).await?;
                times.push(began.elapsed().as_secs_f64() * 1e3);
            }
            halves.push(median(times.clone()));
            longest.push(percentile(times, 0.99));
        }
        slowest.push((median(longest), median(halves), path));
    }
    slowest.sort_by(|one, other| other.0.total_cmp(&one.0));
    let shown = slowest.iter().take(4);
    let shown: Vec<_> = shown
        .map(|(p99, p50, path)| format!("{path} {p99:.1} (p50 {p50:.1})"))
        .collect();
    let row = Row::alone(
        "slowest page, p99",
        "ms",
        slowest[0].0,
        Target::AtMost(10.0),
    );
    Ok(row.note(format!(
        "{VISITS} visits one after the other, median of {ROUNDS} rounds; of {} pages the slowest are {}",
        pages.len(),
        shown.join(", ")
    )))
}
