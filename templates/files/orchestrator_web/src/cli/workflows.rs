use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ids::short;
use super::table::Table;
use super::text::{escape, since, text};
use super::{Form, Service};

const ALL: &str = "/api/workflows";
/// How many workflows `list` lists.
const MOST: usize = 100;

/// Start, list, stop and restart workflows
#[derive(Debug, Clone, Args)]
pub struct Workflow {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Clone, Subcommand)]
enum Action {
    /// Start a workflow of orchestrator.toml
    Start {
        /// One of `workflow definitions`
        name: String,
        /// What its definition asks for: JSON, or text
        #[arg(long, value_name = "JSON")]
        input: Option<String>,
        /// Print its steps as they change, until it ends; exit status 0 if it is completed, 130 after Ctrl-C
        #[arg(long, short)]
        follow: bool,
    },
    /// The newest 100 workflows
    List,
    /// The workflows that can be started
    Definitions,
    /// End a workflow and its runs
    Stop {
        /// The workflow's id, or its beginning
        workflow: String,
    },
    /// Start the same again
    Restart {
        /// The workflow's id, or its beginning
        workflow: String,
        /// Keep what has succeeded before this step
        #[arg(long, value_name = "STEP")]
        from: Option<String>,
        /// Print its steps as they change, until it ends
        #[arg(long, short)]
        follow: bool,
    },
}

impl Workflow {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        match &self.action {
            Action::Start {
                name,
                input,
                follow,
            } => {
                let path = format!("{ALL}/start/{}", escape(name));
                let body = input
                    .as_deref()
                    .map_or(json!({}), |it| json!({ "input": parsed(it) }));
                let workflow = service.post(&path, body).await?;
                begun(service, &workflow, *follow).await
            }
            Action::List => list(service).await,
            Action::Definitions => definitions(service).await,
            Action::Stop { workflow } => {
                let id = service.id(ALL, "workflow", workflow).await?;
                let stopped = service
                    .post(&format!("{ALL}/stop/{id}"), Value::Null)
                    .await?;
                service
                    .out
                    .show(&stopped, || format!("workflow {id} is being stopped\n"))?;
                Ok(ExitCode::SUCCESS)
            }
            Action::Restart {
                workflow,
                from,
                follow,
            } => {
                let id = service.id(ALL, "workflow", workflow).await?;
                let body = from
                    .as_ref()
                    .map_or(json!({}), |step| json!({ "from_step": step }));
                let workflow = service.post(&format!("{ALL}/restart/{id}"), body).await?;
                begun(service, &workflow, *follow).await
            }
        }
    }
}

/// Text is what no JSON is.
fn parsed(input: &str) -> Value {
    serde_json::from_str(input).unwrap_or_else(|_| input.into())
}

async fn begun(service: &Service, workflow: &Value, follow: bool) -> anyhow::Result<ExitCode> {
    let id = text(workflow, "id");
    if follow {
        let name = text(workflow, "adw_name");
        service
            .out
            .event("workflow", workflow, || format!("workflow {id}: {name}\n"))?;
        return service.follow_workflow(id).await;
    }
    service.out.show(workflow, || {
        format!("workflow {id} has begun; `orchestrator_web workflow list` shows how it goes\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn list(service: &Service) -> anyhow::Result<ExitCode> {
    let workflows = service.list(&format!("{ALL}?limit={MOST}"), MOST).await?;
    let mut table = Table::new(&[
        ("WORKFLOW", 36),
        ("NAME", 16),
        ("STATUS", 10),
        ("STEPS", 7),
        ("FOR", 12),
        ("AT", 12),
    ]);
    for (it, id) in workflows.iter().zip(short(&workflows)) {
        let steps = format!("{}/{}", it["completed_steps"], it["total_steps"]);
        let time = since(text(it, "started_at"), text(it, "completed_at"));
        let at = match text(it, "current_step") {
            "" => text(it, "error_step"),
            step => step,
        };
        table.row([
            id,
            text(it, "adw_name"),
            text(it, "status"),
            &steps,
            &time,
            at,
        ]);
    }
    let none = "no workflow was started yet; `orchestrator_web workflow start NAME` starts one";
    service.out.show(&json!(workflows), || table.text(none))?;
    Ok(ExitCode::SUCCESS)
}

async fn definitions(service: &Service) -> anyhow::Result<ExitCode> {
    let definitions = service.get(&format!("{ALL}/definitions")).await?;
    let each = definitions.as_array().context("read the definitions")?;
    let mut table = Table::new(&[("NAME", 20), ("STEPS", 5), ("DESCRIPTION", 51)]);
    for it in each {
        let steps = it["steps"].as_array().map_or(0, Vec::len).to_string();
        table.row([text(it, "name"), &steps, text(it, "description")]);
    }
    let none = "orchestrator.toml defines no workflow";
    service.out.show(&definitions, || table.text(none))?;
    Ok(ExitCode::SUCCESS)
}
