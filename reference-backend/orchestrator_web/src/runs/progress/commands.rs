use super::{Finish, Progress};
use crate::adapters::{Outcome, Spent, Totals};
use crate::batch::Batch;
use crate::db::Write;
use crate::ids::Id;
use crate::runs::commands::{answer, say};
use crate::runtime::Status;
use crate::runtime::agents::commands::{self as agents, RuntimeAgentChanges};
use crate::runtime::agents::queries as instances;
use crate::runtime::logs::{self, Level};
use crate::runtime::prompts::PromptStatus;
use crate::runtime::prompts::commands::PromptChanges;
use crate::{Error, Result};

/// Takes what a run has done. 404 if it was deleted, 409 if somebody else has ended it.
pub fn advance(db: &mut Write, progress: Progress) -> Result<()> {
    let run = progress.run;
    let status = match instances::get(db, run)?.status {
        Status::Pending | Status::Initializing => Some(Status::Executing),
        ended if ended.is_terminal() => {
            return Err(Error::Conflict("the run was ended by somebody else".into()));
        }
        _ => None,
    };
    let changes = RuntimeAgentChanges {
        status,
        model: progress.model,
        ..spending(progress.totals)
    };
    agents::update(db, run, changes)?;
    let streaming = PromptChanges {
        status: status.map(|_| PromptStatus::Streaming),
        ..Default::default()
    };
    answer(db, progress.prompt, streaming)?;
    if !progress.lines.is_empty() {
        logs::commands::write(db, Batch::Many(progress.lines))?;
    }
    db.execute(
        "UPDATE runs SET stdout_read = ?2, stderr_read = ?3, \
         native_session = coalesce(?4, native_session) WHERE agent_id = ?1",
        &[
            &run,
            &progress.read.stdout,
            &progress.read.stderr,
            &progress.native_session,
        ],
    )?;
    Ok(())
}

/// Takes the last of it, and the end. Errors as [`advance`].
pub fn finish(db: &mut Write, progress: Progress, finish: Finish) -> Result<()> {
    let (run, prompt) = (progress.run, progress.prompt);
    let Finish {
        outcome,
        totals,
        at,
    } = finish;
    for (model, spent) in totals.iter().flat_map(|it| &it.0) {
        enter(db, run, model, spent)?;
    }
    advance(db, Progress { totals, ..progress })?;
    let ended = instances::get(db, run)?;
    let response = PromptChanges {
        status: Some(match outcome.status {
            Status::Completed => PromptStatus::Completed,
            Status::Cancelled => PromptStatus::Cancelled,
            _ => PromptStatus::Failed,
        }),
        response_text: outcome.text.clone().map(Some),
        tokens_input: Some(ended.tokens_input),
        tokens_output: Some(ended.tokens_output),
        cost_usd: Some(ended.cost_usd),
        latency_ms: ended
            .started_at
            .map(|start| Some(at.unwrap_or(db.now()).millis_since(start))),
        error_message: outcome.error.clone().map(Some),
    };
    answer(db, prompt, response)?;
    let level = match outcome.status {
        Status::Completed => Level::Info,
        Status::Cancelled => Level::Warning,
        _ => Level::Error,
    };
    say(db, run, level, &summary(&outcome))?;
    let changes = RuntimeAgentChanges {
        status: Some(outcome.status),
        moved_at: at,
        exit_reason: outcome.exit_reason.map(|reason| reason.as_str()),
        error_message: outcome.error.map(Some),
        ..Default::default()
    };
    agents::update(db, run, changes).map(drop)
}

fn spending(totals: Option<Totals>) -> RuntimeAgentChanges {
    let spent = totals.as_ref().map(Totals::sum);
    RuntimeAgentChanges {
        tokens_input: spent.map(|it| it.tokens.prompt()),
        tokens_output: spent.map(|it| it.tokens.output),
        cost_usd: spent.map(|it| it.cost_usd),
        cost_is_estimate: spent.map(|it| it.is_estimate),
        by_model: totals,
        ..Default::default()
    }
}

fn enter(db: &mut Write, run: Id, model: &str, spent: &Spent) -> Result<()> {
    db.execute(
        "INSERT INTO run_costs (agent_id, model, tokens_input, tokens_output, tokens_cache_read, \
         tokens_cache_write, cost_micro_usd, is_estimate) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            &run,
            &model,
            &spent.tokens.input,
            &spent.tokens.output,
            &spent.tokens.cache_read,
            &spent.tokens.cache_write,
            &spent.cost_usd,
            &spent.is_estimate,
        ],
    )?;
    Ok(())
}

fn summary(outcome: &Outcome) -> String {
    let reason = outcome.exit_reason.map(|it| format!(" ({})", it.as_str()));
    let error = outcome.error.as_ref().map(|it| format!(": {it}"));
    let status = outcome.status.as_str();
    format!(
        "{status}{}{}",
        reason.unwrap_or_default(),
        error.unwrap_or_default()
    )
}
