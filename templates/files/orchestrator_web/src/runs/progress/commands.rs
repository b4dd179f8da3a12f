use super::{Again, Asked, Finish, Progress};
use crate::adapters::{Outcome, Spent, Totals};
use crate::approvals::commands as approvals;
use crate::batch::Batch;
use crate::budgets::commands::watch;
use crate::budgets::{Budget, Budgets};
use crate::db::Write;
use crate::events::Event;
use crate::ids::Id;
use crate::runs::commands::{answer, say};
use crate::runs::queries;
use crate::runtime::Status;
use crate::runtime::agents::commands::{self as agents, RuntimeAgentChanges};
use crate::runtime::agents::queries as instances;
use crate::runtime::logs::{self, Level};
use crate::runtime::prompts::PromptStatus;
use crate::runtime::prompts::commands::PromptChanges;
use crate::time::Timestamp;
use crate::{Error, Result};

/// Takes what a run has done. The budget that it has exceeded, where there is one. 404 if it was
/// deleted, 409 if somebody else has ended it.
pub fn advance(db: &mut Write, progress: Progress, budgets: &Budgets) -> Result<Option<Budget>> {
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
    let is_cost = changes.by_model.is_some();
    let agent = agents::update(db, run, changes)?;
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
    for asked in progress.asked {
        match asked {
            Asked::Question(question) => approvals::ask(db, run, question)?,
            Asked::Withdrawal(request_id) => approvals::withdraw(db, run, &request_id)?,
        }
    }
    if is_cost {
        return watch(db, &agent, budgets);
    }
    Ok(None)
}

/// Takes the last of it, and the end. Errors as [`advance`].
pub fn finish(db: &mut Write, progress: Progress, finish: Finish, budgets: &Budgets) -> Result<()> {
    let (run, prompt) = (progress.run, progress.prompt);
    let Finish {
        outcome,
        totals,
        at,
    } = finish;
    end_attempt(db, progress, totals, budgets)?;
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

/// Takes the last of an attempt, after which the run waits in the queue for the next one; if somebody has
/// asked it to stop meanwhile, it ends as `finish` says. Errors as [`advance`].
pub fn retry(
    db: &mut Write,
    progress: Progress,
    finish: Finish,
    again: Again,
    budgets: &Budgets,
) -> Result<()> {
    let run = queries::get(db, progress.run)?;
    if run.is_to_stop {
        return self::finish(db, progress, finish, budgets);
    }
    let id = progress.run;
    end_attempt(db, progress, finish.totals, budgets)?;
    say(db, id, Level::Warning, &again.announcement(&run, db.now()))?;
    let status = Some(Status::Waiting);
    let waits = RuntimeAgentChanges {
        status,
        ..Default::default()
    };
    agents::update(db, id, waits)?;
    let attempt = run.attempt + 1;
    // A limit that ends before its time ends for this run as well.
    let own = again.parks.is_none().then_some(again.not_before);
    db.execute(
        "UPDATE runs SET is_queued = 1, not_before = ?2, attempt = ?3, retries = ?4, \
         stdout_before = stdout_read, stderr_before = stderr_read WHERE agent_id = ?1",
        &[&id, &own, &attempt, &again.retries],
    )?;
    if let Some(account) = again.parks {
        park(db, account, again.not_before)?;
    }
    db.record(&Event::RuntimeRetrying {
        id,
        orchestrator_agent_id: run.agent.orchestrator_agent_id,
        session_id: run.agent.session_id,
        attempt,
        not_before: again.not_before,
    })
}

/// Until the latest time that any run was told.
fn park(db: &mut Write, account: String, until: Timestamp) -> Result<()> {
    let parked = db.execute(
        "INSERT INTO account_limits (account, until) VALUES (?1, ?2) \
         ON CONFLICT (account) DO UPDATE SET until = excluded.until WHERE until < excluded.until",
        &[&account, &until],
    )?;
    if parked == 0 {
        return Ok(());
    }
    db.record(&Event::AccountParked { account, until })
}

fn end_attempt(
    db: &mut Write,
    progress: Progress,
    totals: Option<Totals>,
    budgets: &Budgets,
) -> Result<()> {
    for (model, spent) in totals.iter().flat_map(|it| &it.0) {
        enter(db, progress.run, model, spent)?;
    }
    let run = progress.run;
    advance(db, Progress { totals, ..progress }, budgets)?;
    approvals::withdraw_all(db, run)
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

/// What all attempts have spent on a model.
fn enter(db: &mut Write, run: Id, model: &str, spent: &Spent) -> Result<()> {
    db.execute(
        "INSERT INTO run_costs (agent_id, model, tokens_input, tokens_output, tokens_cache_read, \
         tokens_cache_write, cost_micro_usd, is_estimate) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
         ON CONFLICT (agent_id, model) DO UPDATE SET tokens_input = excluded.tokens_input, \
         tokens_output = excluded.tokens_output, tokens_cache_read = excluded.tokens_cache_read, \
         tokens_cache_write = excluded.tokens_cache_write, \
         cost_micro_usd = excluded.cost_micro_usd, is_estimate = excluded.is_estimate",
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
