//! GET `/api/agents?limit=100` among 10,000 agents, against the same bytes from memory.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::time::interval;

use crate::agents;
use crate::http::{Connection, load};
use crate::process::{Server, Service};
use crate::report::{Row, Target};
use crate::rounds::{Rounds, median};

const AGENTS: usize = 10_000;
const CLIENTS: usize = 16;
const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(2);
const PATH: &str = "/api/agents?limit=100";
const BETWEEN_WRITES: Duration = Duration::from_millis(20);

pub async fn measure(service: &Service) -> anyhow::Result<[Row; 2]> {
    eprintln!("list: making {AGENTS} agents");
    make(service.address).await?;
    let body = Connection::open(service.address)
        .await?
        .get(PATH)
        .await?
        .to_vec();
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(&file, &body)?;
    let program = std::env::current_exe()?;
    let floor = Server::start(Command::new(program).arg("floor").arg(file.path()))?;

    eprintln!("list: reading in turns, without and with a writer");
    let (mut quiet, mut written) = (Side::default(), Side::default());
    for round in 0..ROUNDS {
        let least = read(&floor).await?;
        quiet.push(&read(service).await?, &least);
        let (busy, ()) = tokio::try_join!(read(service), write(service.address, round))?;
        written.push(&busy, &least);
    }
    let size = body.len() as f64 / 1000.0;
    Ok([
        quiet.row("list 100 of 10,000 agents", size),
        written.row("the same, 50 agents/s written", size),
    ])
}

/// Rounds with the processor time that each side's server used for a request.
#[derive(Default)]
struct Side {
    rates: Rounds,
    costs: Rounds,
}

struct Reading {
    rate: f64,
    /// Microseconds of the server's processor time for one request.
    cost: f64,
}

impl Side {
    fn push(&mut self, service: &Reading, floor: &Reading) {
        self.rates.push(service.rate, floor.rate);
        self.costs.push(service.cost, floor.cost);
    }

    fn row(self, what: &'static str, size: f64) -> Row {
        let costs = self.costs;
        let row = Row::beside(what, "req/s", &self.rates, Target::RatioAtLeast(0.5));
        row.note(format!(
            "{CLIENTS} keep-alive connections, {size:.1} kB; processor time a request {:.0} µs, of \
             the floor's server {:.0} µs",
            median(costs.service),
            median(costs.floor),
        ))
    }
}

async fn read(server: &Server) -> anyhow::Result<Reading> {
    let address = server.address;
    let before = server.cpu()?;
    let (counts, time) = load(CLIENTS, TIME, |_, end| async move {
        let mut connection = Connection::open(address).await?;
        let mut count = 0_usize;
        while Instant::now() < end {
            connection.get(PATH).await?;
            count += 1;
        }
        Ok(count)
    })
    .await?;
    let used = server.cpu()?.saturating_sub(before).as_secs_f64();
    let count = counts.iter().sum::<usize>() as f64;
    Ok(Reading {
        rate: count / time.as_secs_f64(),
        cost: used * 1e6 / count,
    })
}

async fn make(address: SocketAddr) -> anyhow::Result<()> {
    let forever = Duration::from_mins(10);
    load(CLIENTS, forever, |client, _| async move {
        let mut connection = Connection::open(address).await?;
        for number in (client..AGENTS).step_by(CLIENTS) {
            let body = agents::body(&format!("listed agent {number}"));
            connection.post("/api/agents", &body).await?;
        }
        Ok(())
    })
    .await?;
    Ok(())
}

/// Writes 50 agents a second, as long as a round lasts.
async fn write(address: SocketAddr, round: usize) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    let (mut tick, end) = (interval(BETWEEN_WRITES), Instant::now() + TIME);
    for number in 0_usize.. {
        tick.tick().await;
        if end < Instant::now() {
            break;
        }
        let body = agents::body(&format!("written agent {round}-{number}"));
        connection
            .post("/api/agents", &body)
            .await
            .context("write beside the readers")?;
    }
    Ok(())
}
