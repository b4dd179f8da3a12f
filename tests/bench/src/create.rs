//! POST `/api/agents` by 16 clients, against single-row transactions in process.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::ensure;
use rusqlite::{Connection as Database, params};
use uuid::Uuid;

use crate::http::{Connection, load};
use crate::process::Service;
use crate::report::{Row, Target};
use crate::rounds::{Rounds, median};
use crate::{agents, floor};

const CLIENTS: usize = 16;
const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(2);
const FLOOR_TIME: Duration = Duration::from_secs(1);

pub async fn measure(service: &Service) -> anyhow::Result<Row> {
    eprintln!("create: writing in turns");
    let (_folder, file) = service.another()?.stop();
    let least = floor::open(&file)?;
    let database = Database::open(service.database())?;
    let agents_before = count(&database, "orchestrator_agents")?;
    let events_before = count(&database, "events")?;

    let (mut rounds, mut with_event, mut costs) = (Rounds::default(), Vec::new(), Vec::new());
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let row_alone = insert(&least, &format!("floor {round}"), |_| Ok(()))?;
        with_event.push(insert(&least, &format!("both {round}"), record)?);
        let cpu = service.cpu()?;
        let (names, time) = create(service.address, round).await?;
        let made = names.len() as f64;
        let used = service.cpu()?.saturating_sub(cpu).as_secs_f64();
        costs.push(used * 1e6 / made);
        rounds.push(made / time.as_secs_f64(), row_alone);
        acknowledged.extend(names);
    }

    let stored = names(&database)?;
    let lost = acknowledged
        .iter()
        .filter(|it| !stored.contains(*it))
        .count();
    ensure!(
        lost == 0,
        "{lost} agents were acknowledged and are not in the database"
    );
    let made = count(&database, "orchestrator_agents")? - agents_before;
    let events = count(&database, "events")? - events_before;
    let told = i64::try_from(acknowledged.len())?;
    ensure!(
        made == told && events == told,
        "{told} agents were acknowledged, {made} made, {events} events recorded"
    );
    let row = Row::beside(
        "create agents",
        "rows/s",
        &rounds,
        Target::RatioAtLeast(0.5),
    );
    Ok(row.note(format!(
        "{CLIENTS} clients, each agent with its event, all {told} acknowledged names found with as \
         many events; the floor is BEGIN IMMEDIATE, INSERT of the agent, COMMIT by one thread into a \
         database that the service made; with the event's row too it does {:.0}; the service's \
         processor time an agent {:.0} µs",
        median(with_event),
        median(costs),
    )))
}

async fn create(address: SocketAddr, round: usize) -> anyhow::Result<(Vec<String>, Duration)> {
    let (names, time) = load(CLIENTS, TIME, |client, end| async move {
        let mut connection = Connection::open(address).await?;
        let mut names = Vec::new();
        while Instant::now() < end {
            let name = format!("created agent {round}-{client}-{}", names.len());
            connection.post("/api/agents", &agents::body(&name)).await?;
            names.push(name);
        }
        Ok(names)
    })
    .await?;
    Ok((names.concat(), time))
}

/// Transactions a second, each of one agent and of what `also` does.
fn insert(
    conn: &Database,
    names: &str,
    also: impl Fn(&Database) -> rusqlite::Result<()>,
) -> rusqlite::Result<f64> {
    let began = Instant::now();
    let mut made = 0_usize;
    while began.elapsed() < FLOOR_TIME {
        let name = format!("{names} agent {made}");
        let search = format!("{name}\n{}\n{}", agents::DESCRIPTION, agents::CAPABILITIES);
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        let now = floor::now(conn)?;
        conn.prepare_cached(
            "INSERT INTO orchestrator_agents (id, name, name_key, search_text, description, \
             agent_type, capabilities, is_active, created_at, updated_at) \
             VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7)",
        )?
        .execute(params![
            Uuid::now_v7().to_string(),
            name,
            search,
            agents::DESCRIPTION,
            agents::TYPE,
            agents::CAPABILITIES,
            now,
        ])?;
        also(conn)?;
        conn.prepare_cached("COMMIT")?.execute(())?;
        made += 1;
    }
    Ok(made as f64 / began.elapsed().as_secs_f64())
}

fn record(conn: &Database) -> rusqlite::Result<()> {
    let data = format!(r#"{{"agent_id":"{}","name":"an agent"}}"#, Uuid::now_v7());
    let now = floor::now(conn)?;
    conn.prepare_cached("INSERT INTO events (topic, data, created_at) VALUES (?1, ?2, ?3)")?
        .execute(params!["agent.created", data, now])?;
    Ok(())
}

fn count(database: &Database, table: &str) -> rusqlite::Result<i64> {
    let sql = format!("SELECT count(*) FROM {table}");
    database.query_one(&sql, (), |row| row.get(0))
}

fn names(database: &Database) -> rusqlite::Result<HashSet<String>> {
    let mut statement = database.prepare("SELECT name FROM orchestrator_agents")?;
    let names = statement.query_map((), |row| row.get(0))?;
    names.collect()
}
