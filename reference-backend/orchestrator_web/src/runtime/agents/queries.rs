use super::{Glimpse, RuntimeAgent};
use crate::db::list::Slice;
use crate::db::{Listing, Read, Row, search};
use crate::ids::Id;
use crate::page::Page;
use crate::runtime::Status;
use crate::time::Timestamp;
use crate::{Error, Result, agents};

const COLUMNS: &str = "id, orchestrator_agent_id, session_id, parent_agent_id, status, context, \
     config, metadata, model, started_at, completed_at, duration_ms, tokens_input, tokens_output, \
     cost_micro_usd, cost_is_estimate, exit_reason, error_message";

/// Which instances a list holds.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RuntimeAgentFilter {
    pub session_id: Option<String>,
    pub status: Option<Status>,
    pub orchestrator_agent_id: Option<Id>,
    pub parent_agent_id: Option<Id>,
    /// Words of what it was asked; the last one may be a beginning.
    pub q: Option<String>,
    /// Made from here on.
    pub since: Option<Timestamp>,
    /// Made up to here, and not at this instant.
    pub until: Option<Timestamp>,
}

pub fn list(db: &Read, filter: &RuntimeAgentFilter, page: &Page) -> Result<Slice<RuntimeAgent>> {
    let words = filter.q.as_deref().and_then(search::words);
    let asked = match &words {
        Some(words) => asked(db, words)?,
        None => String::new(),
    };
    Listing::new(COLUMNS, "agents")
        .only_if("session_id = ?", &filter.session_id)
        .only_if("status = ?", &filter.status)
        .only_if("orchestrator_agent_id = ?", &filter.orchestrator_agent_id)
        .only_if("parent_agent_id = ?", &filter.parent_agent_id)
        .only_if("created_at >= ?", &filter.since)
        .only_if("created_at < ?", &filter.until)
        .only_if(&asked, &words)
        .page(db, page, runtime_agent)
}

/// The condition that an instance was asked with these words: where few were, it is those that are
/// looked at; where many were, a look at the newest instances soon finds a page of them.
fn asked(db: &Read, words: &str) -> Result<String> {
    let matches = search::matches("prompts");
    Ok(if search::are_few(db, "prompts", words)? {
        format!("id IN (SELECT agent_id FROM prompts WHERE {matches})")
    } else {
        format!("EXISTS (SELECT 1 FROM prompts p WHERE p.agent_id = agents.id AND p.{matches})")
    })
}

pub fn get(db: &Read, id: Id) -> Result<RuntimeAgent> {
    let sql = format!("SELECT {COLUMNS} FROM agents WHERE id = ?1");
    db.first(&sql, &[&id], runtime_agent)?
        .ok_or(Error::NotFound("runtime agent"))
}

/// 404 if there is no instance `id`.
pub fn require(db: &Read, id: Id) -> Result<()> {
    db.first("SELECT 1 FROM agents WHERE id = ?1", &[&id], |_| Ok(()))?
        .ok_or(Error::NotFound("runtime agent"))
}

/// What new rows may refer to: 404 if there is no instance `id`, 409 once the deletion of its agent
/// has begun.
pub fn require_lasting(db: &Read, id: Id) -> Result<()> {
    let sql = "SELECT orchestrator_agent_id FROM agents WHERE id = ?1";
    let agent = db.first(sql, &[&id], |row| row.take())?;
    agents::queries::require_lasting(db, agent.ok_or(Error::NotFound("runtime agent"))?)
}

/// The instances of an agent that have not ended.
pub fn running(db: &Read, orchestrator_agent_id: Id) -> Result<Vec<Id>> {
    let sql = "SELECT id FROM agents WHERE orchestrator_agent_id = ?1 AND completed_at IS NULL";
    db.all(sql, &[&orchestrator_agent_id], |row| row.take())
}

/// The newest that have begun and not ended, and are no runs of this service.
pub fn running_elsewhere(db: &Read, most: i64) -> Result<Vec<RuntimeAgent>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM agents WHERE completed_at IS NULL AND status <> 'pending' \
         AND NOT EXISTS (SELECT 1 FROM runs WHERE agent_id = agents.id) \
         ORDER BY created_at DESC, seq DESC LIMIT ?1"
    );
    db.all(&sql, &[&most], runtime_agent)
}

/// Every instance that has not ended, and the 100 that ended last.
pub fn snapshot(db: &Read) -> Result<Vec<Glimpse>> {
    const GLIMPSE: &str = "SELECT id, orchestrator_agent_id, session_id, status, started_at, completed_at FROM agents";
    let sql = format!(
        "SELECT * FROM ({GLIMPSE} WHERE completed_at IS NULL ORDER BY created_at DESC, seq DESC) \
         UNION ALL SELECT * FROM ({GLIMPSE} WHERE completed_at IS NOT NULL \
         ORDER BY completed_at DESC, seq DESC LIMIT 100)"
    );
    db.all(&sql, &[], |row| {
        Ok(Glimpse {
            id: row.take()?,
            orchestrator_agent_id: row.take()?,
            session_id: row.take()?,
            status: row.take()?,
            started_at: row.take()?,
            completed_at: row.take()?,
        })
    })
}

fn runtime_agent(row: &mut Row) -> Result<RuntimeAgent> {
    Ok(RuntimeAgent {
        id: row.take()?,
        orchestrator_agent_id: row.take()?,
        session_id: row.take()?,
        parent_agent_id: row.take()?,
        status: row.take()?,
        context: row.take()?,
        config: row.take()?,
        metadata: row.take()?,
        model: row.take()?,
        started_at: row.take()?,
        completed_at: row.take()?,
        duration_ms: row.take()?,
        tokens_input: row.take()?,
        tokens_output: row.take()?,
        cost_usd: row.take()?,
        cost_is_estimate: row.take()?,
        exit_reason: row.take()?,
        error_message: row.take()?,
    })
}
