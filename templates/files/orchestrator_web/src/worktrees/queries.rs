use serde::Deserialize;

use super::{Worktree, WorktreeStatus};
use crate::db::{Read, Row};
use crate::error::FieldError;
use crate::executors::Executor;
use crate::ids::Id;
use crate::runs::{self, Run};
use crate::{Error, Result, agents};

const COLUMNS: &str = "w.id, w.status, w.path, w.folder, w.branch, w.base, w.target_path, \
     w.target_branch, w.rescue, w.reason, w.created_at, w.repository, w.merge_from, w.merge_to";

/// Whether a run of `agent` is to have a work tree, if nobody has said so. 422 if the agent's metadata is
/// not clear about it.
pub fn is_wanted(db: &Read, agent: Id, executor: &Executor) -> Result<bool> {
    #[derive(Deserialize)]
    struct Metadata {
        worktree: Option<bool>,
    }
    let Some(metadata) = agents::queries::get(db, agent)?.metadata else {
        return Ok(executor.worktree);
    };
    let metadata = serde_json::to_string(&metadata).map_err(anyhow::Error::from)?;
    let metadata = serde_json::from_str(&metadata).map_err(|_| {
        let detail = "the agent's metadata.worktree is neither true nor false";
        Error::Invalid(vec![FieldError::at("", detail)])
    });
    metadata.map(|it: Metadata| it.worktree.unwrap_or(executor.worktree))
}

/// 404 if there is no such work tree.
pub fn get(db: &Read, id: Id) -> Result<Worktree> {
    let sql = format!("SELECT {COLUMNS} FROM worktrees w WHERE w.id = ?1");
    let found = db.first(&sql, &[&id], worktree)?;
    found.ok_or(Error::NotFound("work tree"))
}

/// The work tree of a run, if it has one by now.
pub fn of(db: &Read, run: Id) -> Result<Option<Worktree>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM runs r JOIN worktrees w ON w.id = r.worktree_id \
         WHERE r.agent_id = ?1"
    );
    db.first(&sql, &[&run], worktree)
}

/// The work tree of a run. 404 if there is no such run, 409 if it has none.
pub fn of_run(db: &Read, run: Id) -> Result<Worktree> {
    runs::queries::get(db, run)?;
    let why = "the run has no work tree of its own";
    of(db, run)?.ok_or_else(|| Error::Conflict(why.into()))
}

/// The work tree in which `run` goes on with what others have begun: that of its workflow's latest step,
/// those included that a restart has kept, or else of its session's latest run on the same executor. It
/// was asked for in the same folder, and stands. 409 if what the workflow has done is gone: nobody goes on
/// without it.
pub fn to_join(db: &Read, run: &Run) -> Result<Option<Worktree>> {
    let of_workflow = format!(
        "SELECT {COLUMNS} FROM runs me JOIN workflow_steps s ON s.workflow_id = me.workflow_id \
         JOIN runs r ON r.agent_id = s.run_id JOIN worktrees w ON w.id = r.worktree_id \
         WHERE me.agent_id = ?1 AND r.working_dir = me.working_dir \
         AND w.status <> 'pending' ORDER BY s.seq DESC LIMIT 1"
    );
    if let Some(found) = db.first(&of_workflow, &[&run.agent.id], worktree)? {
        return found.to_go_on();
    }
    let of_session = format!(
        "SELECT {COLUMNS} FROM agents a JOIN runs r ON r.agent_id = a.id \
         JOIN worktrees w ON w.id = r.worktree_id \
         WHERE a.session_id = ?1 AND r.executor = ?2 AND r.working_dir = ?3 \
         AND w.status IN ('ready', 'merged') ORDER BY a.created_at DESC, a.seq DESC LIMIT 1"
    );
    let (session, executor) = (&run.agent.session_id, &run.executor);
    db.first(
        &of_session,
        &[session, executor, &run.working_dir],
        worktree,
    )
}

/// Whether no run is at work in it, or waits to be.
pub fn is_at_rest(db: &Read, id: Id) -> Result<bool> {
    let sql = "SELECT 1 FROM runs r JOIN agents a ON a.id = r.agent_id \
         WHERE r.worktree_id = ?1 AND a.completed_at IS NULL LIMIT 1";
    Ok(db.first(sql, &[&id], |_| Ok(()))?.is_none())
}

/// One that stands, and that no run is at work in: 409 otherwise.
pub fn mergeable(db: &Read, id: Id) -> Result<Worktree> {
    let worktree = get(db, id)?;
    worktree.require_standing()?;
    require_rest(db, worktree)
}

/// The same, or one whose removal has come to nothing.
pub fn removable(db: &Read, id: Id) -> Result<Worktree> {
    let worktree = get(db, id)?;
    if !worktree.status.is_there() {
        worktree.require_standing()?;
    }
    require_rest(db, worktree)
}

fn require_rest(db: &Read, worktree: Worktree) -> Result<Worktree> {
    if !is_at_rest(db, worktree.id)? {
        let why = "a run is at work in the work tree; stop it, or wait for its end";
        return Err(Error::Conflict(why.into()));
    }
    Ok(worktree)
}

/// Those with which something is to be done: what a service that was killed has begun, and what belongs
/// to no run any more.
pub fn unsettled(db: &Read) -> Result<Vec<Id>> {
    let all = "SELECT id FROM worktrees \
         WHERE status IN ('pending', 'ready', 'merged', 'discarding')";
    let mut found = Vec::new();
    for id in db.all(all, &[], |row| row.take::<Id>())? {
        if is_unsettled(db, &get(db, id)?)? {
            found.push(id);
        }
    }
    Ok(found)
}

pub fn is_unsettled(db: &Read, it: &Worktree) -> Result<bool> {
    Ok(match it.status {
        WorktreeStatus::Discarding => true,
        WorktreeStatus::Pending => is_at_rest(db, it.id)?,
        WorktreeStatus::Ready | WorktreeStatus::Merged => {
            it.merge.is_some() || is_orphan(db, it.id)?
        }
        WorktreeStatus::Discarded | WorktreeStatus::Kept => false,
    })
}

pub fn is_orphan(db: &Read, id: Id) -> Result<bool> {
    let sql = "SELECT 1 FROM runs WHERE worktree_id = ?1 LIMIT 1";
    Ok(db.first(sql, &[&id], |_| Ok(()))?.is_none())
}

fn worktree(row: &mut Row) -> Result<Worktree> {
    Ok(Worktree {
        id: row.take()?,
        status: row.take()?,
        path: row.take()?,
        folder: row.take()?,
        branch: row.take()?,
        base: row.take()?,
        target_path: row.take()?,
        target_branch: row.take()?,
        rescue: row.take()?,
        reason: row.take()?,
        created_at: row.take()?,
        repository: row.take()?,
        merge: row.take::<Option<String>>()?.zip(row.take()?),
    })
}
