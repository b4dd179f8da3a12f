use std::time::Duration;

use super::queries::{COLUMNS, approval, get, pending};
use super::{Approval, ApprovalStatus, DecidedBy, Terms, Verdict};
use crate::adapters::plain;
use crate::db::Write;
use crate::events::Event;
use crate::ids::Id;
use crate::json::Json;
use crate::runs::commands::say;
use crate::runtime::Status;
use crate::runtime::agents::commands::{self as agents, RuntimeAgentChanges};
use crate::runtime::agents::queries as instances;
use crate::runtime::logs::Level;
use crate::{Error, Result};

/// More than any model writes in one call, in bytes: what is longer nobody could judge.
const LONGEST_INPUT: usize = 1 << 20;
/// What is kept of a longer one, in characters.
const BEGINNING: usize = 32 * 1024;
/// What is shown of the name of a tool, in characters.
const LONGEST_NAME: usize = 255;
/// What one transaction decides: others wait for it.
const MOST: i64 = 100;

/// What an agent asks.
#[derive(Debug, Clone)]
pub struct Question {
    pub request_id: String,
    pub tool: String,
    pub input: Json,
    pub terms: Terms,
}

/// Takes what the run `agent_id` asks, and lets it wait. What it asks already changes nothing. 404 if
/// there is no such run, 409 if its agent is being deleted.
pub fn ask(db: &mut Write, agent_id: Id, question: Question) -> Result<()> {
    instances::require_lasting(db, agent_id)?;
    let Question {
        request_id,
        tool,
        input,
        terms,
    } = question;
    let is_too_long = LONGEST_INPUT < input.as_str().len();
    let input = if is_too_long {
        beginning(&input)
    } else {
        input
    };
    let timeout = Duration::from_secs(terms.timeout_seconds.into());
    let expires_at = (!timeout.is_zero()).then(|| db.now().after(timeout));
    let sql = format!(
        "INSERT INTO approvals (id, agent_id, attempt, request_id, tool, input, status, on_timeout, \
         created_at, expires_at) VALUES (?1, ?2, \
         coalesce((SELECT attempt FROM runs WHERE agent_id = ?2), 1), ?3, ?4, ?5, 'pending', ?6, ?7, ?8) \
         ON CONFLICT DO NOTHING RETURNING {COLUMNS}"
    );
    let new = db.returning(
        &sql,
        &[
            &Id::generate(),
            &agent_id,
            &request_id,
            &name(&tool),
            &input,
            &terms.on_timeout,
            &db.now(),
            &expires_at,
        ],
        approval,
    )?;
    let Some(new) = new else { return Ok(()) };
    db.record(&Event::ApprovalRequested {
        id: new.id,
        agent_id,
        tool: new.tool.clone(),
    })?;
    if is_too_long {
        let reason =
            format!("the input is longer than {LONGEST_INPUT} bytes: nobody could judge it");
        let (status, by) = (ApprovalStatus::Denied, DecidedBy::Service);
        return close(db, &new, status, Some(&reason), by).map(drop);
    }
    move_to(db, agent_id, Status::Waiting)
}

/// A person's answer. 404 if there is no such question, 409 if it has its answer or needs none.
pub fn answer(db: &mut Write, id: Id, verdict: Verdict, reason: Option<&str>) -> Result<Approval> {
    let asked = get(db, id)?;
    let status = match verdict {
        Verdict::Allow => ApprovalStatus::Allowed,
        Verdict::Deny => ApprovalStatus::Denied,
    };
    let answered = close(db, &asked, status, reason, DecidedBy::Person)?;
    go_on(db, asked.agent_id)?;
    Ok(answered)
}

/// Answers the questions whose time is over, the oldest first, at most 100 of them.
pub fn expire(db: &mut Write) -> Result<()> {
    let sql = format!(
        "SELECT {COLUMNS} FROM approvals WHERE status = 'pending' AND expires_at <= ?1 \
         ORDER BY expires_at LIMIT ?2"
    );
    for asked in db.all(&sql, &[&db.now(), &MOST], approval)? {
        let reason = Some("nobody answered in time");
        close(
            db,
            &asked,
            ApprovalStatus::TimedOut,
            reason,
            DecidedBy::Timeout,
        )?;
        go_on(db, asked.agent_id)?;
    }
    Ok(())
}

