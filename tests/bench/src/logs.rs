//! POST `/api/runtime/logs` in batches of 100, against the same rows in process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rusqlite::{Connection as Database, params};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::http::{Connection, load};
use crate::process::Service;
use crate::report::{Row, Target};
use crate::rounds::{Rounds, median};
use crate::{agents, floor};

const CLIENTS: usize = 4;
const LINES: usize = 100;
/// Batches that are prepared before the clock runs, and then sent over and over.
const BATCHES: usize = 64;
const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(2);
const FLOOR_TIME: Duration = Duration::from_secs(1);
const SEARCHES: usize = 20;
const PATH: &str = "/api/runtime/logs";
const LEVEL: &str = "INFO";
const TYPE: &str = "output";

pub async fn measure(service: &Service) -> anyhow::Result<Row> {
    eprintln!("logs: writing in turns");
    let messages = messages();
    let instance = start_instance(service.address).await?;
    let bodies: Arc<[String]> = messages
        .chunks(LINES)
        .map(|batch| body(&instance, batch))
        .collect();

    let other = service.another()?;
    let other_instance = start_instance(other.address).await?;
    let (_folder, file) = other.stop();
    let least = floor::open(&file)?;

    let (mut rounds, mut costs) = (Rounds::default(), Vec::new());
    for _ in 0..ROUNDS {
        let in_process = insert(&least, &other_instance, &messages)?;
        let cpu = service.cpu()?;
        let (batches, time) = post(service.address, &bodies).await?;
        let lines = (batches * LINES) as f64;
        let used = service.cpu()?.saturating_sub(cpu).as_secs_f64();
        costs.push(used * 1e6 / lines);
        rounds.push(lines / time.as_secs_f64(), in_process);
    }
    search(service.address, &instance, &messages[..LINES]).await?;
    let row = Row::beside(
        "write log lines",
        "lines/s",
        &rounds,
        Target::RatioAtLeast(0.6),
    );
    Ok(row.note(format!(
        "{CLIENTS} clients, batches of {LINES}; the floor is one thread, the same rows in the same table \
         with its indexes and its full-text index, {LINES} to a transaction; each of {SEARCHES} rare \
         words was found at once; the service's processor time a line {:.1} µs",
        median(costs),
    )))
}

/// Lines of about 90 characters, of words that are neither all alike nor all different.
fn messages() -> Vec<String> {
    let mut random = 1_u64;
    let mut word = || {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        format!("word{}", (random >> 40) % 2000)
    };
    (0..BATCHES * LINES)
        .map(|_| (0..12).map(|_| word()).collect::<Vec<_>>().join(" "))
        .collect()
}

fn body(instance: &str, messages: &[String]) -> String {
    let line = |message| {
        json!({
            "agent_id": instance, "log_level": LEVEL, "log_type": TYPE, "message": message,
        })
    };
    Value::Array(messages.iter().map(line).collect()).to_string()
}

/// The id of a new instance, of a new agent.
async fn start_instance(address: SocketAddr) -> anyhow::Result<String> {
    let mut connection = Connection::open(address).await?;
    let mut make = async |path: &str, body: String| {
        let made: Value = serde_json::from_slice(connection.post(path, &body).await?)?;
        let id = made["id"].as_str().context("what was made has no id")?;
        anyhow::Ok(id.to_owned())
    };
    let agent = make("/api/agents", agents::body("an agent that logs")).await?;
    let instance = json!({ "orchestrator_agent_id": agent, "session_id": "bench" });
    make("/api/runtime/agents", instance.to_string()).await
}

/// How many batches were written, in which time.
async fn post(address: SocketAddr, bodies: &Arc<[String]>) -> anyhow::Result<(usize, Duration)> {
    let (counts, time) = load(CLIENTS, TIME, |client, end| {
        let bodies = Arc::clone(bodies);
        async move {
            let mut connection = Connection::open(address).await?;
            let mut count = 0;
            while Instant::now() < end {
                let body = &bodies[(client + count * CLIENTS) % bodies.len()];
                connection.post(PATH, body).await?;
                count += 1;
            }
            Ok(count)
        }
    })
    .await?;
    Ok((counts.iter().sum(), time))
}

/// Lines a second, in transactions of a batch.
fn insert(conn: &Database, instance: &str, messages: &[String]) -> rusqlite::Result<f64> {
    let began = Instant::now();
    let mut batches = 0;
    while began.elapsed() < FLOOR_TIME {
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        let now = floor::now(conn)?;
        let newest = "SELECT coalesce(max(seq), 0) FROM agent_logs";
        let last: i64 = conn
            .prepare_cached(newest)?
            .query_one((), |row| row.get(0))?;
        let mut insert_line = conn.prepare_cached(
            "INSERT INTO agent_logs (id, agent_id, log_level, log_type, message, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let start = batches % BATCHES * LINES;
        for message in &messages[start..start + LINES] {
            let id = Uuid::now_v7().to_string();
            insert_line.execute(params![id, instance, LEVEL, TYPE, message, now])?;
        }
        conn.prepare_cached(
            "INSERT INTO agent_logs_search (rowid, message) \
             SELECT seq, message FROM agent_logs WHERE ?1 < seq",
        )?
        .execute([last])?;
        conn.prepare_cached("COMMIT")?.execute(())?;
        batches += 1;
    }
    Ok((batches * LINES) as f64 / began.elapsed().as_secs_f64())
}

/// Finds a word that stands in one line, as soon as its batch is acknowledged.
async fn search(address: SocketAddr, instance: &str, lines: &[String]) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    for number in 0..SEARCHES {
        let word = format!("rare{}", Uuid::now_v7().simple());
        let mut lines = lines.to_vec();
        lines[number] = format!("{} {word}", lines[number]);
        connection.post(PATH, &body(instance, &lines)).await?;
        let found = connection.get(&format!("{PATH}?q={word}")).await?;
        let found: Vec<Value> = serde_json::from_slice(found)?;
        ensure!(
            found.len() == 1,
            "a word of an acknowledged line was found {} times",
            found.len()
        );
    }
    Ok(())
}
