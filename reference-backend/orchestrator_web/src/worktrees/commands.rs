use super::queries::{get, is_orphan, mergeable, removable};
use super::{Worktree, WorktreeStatus};
use crate::batch::Batch;
use crate::db::Write;
use crate::events::Event;
use crate::ids::Id;
use crate::runs::commands::say;
use crate::runtime::logs::Level;
use crate::system::commands::NewSystemLog;
use crate::{Error, Result, system};

/// Writes down what will be made for the run of the same id.
pub fn plan(db: &mut Write, plan: &Worktree) -> Result<()> {
    db.execute(
        "INSERT INTO worktrees (id, status, repository, path, folder, branch, base, target_path, \
         target_branch, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            &plan.id,
            &WorktreeStatus::Pending,
            &plan.repository,
            &plan.path,
            &plan.folder,
            &plan.branch,
            &plan.base,
            &plan.target_path,
            &plan.target_branch,
            &db.now(),
        ],
    )?;
    let own = "UPDATE runs SET worktree_id = ?1 WHERE agent_id = ?1";
    db.execute(own, &[&plan.id])?;
    let message = format!(
        "makes the work tree {} on branch {}, from {}",
        plan.path, plan.branch, plan.base
    );
    say(db, plan.id, Level::Info, &message)
}

/// It is made.
pub fn made(db: &mut Write, id: Id) -> Result<()> {
    move_to(db, id, WorktreeStatus::Pending, WorktreeStatus::Ready)?;
    let branch = get(db, id)?.branch;
    db.record(&Event::WorktreeCreated { id, branch })
}

/// Forgets one that could not be made, and of which nothing is left.
pub fn unmade(db: &mut Write, id: Id) -> Result<()> {
    db.execute(
        "UPDATE runs SET worktree_id = NULL WHERE worktree_id = ?1",
        &[&id],
    )?;
    db.execute("DELETE FROM worktrees WHERE id = ?1", &[&id])?;
    db.record(&Event::WorktreeForgotten { id })
}

/// Has `run` work in a work tree that was made for another. 409 if that does not stand any more.
pub fn join(db: &mut Write, id: Id, run: Id) -> Result<()> {
    let worktree = get(db, id)?;
    worktree.require_standing()?;
    db.execute(
        "UPDATE runs SET worktree_id = ?1 WHERE agent_id = ?2",
        &[&id, &run],
    )?;
    let message = format!(
        "works on in the work tree {}, on branch {}",
        worktree.path, worktree.branch
    );
    say(db, run, Level::Info, &message)
}

/// The target will go from one commit to another: whoever finds it in between goes on.
pub fn merging(db: &mut Write, id: Id, from: &str, to: &str) -> Result<()> {
    mergeable(db, id)?;
    let sql = "UPDATE worktrees SET merge_from = ?2, merge_to = ?3 WHERE id = ?1";
    db.execute(sql, &[&id, &from, &to])?;
    db.record(&Event::WorktreeMerging { id })
}

pub fn merged(db: &mut Write, id: Id) -> Result<()> {
    let merge = get(db, id)?.merge;
    let (_, commit) = merge.ok_or_else(|| anyhow::anyhow!("no merge has begun"))?;
    db.execute(
        "UPDATE worktrees SET status = ?2, merge_from = NULL, merge_to = NULL WHERE id = ?1",
        &[&id, &WorktreeStatus::Merged],
    )?;
    db.record(&Event::WorktreeMerged { id, commit })
}

/// A merge that has begun has changed nothing, or nobody can tell.
pub fn not_merged(db: &mut Write, id: Id, reason: &str) -> Result<()> {
    let sql = "UPDATE worktrees SET merge_from = NULL, merge_to = NULL WHERE id = ?1";
    db.execute(sql, &[&id])?;
    let reason = reason.to_owned();
    db.record(&Event::WorktreeKept { id, reason })
}

/// It will be removed, and what `rescue` names keeps its work. 409 as [`removable`].
pub fn discarding(db: &mut Write, id: Id, rescue: Option<&str>) -> Result<()> {
    removable(db, id)?;
    let sql = "UPDATE worktrees SET status = ?2, rescue = ?3 WHERE id = ?1";
    db.execute(sql, &[&id, &WorktreeStatus::Discarding, &rescue])?;
    db.record(&Event::WorktreeDiscarding { id })
}

/// It is gone.
pub fn discarded(db: &mut Write, id: Id) -> Result<()> {
    move_to(
        db,
        id,
        WorktreeStatus::Discarding,
        WorktreeStatus::Discarded,
    )?;
    let rescue = get(db, id)?.rescue;
    db.record(&Event::WorktreeDiscarded { id, rescue })
}

/// Nobody is sure what it is: it stays as it is, and the system's log says why.
pub fn kept(db: &mut Write, id: Id, reason: &str) -> Result<()> {
    let sql = "UPDATE worktrees SET status = ?2, reason = ?3 WHERE id = ?1";
    db.execute(sql, &[&id, &WorktreeStatus::Kept, &reason])?;
    let path = get(db, id)?.path;
    tell(
        db,
        Level::Warning,
        format!("the work tree {path} of run {id} is left alone: {reason}"),
    )?;
    let reason = reason.to_owned();
    db.record(&Event::WorktreeKept { id, reason })
}

/// Removes the rows of work trees that are gone, as their runs are.
pub fn forget(db: &mut Write) -> Result<()> {
    let gone = "SELECT id FROM worktrees WHERE status = 'discarded'";
    for id in db.all(gone, &[], |row| row.take::<Id>())? {
        if is_orphan(db, id)? {
            db.execute("DELETE FROM worktrees WHERE id = ?1", &[&id])?;
            db.record(&Event::WorktreeForgotten { id })?;
        }
    }
    Ok(())
}

/// A line of the system's log.
pub fn tell(db: &mut Write, log_level: Level, message: String) -> Result<()> {
    let line = NewSystemLog {
        component: "worktrees".to_owned(),
        log_level,
        message,
        details: None,
    };
    system::commands::write(db, Batch::One(line)).map(drop)
}

/// By compare-and-set: 409 if it is something else by now.
fn move_to(db: &mut Write, id: Id, from: WorktreeStatus, to: WorktreeStatus) -> Result<()> {
    let status = get(db, id)?.status;
    if status != from {
        let status = status.as_str();
        return Err(Error::Conflict(format!("the work tree is {status}")));
    }
    db.execute(
        "UPDATE worktrees SET status = ?2 WHERE id = ?1",
        &[&id, &to],
    )?;
    Ok(())
}