/// The agent itself waits for this no longer. What it does not wait for changes nothing.
pub fn withdraw(db: &mut Write, agent_id: Id, request_id: &str) -> Result<()> {
    let asked = pending(db, agent_id)?;
    let Some(asked) = asked.iter().find(|it| it.request_id == request_id) else {
        return Ok(());
    };
    close(db, asked, ApprovalStatus::Withdrawn, None, DecidedBy::Agent)?;
    go_on(db, agent_id)
}

/// The process that asked is gone; what becomes of its run is the caller's to say.
pub fn withdraw_all(db: &mut Write, agent_id: Id) -> Result<()> {
    for asked in pending(db, agent_id)? {
        let reason = Some("the agent has ended");
        close(
            db,
            &asked,
            ApprovalStatus::Withdrawn,
            reason,
            DecidedBy::Service,
        )?;
    }
    Ok(())
}

/// The agent was told the answer. What is gone with its run changes nothing.
pub fn deliver(db: &mut Write, id: Id) -> Result<()> {
    let sql = "UPDATE approvals SET delivered_at = ?2 WHERE id = ?1 AND delivered_at IS NULL \
         RETURNING agent_id";
    let now = db.now();
    match db.returning(sql, &[&id, &now], |row| row.take())? {
        Some(agent_id) => db.record(&Event::ApprovalDelivered { id, agent_id }),
        None => Ok(()),
    }
}

/// The one place that decides: 409 if somebody else was first.
fn close(
    db: &mut Write,
    asked: &Approval,
    status: ApprovalStatus,
    reason: Option<&str>,
    by: DecidedBy,
) -> Result<Approval> {
    let sql = format!(
        "UPDATE approvals SET status = ?2, reason = ?3, decided_by = ?4, decided_at = ?5 \
         WHERE id = ?1 AND status = 'pending' RETURNING {COLUMNS}"
    );
    let now = db.now();
    let closed = db.returning(&sql, &[&asked.id, &status, &reason, &by, &now], approval)?;
    let Some(closed) = closed else {
        let status = asked.status.as_str();
        return Err(Error::Conflict(format!("the question is {status} already")));
    };
    db.record(&Event::ApprovalDecided {
        id: closed.id,
        agent_id: closed.agent_id,
        status,
    })?;
    say(db, closed.agent_id, Level::Info, &told(&closed))?;
    Ok(closed)
}

/// `Bash is denied: not on a Friday`
fn told(closed: &Approval) -> String {
    let (tool, status) = (&closed.tool, closed.status);
    let what = match (status, closed.on_timeout) {
        (ApprovalStatus::Allowed, _) | (ApprovalStatus::TimedOut, Verdict::Allow) => "is allowed",
        (ApprovalStatus::Denied, _) | (ApprovalStatus::TimedOut, Verdict::Deny) => "is denied",
        _ => "is asked for no longer",
    };
    let reason = closed.reason.as_ref().map(|it| format!(": {}", plain(it)));
    format!("{tool} {what}{}", reason.unwrap_or_default())
}

/// The run works again, unless it has asked something else too.
fn go_on(db: &mut Write, agent_id: Id) -> Result<()> {
    if !pending(db, agent_id)?.is_empty() {
        return Ok(());
    }
    move_to(db, agent_id, Status::Executing)
}

fn move_to(db: &mut Write, agent_id: Id, status: Status) -> Result<()> {
    let changes = RuntimeAgentChanges {
        status: Some(status),
        ..Default::default()
    };
    agents::update(db, agent_id, changes).map(drop)
}

fn beginning(input: &Json) -> Json {
    let beginning: String = input.as_str().chars().take(BEGINNING).collect();
    let more = input.as_str().len() - beginning.len();
    Json::of(&format!(
        "{beginning} … [cut: {more} more bytes, see the raw output]"
    ))
}

/// In one line, without what could make it look like something else.
fn name(tool: &str) -> String {
    let name = plain(tool).replace(['\n', '\t'], " ");
    name.chars().take(LONGEST_NAME).collect()
}
