use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::ids::short;
use super::table::Table;
use super::text::{since, text};
use super::{Form, Service};

const ALL: &str = "/api/approvals";

/// List what agents ask to be allowed, and answer it
#[derive(Debug, Clone, Args)]
pub struct Approvals {
    #[command(subcommand)]
    answer: Option<Answer>,
    #[command(flatten)]
    pub(super) form: Form,
}

#[derive(Debug, Clone, Subcommand)]
enum Answer {
    /// Let the agent do it
    Allow(Given),
    /// Forbid it, and tell the agent why
    Deny(Given),
}

#[derive(Debug, Clone, Args)]
struct Given {
    /// The question's id, or its beginning
    approval: String,
    #[arg(long, value_name = "TEXT", help = "Why")]
    reason: Option<String>,
}

impl Approvals {
    pub(super) async fn run(&self, service: &Service) -> anyhow::Result<ExitCode> {
        let (word, given) = match &self.answer {
            None => return list(service).await,
            Some(Answer::Allow(given)) => ("allow", given),
            Some(Answer::Deny(given)) => ("deny", given),
        };
        let id = service.id(ALL, "question", &given.approval).await?;
        let body = given
            .reason
            .as_ref()
            .map_or(json!({}), |reason| json!({ "reason": reason }));
        let approval = service.post(&format!("{ALL}/{id}/{word}"), body).await?;
        service.out.show(&approval, || {
            format!(
                "{} is {}\n",
                text(&approval, "tool"),
                text(&approval, "status")
            )
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(service: &Service) -> anyhow::Result<ExitCode> {
    let path = format!("{ALL}?status=pending&limit=1000");
    let pending = service.list(&path, usize::MAX).await?;
    let mut table = Table::new(&[("APPROVAL", 36), ("TOOL", 14), ("FOR", 12), ("INPUT", 34)]);
    for (it, id) in pending.iter().zip(short(&pending)) {
        let time = since(text(it, "created_at"), "");
        table.row([id, text(it, "tool"), &time, &it["input"].to_string()]);
    }
    service.out.show(&json!(pending), || {
        table.text("no agent waits for an answer")
    })?;
    Ok(ExitCode::SUCCESS)
}
