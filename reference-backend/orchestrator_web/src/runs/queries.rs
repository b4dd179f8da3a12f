use std::collections::BTreeMap;

use super::queue::{self, Entry, Room, Rules};
use super::{Offsets, Queue, QueueState, Queued, Run, Standing};
use crate::adapters::{Spent, Tokens, Totals};
use crate::config::Settings;
use crate::db::{Bind, Read};
use crate::ids::Id;
use crate::runtime::agents::queries as agents;
use crate::time::Timestamp;
use crate::{Error, Result};

/// What has ended stands in no queue, whoever has ended it.
const WAITING: &str = "FROM runs r JOIN agents a ON a.id = r.agent_id \
     WHERE r.is_queued = 1 AND a.completed_at IS NULL";
const AT_WORK: &str = "FROM agents a JOIN runs r ON r.agent_id = a.id \
     WHERE a.completed_at IS NULL AND r.is_queued = 0";

/// 404 if there is no such instance, 409 if it is not the service that runs it.
pub fn get(db: &Read, id: Id) -> Result<Run> {
    let agent = agents::get(db, id)?;
    let sql = "SELECT executor, prompt_id, asked_session, working_dir, timeout_seconds, budget_micro_usd, \
         limit_micro_usd, native_session, attempt, retries, attempted_at, stdout_before, \
         stderr_before, stdout_read, stderr_read, is_to_stop, is_queued, priority, \
         wants_worktree FROM runs WHERE agent_id = ?1";
    let run = db.first(sql, &[&id], |row| {
        Ok(Run {
            agent: agent.clone(),
            executor: row.take()?,
            prompt_id: row.take()?,
            asked_session: row.take()?,
            working_dir: row.take()?,
            timeout_seconds: row.take()?,
            budget: row.take()?,
            limit: row.take()?,
            native_session: row.take()?,
            attempt: row.take()?,
            retries: row.take()?,
            attempted_at: row.take()?,
            before: Offsets {
                stdout: row.take()?,
                stderr: row.take()?,
            },
            read: Offsets {
                stdout: row.take()?,
                stderr: row.take()?,
            },
            is_to_stop: row.take()?,
            is_queued: row.take()?,
            priority: row.take()?,
            wants_worktree: row.take()?,
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
    let running = at_work(db)?.into_iter();
    running.map(|run| get(db, run.id)).collect()
}

fn at_work(db: &Read) -> Result<Vec<Entry>> {
    entries(db, AT_WORK, "a.created_at, a.seq")
}

fn entries(db: &Read, which: &str, order: &str) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT a.id, a.orchestrator_agent_id, a.session_id, r.executor, \
         CASE WHEN r.wants_worktree = 0 THEN r.repository END, r.priority, r.attempt, r.not_before, \
         a.status = 'waiting' {which} ORDER BY {order}"
    );
    db.all(&sql, &[], |row| {
        Ok(Entry {
            id: row.take()?,
            agent: row.take()?,
            session: row.take()?,
            executor: row.take()?,
            repository: row.take()?,
            priority: row.take()?,
            attempt: row.take()?,
            not_before: row.take()?,
            is_idle: row.take()?,
        })
    })
}

pub(super) fn state(db: &Read) -> Result<QueueState> {
    match db.number("SELECT is_stopped FROM queue", &[])? {
        0 => Ok(QueueState::Running),
        _ => Ok(QueueState::Stopped),
    }
}

/// The accounts whose usage limit was reached, and until when.
fn parked(db: &Read) -> Result<BTreeMap<String, Timestamp>> {
    let sql = "SELECT account, until FROM account_limits";
    let limits = db.all(sql, &[], |row| Ok((row.take()?, row.take()?)))?;
    Ok(limits.into_iter().collect())
}

/// How many runs wait.
pub fn queued(db: &Read) -> Result<i64> {
    db.number(&format!("SELECT count(*) {WAITING}"), &[])
}

pub fn queue(db: &Read, settings: &Settings, now: Timestamp) -> Result<Queue> {
    let at_work = at_work(db)?;
    let waiting = entries(db, WAITING, "r.priority DESC, a.created_at, a.seq")?;
    let (state, parked) = (state(db)?, parked(db)?);
    let rules = Rules {
        state,
        settings,
        parked: &parked,
        now,
    };
    let holds = rules.holds(&at_work, &waiting);
    let queued = waiting.iter().zip(holds).zip(1..);
    let bound = |limit: u16| (limit != 0).then_some(limit.into());
    Ok(Queue {
        state,
        limit: queue::limit(settings),
        agent_limit: bound(settings.max_running_per_agent),
        repository_limit: bound(settings.max_running_per_repository),
        running: at_work.iter().map(|run| run.id).collect(),
        idle: queue::idle(&at_work),
        queued: queued
            .map(|((run, hold), position)| Queued {
                id: run.id,
                orchestrator_agent_id: run.agent,
                executor: run.executor.clone(),
                position,
                priority: run.priority,
                attempt: run.attempt,
                reason: hold.map(|it| it.reason),
                until: hold.and_then(|it| it.until),
            })
            .collect(),
        accounts: settings
            .executors
            .accounts()
            .into_iter()
            .map(|name| standing(name, &at_work, &rules))
            .collect(),
    })
}

fn standing(name: &str, at_work: &[Entry], rules: &Rules) -> Standing {
    let parked = rules.parked.get(name).copied();
    let is_its = |run: &&Entry| rules.account(run) == Some(name);
    Standing {
        name: name.to_owned(),
        running: at_work.iter().filter(is_its).count(),
        limit: rules.most(&Room::Account(name)),
        parked_until: parked.filter(|until| rules.now < *until),
    }
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

/// What the earlier runs of the session that `run` goes on with have spent, its own earlier attempts
/// among them. Later ones wait for its end.
pub fn spent_before(db: &Read, run: &Run) -> Result<Totals> {
    let sql = "SELECT c.model, sum(c.tokens_input), sum(c.tokens_output), \
         sum(c.tokens_cache_read), sum(c.tokens_cache_write), sum(c.cost_micro_usd), \
         max(c.is_estimate) FROM agents a JOIN runs r ON r.agent_id = a.id \
         JOIN run_costs c ON c.agent_id = a.id \
         WHERE a.session_id = ?1 AND r.executor = ?2 GROUP BY 1";
    totals(db, sql, &[&run.agent.session_id, &run.executor])
}

/// What the attempts of a run that are over have spent.
pub fn spent_by_attempts(db: &Read, id: Id) -> Result<Totals> {
    let sql = "SELECT model, tokens_input, tokens_output, tokens_cache_read, tokens_cache_write, \
         cost_micro_usd, is_estimate FROM run_costs WHERE agent_id = ?1";
    totals(db, sql, &[&id])
}

fn totals(db: &Read, sql: &str, params: &[&dyn Bind]) -> Result<Totals> {
    let models = db.all(sql, params, |row| {
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
    })?;
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
