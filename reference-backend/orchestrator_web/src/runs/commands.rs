use serde::Serialize;

use super::{QueueState, queries};
use crate::batch::Batch;
use crate::budgets::queries::require_room;
use crate::config::Settings;
use crate::db::Write;
use crate::error::FieldError;
use crate::events::Event;
use crate::executors::{Executor, Executors};
use crate::idempotency::Idempotency;
use crate::ids::Id;
use crate::json::Json;
use crate::money::MicroUsd;
use crate::runtime::Status;
use crate::runtime::agents::RuntimeAgent;
use crate::runtime::agents::commands::{self as agents, NewRuntimeAgent, RuntimeAgentChanges};
use crate::runtime::agents::queries as instances;
use crate::runtime::logs::commands::NewLog;
use crate::runtime::logs::{self, Level, LogType};
use crate::runtime::prompts::commands::{self as prompts, NewPrompt, PromptChanges};
use crate::runtime::prompts::{self as asked, PromptStatus, PromptType};
use crate::time::Timestamp;
use crate::{Error, Result, worktrees};

/// What a run is to do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewRun {
    pub prompt: String,
    /// Goes on with what earlier runs of the session on the same executor were told.
    pub session_id: Option<String>,
    /// A folder that exists, by its real path.
    pub working_dir: String,
    pub model: Option<String>,
    pub timeout_seconds: Option<i64>,
    pub budget: Option<MicroUsd>,
    /// Those with a higher one start first.
    pub priority: i64,
    /// It waits in the queue until then.
    pub start_after: Option<Timestamp>,
    /// Whether it works in a work tree of its own; as the agent or its executor says, if it is `None`.
    pub worktree: Option<bool>,
    /// The run that it repeats.
    pub parent: Option<Id>,
    /// The workflow that it is a step of.
    pub workflow: Option<Id>,
    /// An object that its instance shows.
    pub metadata: Option<Json>,
}

/// Puts a run of the agent `id` into the queue; a request that comes again gets the run of the first
/// time. 404 if there is no such agent, 409 if it is not active or names no executor, or if what the run
/// may cost does not fit into a budget; 422 if the executor is not configured, or the key was used for
/// another request.
pub fn execute(
    db: &mut Write,
    id: Id,
    new: NewRun,
    settings: &Settings,
    idempotency: Option<&Idempotency>,
) -> Result<RuntimeAgent> {
    if let Some(given) = idempotency
        && let Some((run, digest)) = queries::by_key(db, &given.key)?
    {
        given.require_same(&digest)?;
        return instances::get(db, run);
    }
    let (name, executor) = executor(db, id, &settings.executors)?;
    let budgets = &settings.budgets;
    let limit = budgets.of_run(new.budget, executor);
    let reserved = limit.unwrap_or(budgets.reservation);
    require_room(db, id, limit, db.now(), budgets)?;
    let wants_worktree = match new.worktree {
        Some(wants) => wants,
        None => worktrees::queries::is_wanted(db, id, executor)?,
    };
    let agent = agents::create(
        db,
        NewRuntimeAgent {
            orchestrator_agent_id: id,
            session_id: new
                .session_id
                .clone()
                .unwrap_or_else(|| Id::generate().to_string()),
            status: Status::Pending,
            parent_agent_id: new.parent,
            model: new.model,
            context: None,
            config: None,
            metadata: new.metadata,
        },
    )?;
    let prompt = prompts::create(
        db,
        NewPrompt {
            agent_id: agent.id,
            prompt_type: PromptType::Command,
            prompt_text: new.prompt,
            prompt_name: None,
            model_used: agent.model.clone(),
        },
    )?;
    db.execute(
        "INSERT INTO runs (agent_id, executor, prompt_id, asked_session, working_dir, \
         timeout_seconds, budget_micro_usd, limit_micro_usd, reserved_micro_usd, workflow_id, \
         stdout_read, stderr_read, is_to_stop, idempotency_key, request_digest, is_queued, \
         priority, not_before, repository, wants_worktree) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0, 0, ?11, ?12, 1, ?13, ?14, ?15, \
         ?16)",
        &[
            &agent.id,
            &name,
            &prompt.id,
            &new.session_id,
            &new.working_dir,
            &new.timeout_seconds,
            &new.budget,
            &limit,
            &reserved,
            &new.workflow,
            &idempotency.map(|it| it.key.as_str()),
            &idempotency.map(|it| it.digest.as_str()),
            &new.priority,
            &new.start_after,
            &super::repository(&new.working_dir),
            &wants_worktree,
        ],
    )?;
    if queries::state(db)? == QueueState::Stopped {
        let message = "the queue is stopped: the run waits for POST /api/orchestrator/start";
        say(db, agent.id, Level::Warning, message)?;
    }
    Ok(agent)
}

