//! The subcommands for people without a browser: each asks the running service, as any program can.

mod agents;
mod approvals;
mod follow;
mod ids;
mod out;
mod overview;
mod reload;
mod runs;
mod table;
mod text;
mod workflows;

use std::process::ExitCode;

use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::client::{Client, block_on};
use crate::config::Settings;
use out::Out;

#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    Run(runs::Run),
    Ps(runs::Ps),
    Logs(runs::Logs),
    Stop(runs::Stop),
    Workflow(workflows::Workflow),
    Approvals(approvals::Approvals),
    Agents(agents::Agents),
    Costs(overview::Costs),
    Status(overview::Status),
    Reload(reload::Reload),
}

/// How a subcommand answers.
#[derive(Debug, Clone, Copy, Args)]
struct Form {
    /// Print JSON: one document, or one a line for what is followed
    #[arg(long, global = true)]
    json: bool,
}

/// The running service, and whoever reads what it says.
struct Service {
    client: Client,
    out: Out,
}

impl Command {
    pub fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let client = Client::new(settings)?;
        let service = |form: Form| Service {
            client: client.clone(),
            out: Out::new(form),
        };
        block_on(async {
            match self {
                Self::Run(it) => it.run(&service(it.form)).await,
                Self::Ps(it) => it.run(&service(it.form)).await,
                Self::Logs(it) => it.run(&service(it.form)).await,
                Self::Stop(it) => it.run(&service(it.form)).await,
                Self::Workflow(it) => it.run(&service(it.form)).await,
                Self::Approvals(it) => it.run(&service(it.form)).await,
                Self::Agents(it) => it.run(&service(it.form)).await,
                Self::Costs(it) => it.run(&service(it.form)).await,
                Self::Status(it) => it.run(&service(it.form)).await,
                Self::Reload(it) => it.run(&service(it.form)).await,
            }
        })?
    }
}

impl Service {
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let reply = self.client.send(Method::GET, path, Value::Null).await?;
        reply.json()
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.client.send(Method::POST, path, body).await?.json()
    }

    /// A list from its newest member on, page by page, until there are `most`.
    async fn list(&self, path: &str, most: usize) -> anyhow::Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next.take().filter(|_| found.len() < most) {
            let reply = self.client.send(Method::GET, &path, Value::Null).await?;
            let Value::Array(page) = reply.json()? else {
                anyhow::bail!("the service answers with something else than a list");
            };
            found.extend(page);
            next = reply.next;
        }
        found.truncate(most);
        Ok(found)
    }
}
