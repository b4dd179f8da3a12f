use super::Attempt;
use crate::Result;
use crate::db::Read;
use crate::ids::Id;

/// All attempts of a workflow, in the order in which they began.
pub fn attempts(db: &Read, workflow: Id) -> Result<Vec<Attempt>> {
    let sql = "SELECT seq, step, iteration, attempt, status, run_id, exit_reason, error, result, \
         started_at, completed_at FROM workflow_steps WHERE workflow_id = ?1 ORDER BY seq";
    db.all(sql, &[&workflow], |row| {
        Ok(Attempt {
            seq: row.take()?,
            step: row.take()?,
            iteration: row.take()?,
            attempt: row.take()?,
            status: row.take()?,
            run_id: row.take()?,
            exit_reason: row.take()?,
            error: row.take()?,
            result: row.take()?,
            started_at: row.take()?,
            completed_at: row.take()?,
        })
    })
}

/// The workflow of which the run is a step that goes on.
pub fn workflow_of(db: &Read, run: Id) -> Result<Option<Id>> {
    let sql = "SELECT workflow_id FROM workflow_steps WHERE run_id = ?1 AND status = 'running'";
    db.first(sql, &[&run], |row| row.take())
}

/// What a run has printed last, as its log has it: whole lines of at least `length` bytes in all, or
/// everything.
pub fn printed(db: &Read, run: Id, length: usize) -> Result<String> {
    let sql = "SELECT message FROM agent_logs WHERE agent_id = ?1 AND log_type = 'output' \
         ORDER BY created_at DESC, seq DESC";
    let mut so_far = 0;
    let mut lines = db.take_while(sql, &[&run], |row| {
        if length < so_far {
            return Ok(None);
        }
        let line: String = row.take()?;
        so_far += line.len() + 1;
        Ok(Some(line))
    })?;
    lines.reverse();
    Ok(lines.join("\n"))
}