/// The executor of an agent that can run, with its name; errors as [`execute`].
pub fn executor<'a>(
    db: &Write,
    id: Id,
    executors: &'a Executors,
) -> Result<(String, &'a Executor)> {
    let agent = crate::agents::queries::get(db, id)?;
    let name = agent.name;
    if !agent.is_active {
        return Err(Error::Conflict(format!("agent `{name}` is not active")));
    }
    let Some(name) = agent.executor else {
        return Err(Error::Conflict(format!("agent `{name}` has no executor")));
    };
    let Some(executor) = executors.get(&name) else {
        let known: Vec<_> = executors.names().collect();
        let known = known.join(", ");
        let detail = format!("the agent's executor `{name}` is not configured, only {known}");
        return Err(Error::Invalid(vec![FieldError::at("", detail)]));
    };
    Ok((name, executor))
}

/// Puts the same again into the queue. 404 if there is no such instance, 409 if it has not ended, runs
/// elsewhere, or its prompt is not kept any more; otherwise as [`execute`].
pub fn restart(db: &mut Write, id: Id, settings: &Settings) -> Result<RuntimeAgent> {
    let run = queries::get(db, id)?;
    if !run.agent.status.is_terminal() {
        let status = run.agent.status.as_str();
        return Err(Error::Conflict(format!(
            "the run is {status}; stop it first"
        )));
    }
    let prompt = match asked::queries::get(db, run.prompt_id) {
        Err(Error::NotFound(_)) => {
            return Err(Error::Conflict(
                "the run's prompt is not kept any more".into(),
            ));
        }
        prompt => prompt?,
    };
    let again = NewRun {
        prompt: prompt.prompt_text,
        session_id: run.asked_session,
        working_dir: run.working_dir,
        model: prompt.model_used,
        timeout_seconds: run.timeout_seconds,
        budget: run.budget,
        priority: run.priority,
        start_after: None,
        worktree: Some(run.wants_worktree),
        parent: Some(id),
        // A step that somebody repeats by hand is none of the workflow's.
        workflow: None,
        metadata: None,
    };
    execute(db, run.agent.orchestrator_agent_id, again, settings, None)
}

/// Takes a run out of the queue, or asks it to end. Asking again changes nothing. 404 if there is no
/// such instance, 409 if it has ended or runs elsewhere.
pub fn stop(db: &mut Write, id: Id) -> Result<RuntimeAgent> {
    let run = queries::get(db, id)?;
    if run.agent.status.is_terminal() {
        let status = run.agent.status.as_str();
        return Err(Error::Conflict(format!(
            "the run has ended: it is {status}"
        )));
    }
    if run.is_queued {
        let unanswered = PromptChanges {
            status: Some(PromptStatus::Cancelled),
            tokens_input: Some(run.agent.tokens_input),
            tokens_output: Some(run.agent.tokens_output),
            cost_usd: Some(run.agent.cost_usd),
            ..Default::default()
        };
        answer(db, run.prompt_id, unanswered)?;
        let status = Some(Status::Cancelled);
        let cancelled = RuntimeAgentChanges {
            status,
            ..Default::default()
        };
        return agents::update(db, id, cancelled);
    }
    let sql = "UPDATE runs SET is_to_stop = 1 WHERE agent_id = ?1 AND is_to_stop = 0";
    if db.execute(sql, &[&id])? == 1 {
        db.record(&Event::RuntimeStopping {
            id,
            orchestrator_agent_id: run.agent.orchestrator_agent_id,
            session_id: run.agent.session_id.clone(),
        })?;
    }
    Ok(run.agent)
}

/// Adds a line about the run itself to its log.
pub(crate) fn say(db: &mut Write, agent_id: Id, log_level: Level, message: &str) -> Result<()> {
    let line = NewLog {
        agent_id,
        log_level,
        log_type: LogType::StateChange,
        message: message.to_owned(),
        details: None,
    };
    logs::commands::write(db, Batch::One(line)).map(drop)
}

/// Changes the run's prompt, unless it is not kept any more or somebody else has ended it.
pub(super) fn answer(db: &mut Write, prompt: Id, changes: PromptChanges) -> Result<()> {
    match asked::queries::get(db, prompt) {
        Err(Error::NotFound(_)) => Ok(()),
        Ok(prompt) if prompt.status.is_terminal() => Ok(()),
        _ => prompts::update(db, prompt, changes).map(drop),
    }
}
