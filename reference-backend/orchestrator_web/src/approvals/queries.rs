use super::{Approval, ApprovalStatus};
use crate::db::list::Slice;
use crate::db::{Listing, Read, Row};
use crate::ids::Id;
use crate::page::Page;
use crate::time::Timestamp;
use crate::{Error, Result};

pub(super) const COLUMNS: &str = "id, agent_id, request_id, tool, input, status, on_timeout, reason, \
     decided_by, created_at, expires_at, decided_at, delivered_at";

/// Which approvals a list holds.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApprovalFilter {
    pub status: Option<ApprovalStatus>,
    /// The instance that asks.
    pub agent_id: Option<Id>,
}

pub fn list(db: &Read, filter: &ApprovalFilter, page: &Page) -> Result<Slice<Approval>> {
    Listing::new(COLUMNS, "approvals")
        .only_if("status = ?", &filter.status)
        .only_if("agent_id = ?", &filter.agent_id)
        .page(db, page, approval)
}

pub fn get(db: &Read, id: Id) -> Result<Approval> {
    let sql = format!("SELECT {COLUMNS} FROM approvals WHERE id = ?1");
    db.first(&sql, &[&id], approval)?
        .ok_or(Error::NotFound("approval"))
}

/// What a run still waits for, oldest first.
pub fn pending(db: &Read, agent_id: Id) -> Result<Vec<Approval>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM approvals WHERE agent_id = ?1 AND status = 'pending' \
         ORDER BY created_at, seq"
    );
    db.all(&sql, &[&agent_id], approval)
}

/// The answers that the present attempt of a run has not been told, oldest first.
pub fn undelivered(db: &Read, agent_id: Id) -> Result<Vec<Approval>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM approvals WHERE agent_id = ?1 AND delivered_at IS NULL \
         AND status IN ('allowed', 'denied', 'timed_out') \
         AND attempt = (SELECT attempt FROM runs WHERE agent_id = ?1) \
         ORDER BY created_at, seq"
    );
    db.all(&sql, &[&agent_id], approval)
}

/// When the next question is answered by the clock.
pub fn next_expiry(db: &Read) -> Result<Option<Timestamp>> {
    let sql = "SELECT expires_at FROM approvals WHERE status = 'pending' AND expires_at IS NOT NULL \
         ORDER BY expires_at LIMIT 1";
    db.first(sql, &[], |row| row.take())
}

pub(super) fn approval(row: &mut Row) -> Result<Approval> {
    Ok(Approval {
        id: row.take()?,
        agent_id: row.take()?,
        request_id: row.take()?,
        tool: row.take()?,
        input: row.take()?,
        status: row.take()?,
        on_timeout: row.take()?,
        reason: row.take()?,
        decided_by: row.take()?,
        created_at: row.take()?,
        expires_at: row.take()?,
        decided_at: row.take()?,
        delivered_at: row.take()?,
    })
}
