use super::{Attempt, StepStatus};
use crate::db::Write;
use crate::events::Event;
use crate::ids::Id;
use crate::{Error, Result};

/// Writes the beginning of an attempt, or the whole of one that has ended already; it gets its `seq`.
pub fn insert(db: &mut Write, workflow: Id, attempt: &mut Attempt) -> Result<()> {
    let seq = db.returning(
        "INSERT INTO workflow_steps (workflow_id, step, iteration, attempt, status, run_id, \
         exit_reason, error, result, started_at, completed_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) RETURNING seq",
        &[
            &workflow,
            &attempt.step,
            &attempt.iteration,
            &attempt.attempt,
            &attempt.status,
            &attempt.run_id,
            &attempt.exit_reason,
            &attempt.error,
            &attempt.result,
            &attempt.started_at,
            &attempt.completed_at,
        ],
        |row| row.take(),
    )?;
    attempt.seq = seq.ok_or_else(|| anyhow::anyhow!("a step got no number"))?;
    tell(db, workflow, attempt)
}

/// Writes the end of an attempt that was going on.
pub fn end(db: &mut Write, workflow: Id, attempt: &Attempt) -> Result<()> {
    let written = db.execute(
        "UPDATE workflow_steps SET status = ?2, exit_reason = ?3, error = ?4, result = ?5, \
         completed_at = ?6 WHERE seq = ?1 AND status = ?7",
        &[
            &attempt.seq,
            &attempt.status,
            &attempt.exit_reason,
            &attempt.error,
            &attempt.result,
            &attempt.completed_at,
            &StepStatus::Running,
        ],
    )?;
    if written != 1 {
        return Err(Error::Conflict("the step has ended already".into()));
    }
    tell(db, workflow, attempt)
}

fn tell(db: &mut Write, workflow: Id, attempt: &Attempt) -> Result<()> {
    db.record(&Event::WorkflowStep {
        id: workflow,
        step: attempt.step.clone(),
        iteration: attempt.iteration,
        attempt: attempt.attempt,
        status: attempt.status,
        run_id: attempt.run_id,
    })
}
