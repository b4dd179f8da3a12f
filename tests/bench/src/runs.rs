//! Runs of agents: how soon one begins, how much it may print, how soon that is seen, and what is left
//! in memory afterwards.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::http::Connection;
use crate::memory::{megabytes, settled};
use crate::process::Service;
use crate::report::{Row, Target};
use crate::rounds::{median, percentile};

const STARTS: usize = 30;
const LINES: usize = 1_000_000;
const SPEAKERS: usize = 50;
const LINES_A_SECOND: u64 = 200;
const SECONDS: u64 = 10;
const FINISHED: usize = 50;
const GLANCE: Duration = Duration::from_micros(200);

pub async fn measure(program: &Path) -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![start(program).await?];
    rows.extend(print(program).await?);
    rows.push(speak(program).await?);
    rows.push(finished(program).await?);
    Ok(rows)
}

/// Prints so many lines, each of which tells when it was printed.
pub fn speak_up(rate: u64, seconds: u64) {
    let pause = Duration::from_secs(1) / u32::try_from(rate).expect("a few hundred");
    let began = Instant::now();
    for number in 0..u32::try_from(rate * seconds).expect("a few thousand") {
        std::thread::sleep((pause * number).saturating_sub(began.elapsed()));
        println!("{}", micros());
    }
}

fn micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since.expect("the clock is set").as_micros();
    u64::try_from(micros).expect("64 bits last for long")
}

/// From the POST to the first byte that the agent has printed.
async fn start(program: &Path) -> anyhow::Result<Row> {
    eprintln!("runs: {STARTS} starts");
    let host = Host::start(
        program,
        "kind = \"command\"\nprogram = [\"/bin/echo\", \"hello\"]",
    )
    .await?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let run = host.run("go").await?;
        let output = host
            .service
            .folder()
            .join("data/runs")
            .join(&run)
            .join("stdout");
        while fs::metadata(&output).map_or(0, |it| it.len()) == 0 {
            sleep(GLANCE).await;
        }
        times.push(began.elapsed().as_secs_f64() * 1e3);
        follow(host.service.address, &run, |_| {}).await?;
    }
    let row = Row::alone(
        "start of a run",
        "ms",
        median(times.clone()),
        Target::AtMost(30.0),
    );
    Ok(row.note(format!(
        "from the POST to the first byte that the agent has printed; of {STARTS}, p95 {:.1} ms",
        percentile(times, 0.95)
    )))
}

