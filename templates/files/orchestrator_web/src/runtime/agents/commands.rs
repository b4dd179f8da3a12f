use super::RuntimeAgent;
use super::queries::{get, require};
use crate::adapters::{Spent, Tokens, Totals};
use crate::budgets::Budgets;
use crate::budgets::commands::watch;
use crate::db::Write;
use crate::events::Event;
use crate::ids::Id;
use crate::json::Json;
use crate::money::MicroUsd;
use crate::runtime::Status;
use crate::time::Timestamp;
use crate::{Error, Result, adapters, agents, costs, runs};

/// An instance, whoever runs it.
#[derive(Debug, Clone)]
pub struct NewRuntimeAgent {
    pub orchestrator_agent_id: Id,
    pub session_id: String,
    pub status: Status,
    pub parent_agent_id: Option<Id>,
    /// The one that the agent has now, if it is not given.
    pub model: Option<String>,
    pub context: Option<Json>,
    pub config: Option<Json>,
    pub metadata: Option<Json>,
}

/// New values of some members; `None` leaves a member as it is, `Some(None)` clears it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuntimeAgentChanges {
    pub status: Option<Status>,
    /// When it moved to the status: now, if it is not given.
    pub moved_at: Option<Timestamp>,
    pub model: Option<String>,
    pub exit_reason: Option<&'static str>,
    pub cost_usd: Option<MicroUsd>,
    pub cost_is_estimate: Option<bool>,
    pub tokens_input: Option<i64>,
    pub tokens_output: Option<i64>,
    /// What was spent on which model: all of it on the instance's own, if it is not given.
    pub by_model: Option<Totals>,
    pub error_message: Option<Option<String>>,
    pub context: Option<Option<Json>>,
    pub metadata: Option<Option<Json>>,
}

/// 404 if the agent or the parent is unknown, 409 if the agent is being deleted.
pub fn create(db: &mut Write, new: NewRuntimeAgent) -> Result<RuntimeAgent> {
    agents::queries::require_lasting(db, new.orchestrator_agent_id)?;
    let definition = agents::queries::get(db, new.orchestrator_agent_id)?;
    if let Some(parent) = new.parent_agent_id {
        require(db, parent)?;
    }
    let mut agent = RuntimeAgent {
        id: Id::generate(),
        orchestrator_agent_id: new.orchestrator_agent_id,
        session_id: new.session_id,
        parent_agent_id: new.parent_agent_id,
        status: Status::Pending,
        context: new.context,
        config: new.config,
        metadata: new.metadata,
        model: new.model.or(definition.default_model),
        started_at: None,
        completed_at: None,
        duration_ms: None,
        tokens_input: 0,
        tokens_output: 0,
        cost_usd: MicroUsd::default(),
        cost_is_estimate: false,
        exit_reason: None,
        error_message: None,
    };
    agent.enter(new.status, db.now());
    insert(db, &agent)?;
    db.record(&Event::RuntimeCreated {
        id: agent.id,
        orchestrator_agent_id: agent.orchestrator_agent_id,
        session_id: agent.session_id.clone(),
        status: agent.status,
    })?;
    Ok(agent)
}

/// 404 if there is no such instance, 409 if it has ended or cannot move to the new status. Changes
/// that change nothing record no event, and an ended instance takes them; who ends it twice gets 409.
pub fn update(db: &mut Write, id: Id, changes: RuntimeAgentChanges) -> Result<RuntimeAgent> {
    let old = get(db, id)?;
    let mut new = RuntimeAgent {
        cost_usd: changes.cost_usd.unwrap_or(old.cost_usd),
        cost_is_estimate: changes.cost_is_estimate.unwrap_or(old.cost_is_estimate),
        tokens_input: changes.tokens_input.unwrap_or(old.tokens_input),
        tokens_output: changes.tokens_output.unwrap_or(old.tokens_output),
        ..old.clone()
    };
    new.model = changes.model.or(new.model);
    new.exit_reason = changes.exit_reason.map(str::to_owned).or(new.exit_reason);
    new.error_message = changes.error_message.unwrap_or(new.error_message);
    new.context = changes.context.unwrap_or(new.context);
    new.metadata = changes.metadata.unwrap_or(new.metadata);
    if let Some(status) = changes
        .status
        .filter(|&it| it != old.status || old.status.is_terminal())
    {
        if !old.status.may_become(status) {
            return Err(refused(&old, status.as_str()));
        }
        new.enter(status, changes.moved_at.unwrap_or(db.now()));
    }
    if new == old {
        return Ok(old);
    }
    if old.status.is_terminal() {
        return Err(refused(&old, "anything else"));
    }
    replace(db, &old, &new)?;
    if changes.by_model.is_some() || spent(&new) != spent(&old) {
        let totals = changes.by_model.unwrap_or_else(|| on_its_model(&new));
        costs::commands::enter(db, &new, &totals)?;
    }
    db.record(&changed(&old, &new))?;
    Ok(new)
}

