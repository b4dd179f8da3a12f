//! A run or a workflow, from what it has done so far to its end.

use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::Value;

use super::Service;
use super::text::{clock, text, took, usd};
use crate::client::Events;
use crate::runtime::logs::Level;

/// As shells report what Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

impl Service {
    /// Prints the log of a run until it ends. Ctrl-C leaves the run alone.
    pub async fn follow_run(&self, id: &str, least: Level) -> anyhow::Result<ExitCode> {
        let to_the_end = async {
            let path = format!("/api/runtime/agents/{id}/logs/stream");
            let mut events = Events::open(&self.client, path).await?;
            loop {
                let frame = events.next().await?;
                let data = serde_json::from_str(&frame.data).context("read an event")?;
                if frame.topic == "end" {
                    break;
                }
                self.line(&data, least)?;
            }
            let run = self.get(&format!("/api/runtime/agents/{id}")).await?;
            self.out.event("end", &run, || ended(&run))?;
            Ok(exit(&run))
        };
        let hint = format!("it goes on: `orchestrator_web stop {id}` ends it");
        unless_interrupted(to_the_end, &hint).await
    }

    /// A line of a log, if it matters enough.
    pub fn line(&self, line: &Value, least: Level) -> anyhow::Result<()> {
        let level = text(line, "log_level").parse::<Level>();
        if level.is_ok_and(|level| level < least) {
            return Ok(());
        }
        self.out.event("log", line, || logged(line))
    }

    /// Prints each step of a workflow as it changes, until the workflow ends.
    pub async fn follow_workflow(&self, id: &str) -> anyhow::Result<ExitCode> {
        let to_the_end = async {
            let path = format!("/api/workflows/stream/{id}");
            let mut events = Events::open(&self.client, path).await?;
            let mut told = Vec::new();
            loop {
                let frame = events.next().await?;
                let workflow: Value = serde_json::from_str(&frame.data).context("read an event")?;
                let steps = workflow["steps"].as_array().cloned().unwrap_or_default();
                let news: Vec<_> = steps
                    .iter()
                    .map(step)
                    .filter(|it| !told.contains(it))
                    .collect();
                let is_over = !matches!(text(&workflow, "status"), "pending" | "running");
                self.out.event("status", &workflow, || {
                    let end = is_over.then(|| workflow_ended(&workflow));
                    news.concat() + &end.unwrap_or_default()
                })?;
                told.extend(news);
                if is_over {
                    return Ok(exit(&workflow));
                }
            }
        };
        let hint = format!("it goes on: `orchestrator_web workflow stop {id}` ends it");
        unless_interrupted(to_the_end, &hint).await
    }
}

async fn unless_interrupted(
    following: impl Future<Output = anyhow::Result<ExitCode>>,
    hint: &str,
) -> anyhow::Result<ExitCode> {
    tokio::select! {
        ended = following => ended,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.context("wait for Ctrl-C")?;
            eprintln!("\n{hint}");
            Ok(INTERRUPTED.into())
        }
    }
}

fn exit(ended: &Value) -> ExitCode {
    match text(ended, "status") {
        "completed" => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// `12:00:01  WARNING  what was said`, and further lines below.
fn logged(line: &Value) -> String {
    let mark = match text(line, "log_level") {
        "INFO" => String::new(),
        level => format!("{level}  "),
    };
    let tool = match text(line, "log_type") {
        "tool_call" => "tool ",
        _ => "",
    };
    let message = text(line, "message")
        .trim_end()
        .replace('\n', "\n          ");
    let time = clock(text(line, "created_at"));
    format!("{time}  {mark}{tool}{message}\n")
}

fn ended(run: &Value) -> String {
    let number = |key: &str| run[key].as_i64().unwrap_or_default();
    let reason = match text(run, "exit_reason") {
        "" => String::new(),
        reason => format!(" ({reason})"),
    };
    let error = match text(run, "error_message") {
        "" => String::new(),
        error => format!(": {error}"),
    };
    format!(
        "{}{reason}{error} after {}: {} tokens read, {} written, {} USD\n",
        text(run, "status"),
        took(number("duration_ms")),
        number("tokens_input"),
        number("tokens_output"),
        usd(&run["cost_usd"]),
    )
}

fn step(step: &Value) -> String {
    let (name, status) = (text(step, "name"), text(step, "status"));
    let took = match status {
        "pending" | "skipped" | "running" => String::new(),
        _ => format!(
            " after {}",
            took(step["duration_ms"].as_i64().unwrap_or_default())
        ),
    };
    let again = match step["iteration"].as_i64() {
        Some(iteration @ 2..) => format!(", time {iteration}"),
        _ => String::new(),
    };
    let error = match text(step, "error") {
        "" => String::new(),
        error => format!(": {error}"),
    };
    format!("{name}: {status}{took}{again}{error}\n")
}

fn workflow_ended(workflow: &Value) -> String {
    let error = match text(workflow, "error_message") {
        "" => String::new(),
        error => format!(": {error}"),
    };
    let seconds = workflow["duration_seconds"].as_i64().unwrap_or_default();
    format!("{}{error} after {seconds} s\n", text(workflow, "status"))
}
