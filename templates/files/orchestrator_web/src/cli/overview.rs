use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::table::Table;
use super::text::{clock, escape, text, usd};
use super::{Form, Service};

/// Sum what runs have cost
#[derive(Debug, Clone, Args)]
pub struct Costs {
    /// agent, model, day, workflow or session
    #[arg(long, value_name = "WHAT", default_value = "agent")]
    by: String,
    /// The first day, in UTC
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day, in UTC
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    #[command(flatten)]
    pub(super) form: Form,
}

/// Show how the service stands: its queue, today's runs, what they cost
#[derive(Debug, Clone, Args)]
pub struct Status {
    #[command(flatten)]
    pub(super) form: Form,
}

impl Costs {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let mut path = format!("/api/costs?by={}", escape(&self.by));
        for (name, day) in [("from", &self.from), ("to", &self.to)] {
            let day = day.iter().map(|day| format!("&{name}={}", escape(day)));
            path.extend(day);
        }
        let costs = service.get(&path).await?;
        let mut table = Table::new(&[
            ("FOR", 30),
            ("RUNS", 8),
            ("TOKENS READ", 12),
            ("WRITTEN", 10),
            ("USD", 12),
        ]);
        for it in costs.as_array().into_iter().flatten() {
            let name = it["name"].as_str().or(it["key"].as_str()).unwrap_or("-");
            let number = |key: &str| it[key].to_string();
            let (read, written) = (number("tokens_input"), number("tokens_output"));
            table.row([
                name,
                &number("runs"),
                &read,
                &written,
                &usd(&it["cost_usd"]),
            ]);
        }
        service
            .out
            .show(&costs, || table.text("nothing was spent"))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Status {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let queue = service.get("/api/status").await?;
        let stats = service.get("/api/stats").await?;
        let path = "/api/approvals?status=pending&limit=1000";
        let pending = service.list(path, usize::MAX).await?.len();
        let document = json!({ "queue": queue, "stats": stats, "pending_approvals": pending });
        service.out.show(&document, || {
            let mut lines = vec![of_queue(&queue), of_today(&stats)];
            lines.push(format!(
                "month     {} USD",
                usd(&stats["month"]["cost_usd"])
            ));
            lines.extend(parked(&queue));
            if 0 < pending {
                lines.push(format!(
                    "answers   {pending} awaited: `orchestrator_web approvals`"
                ));
            }
            lines.join("\n") + "\n"
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

fn of_queue(queue: &Value) -> String {
    let count = |key: &str| queue[key].as_array().map_or(0, Vec::len);
    let (state, limit) = (text(queue, "state"), &queue["limit"]);
    let idle = queue["idle"].as_u64().and_then(|it| it.try_into().ok());
    let at_work = count("running").saturating_sub(idle.unwrap_or(0));
    let queued = count("queued");
    format!("queue     {state}: {at_work} of {limit} at work, {queued} waiting")
}

fn of_today(stats: &Value) -> String {
    let runs = &stats["runs"]["total"];
    let rate = stats["runs"]["success_rate"].as_f64();
    let rate = rate.map(|rate| format!(", {:.0} % of those that ended completed", rate * 100.0));
    let spent = usd(&stats["today"]["cost_usd"]);
    format!(
        "today     {runs} runs{}, {spent} USD",
        rate.unwrap_or_default()
    )
}

/// The accounts whose usage limit is reached.
fn parked(queue: &Value) -> impl Iterator<Item = String> {
    let accounts = queue["accounts"].as_array().into_iter().flatten();
    accounts.filter_map(|account| {
        let until = account["parked_until"].as_str()?;
        let name = text(account, "name");
        Some(format!(
            "account   {name}: its limit is reached, until {} UTC",
            clock(until)
        ))
    })
}
