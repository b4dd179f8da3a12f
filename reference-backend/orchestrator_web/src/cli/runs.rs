use std::io::Read as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use super::ids::short;
use super::table::Table;
use super::text::{since, text, usd};
use super::{Form, Service};
use crate::runtime::Status;
use crate::runtime::logs::Level;

const ALL: &str = "/api/runtime/agents";
/// How many runs `ps --all` lists.
const MOST: usize = 100;

/// Run an agent: the run waits in the queue, and goes on without you
///
/// With --follow the exit status tells how it ended: 0 completed, 1 anything else; 130 after Ctrl-C, which
/// leaves the run going.
#[derive(Debug, Clone, Args)]
pub struct Run {
    /// Its name, or its id
    agent: String,
    /// What it is asked; - reads it from the standard input
    prompt: String,
    /// Print its log as it grows, until it ends
    #[arg(long, short)]
    follow: bool,
    #[arg(long, help = "Instead of the agent's")]
    model: Option<String>,
    /// Seconds after which it is stopped
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u32>,
    /// What it may cost
    #[arg(long, value_name = "USD", allow_negative_numbers = true)]
    budget: Option<f64>,
    /// The folder in which it works, in one of agents.roots
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// The session with which it goes on
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// From -100 to 100: those with a higher one start first
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    priority: Option<i64>,
    #[command(flatten)]
    pub(super) form: Form,
}

/// List the runs that wait or go on
#[derive(Debug, Clone, Args)]
pub struct Ps {
    /// The newest 100, whatever has become of them
    #[arg(long, short)]
    all: bool,
    #[command(flatten)]
    pub(super) form: Form,
}

/// Print the log of a run
#[derive(Debug, Clone, Args)]
pub struct Logs {
    /// The run's id, or its beginning
    run: String,
    /// Go on until the run ends; the exit status tells how, as of run --follow
    #[arg(long, short)]
    follow: bool,
    /// The least level that is printed: debug, info, warning, error, critical
    #[arg(long, default_value = "info", value_parser = level)]
    level: Level,
    #[command(flatten)]
    pub(super) form: Form,
}

/// Take a run out of the queue, or end it with all that it has started
#[derive(Debug, Clone, Args)]
pub struct Stop {
    /// The run's id, or its beginning
    run: String,
    #[command(flatten)]
    pub(super) form: Form,
}

fn level(word: &str) -> Result<Level, String> {
    word.to_uppercase().parse()
}

impl Run {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let agent = service.agent(&self.agent).await?;
        let path = format!("/api/agents/{}/execute", text(&agent, "id"));
        let run = service.post(&path, self.body()?).await?;
        let id = text(&run, "id");
        if self.follow {
            service.out.event("run", &run, || {
                format!("run {id} of {}\n", text(&agent, "name"))
            })?;
            return service.follow_run(id, Level::Info).await;
        }
        service.out.show(&run, || {
            format!("run {id} is in the queue; `orchestrator_web logs -f {id}` follows it\n")
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn body(&self) -> anyhow::Result<Value> {
        let mut prompt = self.prompt.clone();
        if prompt == "-" {
            prompt.clear();
            let read = std::io::stdin().read_to_string(&mut prompt);
            read.context("read the prompt from the standard input")?;
        }
        // Where this command was started, and not where the service was.
        let dir = self.dir.as_ref().map(std::path::absolute).transpose()?;
        let members = [
            ("prompt", json!(prompt)),
            ("model", json!(self.model)),
            ("timeout_seconds", json!(self.timeout)),
            ("budget_usd", json!(self.budget)),
            (
                "working_dir",
                json!(dir.map(|dir| dir.display().to_string())),
            ),
            ("session_id", json!(self.session)),
            ("priority", json!(self.priority)),
        ];
        let given = members.into_iter().filter(|(_, value)| !value.is_null());
        Ok(given.map(|(key, value)| (key.to_owned(), value)).collect())
    }
}

impl Ps {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let runs = if self.all {
            service.list(&format!("{ALL}?limit={MOST}"), MOST).await?
        } else {
            unended(service).await?
        };
        let agents = service.list("/api/agents?limit=1000", usize::MAX).await?;
        let name = |run: &Value| {
            let id = text(run, "orchestrator_agent_id");
            let agent = agents.iter().find(|it| text(it, "id") == id);
            agent.map_or(id, |agent| text(agent, "name")).to_owned()
        };
        let mut table = Table::new(&[
            ("RUN", 36),
            ("AGENT", 22),
            ("STATUS", 12),
            ("FOR", 12),
            ("USD", 9),
        ]);
        for (run, id) in runs.iter().zip(short(&runs)) {
            let time = since(text(run, "started_at"), text(run, "completed_at"));
            let status = text(run, "status");
            table.row([id, &name(run), status, &time, &usd(&run["cost_usd"])]);
        }
        let none = "no run waits or goes on; --all lists those that have ended";
        service.out.show(&json!(runs), || table.text(none))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The newest first.
async fn unended(service: &Service) -> anyhow::Result<Vec<Value>> {
    let mut runs = Vec::new();
    for status in Status::ALL.iter().filter(|it| !it.is_terminal()) {
        let path = format!("{ALL}?limit=1000&status={}", status.as_str());
        runs.extend(service.list(&path, usize::MAX).await?);
    }
    runs.sort_by(|one, other| text(other, "id").cmp(text(one, "id")));
    // One may have moved from one status to the next meanwhile.
    runs.dedup_by(|one, other| text(one, "id") == text(other, "id"));
    Ok(runs)
}

impl Logs {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let id = service.id(ALL, "run", &self.run).await?;
        if self.follow {
            return service.follow_run(&id, self.level).await;
        }
        let level = self.level.as_str();
        let path = format!("/api/runtime/logs/agent/{id}?limit=1000&level={level}");
        let lines = service.list(&path, usize::MAX).await?;
        for line in lines.iter().rev() {
            service.line(line, self.level)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Stop {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let id = service.id(ALL, "run", &self.run).await?;
        let run = service
            .post(&format!("{ALL}/{id}/stop"), Value::Null)
            .await?;
        service.out.show(&run, || match text(&run, "status") {
            "cancelled" => format!("run {id} is out of the queue\n"),
            _ => format!("run {id} is being stopped\n"),
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