/// From the first line of an agent that prints as fast as it can to the last one in the log.
async fn print(program: &Path) -> anyhow::Result<[Row; 2]> {
    eprintln!("runs: {LINES} lines");
    let line =
        "the agent prints a line of about eighty characters as tools and compilers do, again";
    let script = format!("yes {line} | head -n {LINES}");
    let host = Host::start(
        program,
        &format!("kind = \"command\"\nprogram = [\"/bin/sh\", \"-c\", \"{script}\"]"),
    )
    .await?;
    let began = Instant::now();
    let run = host.run("go").await?;
    let mut most = 0;
    let path = format!("/api/runtime/agents/{run}");
    loop {
        most = most.max(host.service.memory()?.rss);
        let mut connection = Connection::open(host.service.address).await?;
        let run: Value = serde_json::from_slice(connection.get(&path).await?)?;
        if !run["completed_at"].is_null() {
            ensure!(
                run["status"] == "completed",
                "the run has ended otherwise: {run}"
            );
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let rate = LINES as f64 / began.elapsed().as_secs_f64();
    let speed = Row::alone(
        "lines of a run",
        "lines/s",
        rate,
        Target::AtLeast(100_000.0),
    );
    let memory = Row::alone(
        "memory meanwhile",
        "MB",
        megabytes(most),
        Target::AtMost(80.0),
    );
    Ok([
        speed.note(format!(
            "{LINES} lines of 83 characters, from the POST until the run has ended with all of them in its log"
        )),
        memory.note("resident set, the most that was seen".to_owned()),
    ])
}

/// Many agents that print steadily, each followed by a client.
async fn speak(program: &Path) -> anyhow::Result<Row> {
    eprintln!("runs: {SPEAKERS} agents of {LINES_A_SECOND} lines/s");
    let this = std::env::current_exe()?;
    let this = this.to_str().context("find this program")?;
    let words = format!("[\"{this}\", \"speak\", \"{LINES_A_SECOND}\", \"{SECONDS}\"]");
    let host = Host::start(program, &format!("kind = \"command\"\nprogram = {words}")).await?;
    let mut clients = JoinSet::new();
    for _ in 0..SPEAKERS {
        let (run, address) = (host.run("go").await?, host.service.address);
        clients.spawn(async move {
            let mut delays = Vec::new();
            let hear = |line: &Value| {
                let told = line["message"]
                    .as_str()
                    .and_then(|it| it.parse::<u64>().ok());
                delays.extend(told.map(|told| micros().saturating_sub(told) as f64 / 1e3));
            };
            follow(address, &run, hear).await?;
            anyhow::Ok(delays)
        });
    }
    let cpu = host.service.cpu()?;
    let mut delays = Vec::new();
    while let Some(heard) = clients.join_next().await {
        delays.extend(heard??);
    }
    let expected = SPEAKERS * usize::try_from(LINES_A_SECOND * SECONDS)?;
    ensure!(
        delays.len() == expected,
        "{} lines of {expected} came",
        delays.len()
    );
    let used = host.service.cpu()?.saturating_sub(cpu).as_secs_f64() / SECONDS as f64;
    let at = |share| percentile(delays.clone(), share);
    let row = Row::alone("line to frame, p99", "ms", at(0.99), Target::AtMost(100.0));
    Ok(row.note(format!(
        "{SPEAKERS} agents of {LINES_A_SECOND} lines a second for {SECONDS} s, each followed by a client, from the \
         moment before the line was printed; p50 {:.1}, longest {:.1} ms; the service took {:.0} % of a core",
        at(0.5),
        at(1.0),
        used * 100.0,
    )))
}

async fn finished(program: &Path) -> anyhow::Result<Row> {
    eprintln!("runs: {FINISHED} that have ended");
    let host = Host::start(program, "kind = \"demo\"").await?;
    for _ in 0..FINISHED {
        let run = host
            .run("say hello\ntool Read README.md\ncost 0.01\nsay bye")
            .await?;
        follow(host.service.address, &run, |_| {}).await?;
    }
    let memory = settled(&host.service).await?;
    let row = Row::alone(
        "memory, 50 runs ended",
        "MB",
        megabytes(memory.rss),
        Target::AtMost(20.0),
    );
    Ok(row.note(format!(
        "resident set; {:.1} MB with shared pages divided",
        megabytes(memory.pss)
    )))
}

/// A service with one executor, and an agent that uses it.
struct Host {
    service: Service,
    agent: String,
}

impl Host {
    async fn start(program: &Path, executor: &str) -> anyhow::Result<Self> {
        let settings = format!(
            "[server]\ndatabase_path = \"data/service.db\"\n[agents]\nmax_running = {SPEAKERS}\n\
             [limits]\nstarts_per_minute = 0\n[executors.bench]\n{executor}\n"
        );
        let service = Service::start_with(program, &settings)?;
        let agent = json!({ "name": "bench", "description": "", "agent_type": "custom",
            "capabilities": "", "executor": "bench" });
        let mut connection = Connection::open(service.address).await?;
        let made = connection.post("/api/agents", &agent.to_string()).await?;
        let agent = id(made)?;
        Ok(Self { service, agent })
    }

    async fn run(&self, prompt: &str) -> anyhow::Result<String> {
        let mut connection = Connection::open(self.service.address).await?;
        let path = format!("/api/agents/{}/execute", self.agent);
        let body = json!({ "prompt": prompt }).to_string();
        id(connection.send(&path, &body, "202").await?)
    }
}

fn id(body: &[u8]) -> anyhow::Result<String> {
    let made: Value = serde_json::from_slice(body)?;
    let id = made["id"].as_str().context("what was made has no id")?;
    Ok(id.to_owned())
}

/// Shows each line of a run's log to `hear`, to its end.
async fn follow(
    address: SocketAddr,
    run: &str,
    mut hear: impl FnMut(&Value),
) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let path = format!("/api/runtime/agents/{run}/logs/stream");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut text = Vec::new();
    loop {
        ensure!(
            stream.read_buf(&mut text).await? > 0,
            "a log was closed early"
        );
        let mut lines = 0;
        while let Some(end) = text[lines..].iter().position(|byte| *byte == b'\n') {
            let line = &text[lines..lines + end];
            lines += end + 1;
            if line == b"event: end" {
                return Ok(());
            }
            if let Some(data) = line.strip_prefix(b"data: ") {
                hear(&serde_json::from_slice(data)?);
            }
        }
        text.drain(..lines);
    }
}
