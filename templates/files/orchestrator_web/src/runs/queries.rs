use std::collections::BTreeMap;

use super::{Offsets, Queue, QueueState, Queued, Run};
use crate::adapters::{Spent, Tokens, Totals};
use crate::db::Read;
use crate::ids::Id;
use crate::runtime::agents::queries as agents;
use crate::{Error, Result};

/// Instances that are started by the service and wait for it, in the order of the queue.
pub(super) const PENDING: &str = "FROM agents a JOIN runs r ON r.agent_id = a.id \
     WHERE a.status = 'pending' ORDER BY a.created_at, a.seq";

/// 404 if there is no such instance, 409 if it is not the service that runs it.
pub fn get(db: &Read, id: Id) -> Result<Run> {
    let agent = agents::get(db, id)?;
    let sql = "SELECT executor, prompt_id, asked_session, working_dir, timeout_seconds, budget_micro_usd, \
         native_session, stdout_read, stderr_read, is_to_stop FROM runs WHERE agent_id = ?1";
    let run = db.first(sql, &[&id], |row| {
        Ok(Run {
            agent: agent.clone(),
            executor: row.take()?,
            prompt_id: row.take()?,
            asked_session: row.take()?,
            working_dir: row.take()?,
            timeout_seconds: row.take()?,
            budget: row.take()?,
            native_session: row.take()?,
            read: Offsets {
                stdout: row.take()?,
                stderr: row.take()?,
            },
            is_to_stop: row.take()?,
        })
    })?;
    run.ok_or_else(|| {
        Error::Conflict("the instance runs elsewhere, and was only reported here".into())
    })
}

/// Whether the service itself runs the instance.
pub fn is_ours(db: &Read, id: Id) -> Result<bool> {
    let found = db.first("SELECT 1 FROM runs WHERE agent_id = ?1", &[&id], |_| Ok(()))?;
    Ok(found.is_some())
}

/// The runs that have begun and not ended.
pub fn going_on(db: &Read) -> Result<Vec<Run>> {
    running(db)?.into_iter().map(|id| get(db, id)).collect()
}

fn running(db: &Read) -> Result<Vec<Id>> {
    let sql = "SELECT a.id FROM agents a JOIN runs r ON r.agent_id = a.id \
         WHERE a.completed_at IS NULL AND a.status <> 'pending' ORDER BY a.created_at, a.seq";
    db.all(sql, &[], |row| row.take())
}

/// How many runs each executor has at work.
pub(super) fn at_work(db: &Read) -> Result<BTreeMap<String, i64>> {
    let sql = "SELECT r.executor, count(*) FROM agents a JOIN runs r ON r.agent_id = a.id \
         WHERE a.completed_at IS NULL AND a.status <> 'pending' GROUP BY 1";
    let counts = db.all(sql, &[], |row| Ok((row.take()?, row.take()?)))?;
    Ok(counts.into_iter().collect())
}

pub(super) fn state(db: &Read) -> Result<QueueState> {
    match db.number("SELECT is_stopped FROM queue", &[])? {
        0 => Ok(QueueState::Running),
        _ => Ok(QueueState::Stopped),
    }
}

pub fn queue(db: &Read, limit: i64) -> Result<Queue> {
    let sql = format!(
        "SELECT a.id, a.orchestrator_agent_id, row_number() OVER (ORDER BY a.created_at, a.seq) {PENDING}"
    );
    let queued = db.all(&sql, &[], |row| {
        Ok(Queued {
            id: row.take()?,
            orchestrator_agent_id: row.take()?,
            position: row.take()?,
        })
    })?;
    Ok(Queue {
        state: state(db)?,
        limit,
        running: running(db)?,
        queued,
    })
}

/// The run that a request with this key has started, and the digest of that request.
pub(super) fn by_key(db: &Read, key: &str) -> Result<Option<(Id, String)>> {
    let sql = "SELECT agent_id, request_digest FROM runs WHERE idempotency_key = ?1";
    db.first(sql, &[&key], |row| Ok((row.take()?, row.take()?)))
}

/// The agent's own name for the session that an earlier run on the same executor was in.
pub(super) fn native_session(db: &Read, run: &Run) -> Result<Option<String>> {
    let sql = "SELECT r.native_session FROM agents a JOIN runs r ON r.agent_id = a.id \
         WHERE a.session_id = ?1 AND r.executor = ?2 AND r.native_session IS NOT NULL \
         ORDER BY a.created_at DESC, a.seq DESC LIMIT 1";
    db.first(sql, &[&run.agent.session_id, &run.executor], |row| {
        row.take()
    })
}

/// What the earlier runs of the session that `run` goes on with have spent.
pub fn spent_before(db: &Read, run: &Run) -> Result<Totals> {
    let sql = "SELECT c.model, sum(c.tokens_input), sum(c.tokens_output), \
         sum(c.tokens_cache_read), sum(c.tokens_cache_write), sum(c.cost_micro_usd), \
         max(c.is_estimate) FROM agents a JOIN runs r ON r.agent_id = a.id \
         JOIN run_costs c ON c.agent_id = a.id \
         WHERE a.session_id = ?1 AND r.executor = ?2 AND a.id <> ?3 GROUP BY 1";
    let models = db.all(
        sql,
        &[&run.agent.session_id, &run.executor, &run.agent.id],
        |row| {
            let model: String = row.take()?;
            let tokens = Tokens {
                input: row.take()?,
                output: row.take()?,
                cache_read: row.take()?,
                cache_write: row.take()?,
            };
            let spent = Spent {
                tokens,
                cost_usd: row.take()?,
                is_estimate: row.take()?,
            };
            Ok((model, spent))
        },
    )?;
    Ok(Totals(models.into_iter().collect()))
}

/// Which of `ids` are instances that exist.
pub fn known(db: &Read, ids: Vec<Id>) -> Result<Vec<Id>> {
    let is_known = |id: &Id| {
        let found = db.first("SELECT 1 FROM agents WHERE id = ?1", &[id], |_| Ok(()));
        found.map(|found| found.is_some())
    };
    let mut known = Vec::new();
    for id in ids {
        if is_known(&id)? {
            known.push(id);
        }
    }
    Ok(known)
}
