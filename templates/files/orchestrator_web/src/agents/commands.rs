use super::queries::{COLUMNS, agent, get, is_taken};
use super::{Agent, AgentName, AgentType};
use crate::db::Write;
use crate::events::Event;
use crate::ids::Id;
use crate::json::Json;
use crate::retention::commands::MOST_ROWS;
use crate::runtime::Status;
use crate::runtime::agents::{self as runtime, commands::RuntimeAgentChanges};
use crate::{Error, Result, approvals, costs};

#[derive(Debug, Clone)]
pub struct NewAgent {
    pub name: AgentName,
    pub description: String,
    pub agent_type: AgentType,
    pub capabilities: String,
    pub default_model: Option<String>,
    pub executor: Option<String>,
    pub is_active: bool,
    pub metadata: Option<Json>,
}

/// New values of some members; `None` leaves a member as it is, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct AgentChanges {
    pub name: Option<AgentName>,
    pub description: Option<String>,
    pub agent_type: Option<AgentType>,
    pub capabilities: Option<String>,
    pub default_model: Option<Option<String>>,
    pub executor: Option<Option<String>>,
    pub is_active: Option<bool>,
    pub metadata: Option<Option<Json>>,
}

/// 409 if the name is taken.
pub fn create(db: &mut Write, new: &NewAgent) -> Result<Agent> {
    refuse_taken(db, &new.name, None)?;
    let (id, now) = (Id::generate(), db.now());
    let text = search_text(new.name.as_str(), &new.description, &new.capabilities);
    let sql = format!(
        "INSERT INTO orchestrator_agents (id, name, name_key, search_text, description, \
         agent_type, capabilities, default_model, executor, is_active, metadata, created_at, \
         updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12) \
         RETURNING {COLUMNS}"
    );
    let agent = db.returning(
        &sql,
        &[
            &id,
            &new.name.as_str(),
            &new.name.key(),
            &text,
            &new.description,
            &new.agent_type,
            &new.capabilities,
            &new.default_model,
            &new.executor,
            &new.is_active,
            &new.metadata,
            &now,
        ],
        agent,
    )?;
    db.record(&Event::AgentCreated {
        agent_id: id,
        name: new.name.to_string(),
    })?;
    agent.ok_or_else(|| anyhow::anyhow!("an insert returned no row").into())
}

/// 404 if there is no such agent, 409 if the new name is taken. What changes nothing is no event.
pub fn update(db: &mut Write, id: Id, changes: AgentChanges) -> Result<Agent> {
    let old = get(db, id)?;
    if let Some(name) = &changes.name {
        refuse_taken(db, name, Some(id))?;
    }
    let before = old.clone();
    let mut new = Agent {
        id,
        name: changes.name.map_or(old.name, |name| name.to_string()),
        description: changes.description.unwrap_or(old.description),
        agent_type: changes.agent_type.unwrap_or(old.agent_type),
        capabilities: changes.capabilities.unwrap_or(old.capabilities),
        default_model: changes.default_model.unwrap_or(old.default_model),
        executor: changes.executor.unwrap_or(old.executor),
        is_active: changes.is_active.unwrap_or(old.is_active),
        metadata: changes.metadata.unwrap_or(old.metadata),
        created_at: old.created_at,
        updated_at: old.updated_at,
    };
    if new == before {
        return Ok(new);
    }
    new.updated_at = db.now();
    db.execute(
        "UPDATE orchestrator_agents SET name = ?2, name_key = ?3, search_text = ?4, \
         description = ?5, agent_type = ?6, capabilities = ?7, default_model = ?8, executor = ?9, \
         is_active = ?10, metadata = ?11, updated_at = ?12 WHERE id = ?1",
        &[
            &id,
            &new.name,
            &new.name.to_lowercase(),
            &search_text(&new.name, &new.description, &new.capabilities),
            &new.description,
            &new.agent_type,
            &new.capabilities,
            &new.default_model,
            &new.executor,
            &new.is_active,
            &new.metadata,
            &new.updated_at,
        ],
    )?;
    if new.name != before.name {
        costs::commands::rename(db, id, &new.name)?;
    }
    db.record(&Event::AgentUpdated {
        agent_id: id,
        name: new.name.clone(),
    })?;
    Ok(new)
}

