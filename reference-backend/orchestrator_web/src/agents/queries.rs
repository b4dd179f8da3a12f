use super::{Agent, AgentName, AgentType};
use crate::db::list::Slice;
use crate::db::{Listing, Read, Row};
use crate::ids::Id;
use crate::page::Page;
use crate::{Error, Result};

pub(super) const COLUMNS: &str = "id, name, description, agent_type, capabilities, default_model, \
     executor, is_active, metadata, created_at, updated_at";

/// Which agents a list holds.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgentFilter {
    pub agent_type: Option<AgentType>,
    pub is_active: Option<bool>,
    /// Text in the name, the description or the capabilities, whatever its case.
    pub q: Option<String>,
}

pub fn list(db: &Read, filter: &AgentFilter, page: &Page) -> Result<Slice<Agent>> {
    let text = filter.q.as_ref().map(|q| q.to_lowercase());
    Listing::new(COLUMNS, "orchestrator_agents")
        .only_if("agent_type = ?", &filter.agent_type)
        .only_if("is_active = ?", &filter.is_active)
        .only_if("instr(search_text, ?) > 0", &text)
        .page(db, page, agent)
}

pub fn get(db: &Read, id: Id) -> Result<Agent> {
    let sql = format!("SELECT {COLUMNS} FROM orchestrator_agents WHERE id = ?1");
    db.first(&sql, &[&id], agent)?
        .ok_or(Error::NotFound("agent"))
}

/// What new rows may refer to: 404 if there is no such agent, 409 once its deletion has begun.
pub fn require_lasting(db: &Read, id: Id) -> Result<()> {
    let sql = "SELECT is_being_deleted FROM orchestrator_agents WHERE id = ?1";
    match db.first(sql, &[&id], |row| row.take())? {
        None => Err(Error::NotFound("agent")),
        Some(true) => Err(Error::Conflict("the agent is being deleted".into())),
        Some(false) => Ok(()),
    }
}

/// The agents whose deletion has begun.
pub fn being_deleted(db: &Read) -> Result<Vec<Id>> {
    let sql = "SELECT id FROM orchestrator_agents WHERE is_being_deleted = 1";
    db.all(sql, &[], |row| row.take())
}

/// The agent of that name, whatever its case.
pub fn by_name(db: &Read, name: &AgentName) -> Result<Option<Agent>> {
    let sql = format!("SELECT {COLUMNS} FROM orchestrator_agents WHERE name_key = ?1");
    db.first(&sql, &[&name.key()], agent)
}

/// Whether another agent than `except` has `name`.
pub fn is_taken(db: &Read, name: &AgentName, except: Option<Id>) -> Result<bool> {
    let sql = "SELECT id FROM orchestrator_agents WHERE name_key = ?1";
    let holder = db.first(sql, &[&name.key()], |row| row.take::<Id>())?;
    Ok(holder.is_some_and(|holder| Some(holder) != except))
}

pub(super) fn agent(row: &mut Row) -> Result<Agent> {
    Ok(Agent {
        id: row.take()?,
        name: row.take()?,
        description: row.take()?,
        agent_type: row.take()?,
        capabilities: row.take()?,
        default_model: row.take()?,
        executor: row.take()?,
        is_active: row.take()?,
        metadata: row.take()?,
        created_at: row.take()?,
        updated_at: row.take()?,
    })
}
