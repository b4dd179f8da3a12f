use crate::config::Settings;
use crate::db::Write;
use crate::events::Event;
use crate::executors::Executors;
use crate::runs::{QueueState, Run, queries};
use crate::runtime::Status;
use crate::runtime::agents::commands::{self as agents, RuntimeAgentChanges};
use crate::time::Timestamp;
use crate::{Error, Result};

/// What there is to start.
#[derive(Debug)]
pub enum Next {
    Run(Box<Run>),
    /// Nothing before this time, unless a run comes or goes; `None`: whatever the time.
    Nothing(Option<Timestamp>),
}

/// Takes the first run from the queue that nothing keeps there. It is `initializing` then, or goes on
/// with another attempt, and is the caller's to start.
pub fn take(db: &mut Write, settings: &Settings) -> Result<Next> {
    let queued = queries::queue(db, settings, db.now())?.queued;
    let Some(next) = queued.iter().find(|it| it.reason.is_none()) else {
        let soonest = queued.iter().filter_map(|it| it.until).min();
        return Ok(Next::Nothing(soonest));
    };
    let id = next.id;
    let status = Some(match next.attempt {
        1 => Status::Initializing,
        _ => Status::Executing,
    });
    let begun = RuntimeAgentChanges {
        status,
        ..Default::default()
    };
    agents::update(db, id, begun)?;
    let run = queries::get(db, id)?;
    let session = match run.native_session {
        // Of the last attempt.
        Some(session) => Some(session),
        None => queries::native_session(db, &run)?,
    };
    db.execute(
        "UPDATE runs SET native_session = ?2, attempted_at = ?3, not_before = NULL, is_queued = 0 \
         WHERE agent_id = ?1",
        &[&id, &session, &db.now()],
    )?;
    Ok(Next::Run(queries::get(db, id)?.into()))
}

/// Starts or stops taking runs from the queue. What is so already records no event.
pub fn set_queue(db: &mut Write, state: QueueState) -> Result<()> {
    let is_stopped = state == QueueState::Stopped;
    let sql = "UPDATE queue SET is_stopped = ?1 WHERE is_stopped <> ?1";
    if db.execute(sql, &[&is_stopped])? == 0 {
        return Ok(());
    }
    let queued = queries::queued(db)?;
    db.record(&match state {
        QueueState::Running => Event::QueueStarted { queued },
        QueueState::Stopped => Event::QueueStopped { queued },
    })
}

/// Ends the wait for an account's usage limit before its time. 404 if no executor spends such an account,
/// 409 if no limit of it is reached.
pub fn resume_account(db: &mut Write, account: String, executors: &Executors) -> Result<()> {
    if !executors.accounts().contains(account.as_str()) {
        return Err(Error::NotFound("account"));
    }
    let sql = "DELETE FROM account_limits WHERE account = ?1 AND ?2 < until";
    if db.execute(sql, &[&account, &db.now()])? == 0 {
        let detail = format!("no usage limit of the account `{account}` is reached");
        return Err(Error::Conflict(detail));
    }
    db.record(&Event::AccountResumed { account })
}