/// How an agent is deleted.
#[derive(Debug, Clone, Copy, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Deletion {
    /// Stops running instances instead of refusing.
    #[param(default = false, required = false)]
    pub force: bool,
}

/// How far an agent is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    Unfinished,
    Done,
}

/// Begins to remove the agent, and with few rows is done with it; see [`remove`]. 404 if there is
/// none, 409 if instances are running and `force` is not given; with it they are cancelled first.
pub fn delete(db: &mut Write, id: Id, deletion: Deletion) -> Result<Removal> {
    let agent = get(db, id)?;
    let running = runtime::queries::running(db, id)?;
    if !running.is_empty() && !deletion.force {
        let (name, count) = (agent.name, running.len());
        return Err(Error::Conflict(format!(
            "agent `{name}` has {count} running; stop them first, or delete with `?force=true`"
        )));
    }
    for instance in running {
        approvals::commands::withdraw_all(db, instance)?;
        let status = Some(Status::Cancelled);
        let cancelled = RuntimeAgentChanges {
            status,
            ..Default::default()
        };
        runtime::commands::update(db, instance, cancelled)?;
    }
    remove(db, id)
}

/// What goes before the agent `?1`, at most `?2` rows each: instances only when they have no logs,
/// prompts and approvals left, and the agent when it has no instances.
const REFERRING: [&str; 5] = [
    "DELETE FROM agent_logs WHERE seq IN (SELECT l.seq FROM agents a \
     JOIN agent_logs l ON l.agent_id = a.id WHERE a.orchestrator_agent_id = ?1 LIMIT ?2)",
    "DELETE FROM prompts WHERE seq IN (SELECT p.seq FROM agents a \
     JOIN prompts p ON p.agent_id = a.id WHERE a.orchestrator_agent_id = ?1 LIMIT ?2)",
    "DELETE FROM approvals WHERE seq IN (SELECT p.seq FROM agents a \
     JOIN approvals p ON p.agent_id = a.id WHERE a.orchestrator_agent_id = ?1 LIMIT ?2)",
    "DELETE FROM agents WHERE seq IN (SELECT seq FROM agents \
     WHERE orchestrator_agent_id = ?1 LIMIT ?2)",
    "UPDATE ai_developer_workflows SET orchestrator_agent_id = NULL WHERE seq IN (SELECT seq \
     FROM ai_developer_workflows WHERE orchestrator_agent_id = ?1 LIMIT ?2)",
];

/// Removes at most [`MOST_ROWS`] of what belongs to an agent of which nothing runs, and with the
/// last of them the agent. Done too if it was gone: somebody else has finished.
pub fn remove(db: &mut Write, id: Id) -> Result<Removal> {
    let name = "SELECT name FROM orchestrator_agents WHERE id = ?1";
    let Some(name) = db.first(name, &[&id], |row| row.take())? else {
        return Ok(Removal::Done);
    };
    let mut rows = 0;
    for sql in REFERRING {
        let left = MOST_ROWS - rows;
        let changed = db.execute(sql, &[&id, &left])?;
        rows += i64::try_from(changed).expect("a limit is small");
    }
    let agent_id = id;
    if rows == MOST_ROWS {
        let mark = "UPDATE orchestrator_agents SET is_being_deleted = 1 WHERE id = ?1";
        db.execute(mark, &[&id])?;
        let event = Event::AgentDeleting {
            agent_id,
            name,
            rows,
        };
        db.record(&event)?;
        return Ok(Removal::Unfinished);
    }
    db.execute("DELETE FROM orchestrator_agents WHERE id = ?1", &[&id])?;
    db.record(&Event::AgentDeleted { agent_id, name })?;
    Ok(Removal::Done)
}

fn refuse_taken(db: &Write, name: &AgentName, except: Option<Id>) -> Result<()> {
    if is_taken(db, name, except)? {
        return Err(Error::Conflict(format!(
            "an agent is named `{name}` already"
        )));
    }
    Ok(())
}

/// What the list's `q` looks in.
fn search_text(name: &str, description: &str, capabilities: &str) -> String {
    format!("{name}\n{description}\n{capabilities}").to_lowercase()
}