fn spent(agent: &RuntimeAgent) -> Spent {
    Spent {
        tokens: Tokens {
            input: agent.tokens_input,
            output: agent.tokens_output,
            ..Tokens::default()
        },
        cost_usd: agent.cost_usd,
        is_estimate: agent.cost_is_estimate,
    }
}

fn on_its_model(agent: &RuntimeAgent) -> Totals {
    let model = agent.model.clone().unwrap_or_else(adapters::unknown);
    Totals([(model, spent(agent))].into())
}

/// As [`update`], for those who run an instance elsewhere and report it: 409 if the service runs it
/// itself, and the change is more than `context` and `metadata`.
pub fn report(
    db: &mut Write,
    id: Id,
    changes: RuntimeAgentChanges,
    budgets: &Budgets,
) -> Result<RuntimeAgent> {
    let notes = RuntimeAgentChanges {
        context: changes.context.clone(),
        metadata: changes.metadata.clone(),
        ..Default::default()
    };
    if changes != notes && runs::queries::is_ours(db, id)? {
        let detail = "the service runs this instance itself; POST to its `stop` to end it";
        return Err(Error::Conflict(detail.into()));
    }
    let is_cost = changes.cost_usd.is_some();
    let agent = update(db, id, changes)?;
    if is_cost {
        // Who exceeds a budget is told, not stopped: the instance runs elsewhere.
        watch(db, &agent, budgets)?;
    }
    Ok(agent)
}

fn insert(db: &mut Write, agent: &RuntimeAgent) -> Result<()> {
    let now = db.now();
    db.execute(
        "INSERT INTO agents (id, orchestrator_agent_id, session_id, parent_agent_id, status, \
         context, config, metadata, model, started_at, completed_at, duration_ms, tokens_input, \
         tokens_output, cost_micro_usd, cost_is_estimate, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        &[
            &agent.id,
            &agent.orchestrator_agent_id,
            &agent.session_id,
            &agent.parent_agent_id,
            &agent.status,
            &agent.context,
            &agent.config,
            &agent.metadata,
            &agent.model,
            &agent.started_at,
            &agent.completed_at,
            &agent.duration_ms,
            &agent.tokens_input,
            &agent.tokens_output,
            &agent.cost_usd,
            &agent.cost_is_estimate,
            &now,
        ],
    )?;
    Ok(())
}

/// Writes what may change, if the instance is still in the state that it was read in.
fn replace(db: &mut Write, old: &RuntimeAgent, new: &RuntimeAgent) -> Result<()> {
    let written = db.execute(
        "UPDATE agents SET status = ?3, started_at = ?4, completed_at = ?5, duration_ms = ?6, \
         cost_micro_usd = ?7, tokens_input = ?8, tokens_output = ?9, error_message = ?10, \
         context = ?11, metadata = ?12, model = ?13, cost_is_estimate = ?14, exit_reason = ?15 \
         WHERE id = ?1 AND status = ?2",
        &[
            &old.id,
            &old.status,
            &new.status,
            &new.started_at,
            &new.completed_at,
            &new.duration_ms,
            &new.cost_usd,
            &new.tokens_input,
            &new.tokens_output,
            &new.error_message,
            &new.context,
            &new.metadata,
            &new.model,
            &new.cost_is_estimate,
            &new.exit_reason,
        ],
    )?;
    if written != 1 {
        return Err(refused(old, new.status.as_str()));
    }
    Ok(())
}

/// One event a change: the move, where there is one.
fn changed(old: &RuntimeAgent, new: &RuntimeAgent) -> Event {
    let (id, orchestrator_agent_id) = (new.id, new.orchestrator_agent_id);
    let session_id = new.session_id.clone();
    if old.status == new.status {
        return Event::RuntimeUpdated {
            id,
            orchestrator_agent_id,
            session_id,
        };
    }
    Event::RuntimeStatus {
        id,
        orchestrator_agent_id,
        session_id,
        from: old.status,
        to: new.status,
    }
}

fn refused(agent: &RuntimeAgent, next: &str) -> Error {
    let status = agent.status.as_str();
    Error::Conflict(format!(
        "a runtime agent that is {status} cannot become {next}"
    ))
}
