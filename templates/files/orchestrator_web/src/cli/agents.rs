use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::table::Table;
use super::text::text;
use super::{Form, Service};

const ALL: &str = "/api/agents";

/// List the agents, and add one
#[derive(Debug, Clone, Args)]
pub struct Agents {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Add an agent
    Add {
        /// By which `run` knows it
        name: String,
        /// What runs it: demo, or a name of [executors] in orchestrator.toml
        #[arg(long)]
        executor: Option<String>,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// planner, builder, reviewer, tester, orchestrator, utility, skill or custom
        #[arg(long, value_name = "TYPE", default_value = "custom")]
        r#type: String,
        /// The model of its runs
        #[arg(long)]
        model: Option<String>,
    },
}

impl Agents {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let Some(action) = &self.action else {
            return list(service).await;
        };
        let Action::Add {
            name,
            executor,
            description,
            r#type,
            model,
        } = action;
        let description = description.as_deref().unwrap_or_default();
        let mut body = json!({ "name": name, "description": description, "agent_type": r#type,
            "capabilities": "" });
        for (key, value) in [("executor", executor), ("default_model", model)] {
            if let Some(value) = value {
                body[key] = Value::from(value.as_str());
            }
        }
        let agent = service.post(ALL, body).await?;
        service.out.show(&agent, || {
            let name = text(&agent, "name");
            format!("agent {name} is there; `orchestrator_web run {name} \"…\" --follow` runs it\n")
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(service: &Service) -> anyhow::Result<ExitCode> {
    let agents = service
        .list(&format!("{ALL}?limit=1000"), usize::MAX)
        .await?;
    let mut table = Table::new(&[("NAME", 26), ("TYPE", 12), ("EXECUTOR", 14), ("MODEL", 20)]);
    for it in &agents {
        let active = if it["is_active"] == true {
            ""
        } else {
            " (inactive)"
        };
        let name = format!("{}{active}", text(it, "name"));
        let (executor, model) = (text(it, "executor"), text(it, "default_model"));
        table.row([&name, text(it, "agent_type"), executor, model]);
    }
    let none = "there is no agent yet; `orchestrator_web agents add NAME --executor demo` adds one";
    service.out.show(&json!(agents), || table.text(none))?;
    Ok(ExitCode::SUCCESS)
}
