//! How a workflow goes on: what its steps' runs have come to is noted, what may begin now begins, and
//! when nothing is left the workflow ends. All of that is one transaction, and all that it goes by
//! stands in the tables: it makes no difference when, or how often, it is called.

use super::begin::begin;
use super::queries::{Own, own};
use super::summary::{self, Halt};
use crate::config::Settings;
use crate::db::Write;
use crate::ids::Id;
use crate::runs;
use crate::runtime::Status;
use crate::runtime::agents::{RuntimeAgent, queries as instances};
use crate::runtime::prompts;
use crate::workflows::commands::update;
use crate::workflows::course::Course;
use crate::workflows::definition::Work;
use crate::workflows::steps::{Attempt, StepStatus, commands, queries};
use crate::workflows::template::{LONGEST, cut, cut_start};
use crate::{Error, Result};

/// Of a result, before it is cut: no character has more than four.
const MOST_BYTES: usize = 4 * LONGEST;

/// Takes the workflow as far as it can go. One that has ended, or was deleted, stays as it is.
pub fn advance(db: &mut Write, id: Id, settings: &Settings) -> Result<()> {
    let mut own = match own(db, id) {
        Err(Error::NotFound(_)) => return Ok(()),
        own => own?,
    };
    if own.workflow.status.is_terminal() {
        return Ok(());
    }
    settle(db, &mut own)?;
    let halt = Halt::of(&own, db.now());
    match halt {
        Some(_) => stop_runs(db, &mut own)?,
        None => begin_all(db, &mut own, settings)?,
    }
    let changes = summary::changes(&own, halt.as_ref(), db.now());
    update(db, id, changes).map(drop)
}

/// Ends the attempts whose runs have ended, or are gone.
fn settle(db: &mut Write, own: &mut Own) -> Result<()> {
    for attempt in &mut own.attempts {
        if attempt.status != StepStatus::Running {
            continue;
        }
        let run = attempt
            .run_id
            .map(|run| instances::get(db, run))
            .transpose()?;
        match run {
            Some(run) if !run.status.is_terminal() => continue,
            Some(run) => {
                let step = own.frozen.definition.position(&attempt.step);
                let work = step.map(|step| &own.frozen.definition.steps[step].work);
                take_outcome(db, attempt, work, run)?;
            }
            None => {
                attempt.status = StepStatus::Cancelled;
                attempt.error = Some("its run was removed".to_owned());
                attempt.completed_at = Some(db.now());
            }
        }
        commands::end(db, own.workflow.id, attempt)?;
    }
    Ok(())
}

fn take_outcome(
    db: &Write,
    attempt: &mut Attempt,
    work: Option<&Work>,
    run: RuntimeAgent,
) -> Result<()> {
    let answer = match work {
        Some(Work::Agent(_)) => answered(db, run.id)?,
        _ => None,
    };
    attempt.result = Some(match answer {
        Some(answer) => cut(answer),
        // A command; or an agent of which the service knows no better.
        None => cut_start(queries::printed(db, run.id, MOST_BYTES)?),
    });
    attempt.status = match run.status {
        Status::Completed => StepStatus::Completed,
        Status::Cancelled => StepStatus::Cancelled,
        _ => StepStatus::Failed,
    };
    let is_failure = attempt.status == StepStatus::Failed;
    let reason = || run.exit_reason.clone().filter(|_| is_failure);
    attempt.error = run.error_message.clone().or_else(reason);
    attempt.exit_reason = run.exit_reason;
    attempt.completed_at = run.completed_at;
    Ok(())
}

/// What the agent of a run has said last; `None` too if that is not kept any more.
fn answered(db: &Write, run: Id) -> Result<Option<String>> {
    let prompt = runs::queries::get(db, run)?.prompt_id;
    match prompts::queries::get(db, prompt) {
        Err(Error::NotFound(_)) => Ok(None),
        prompt => Ok(prompt?.response_text),
    }
}

/// Until nothing may begin that has not: a step that there is nothing to do for is done at once, and
/// others may follow.
fn begin_all(db: &mut Write, own: &mut Own, settings: &Settings) -> Result<()> {
    loop {
        let turns = Course::new(&own.frozen.definition, &own.attempts).next();
        if turns.is_empty() {
            return Ok(());
        }
        for turn in turns {
            let mut attempt = begin(db, own, turn, settings)?;
            commands::insert(db, own.workflow.id, &mut attempt)?;
            own.attempts.push(attempt);
        }
    }
}

/// Those that only waited have ended then.
fn stop_runs(db: &mut Write, own: &mut Own) -> Result<()> {
    let is_running = |it: &&Attempt| it.status == StepStatus::Running;
    for attempt in own.attempts.iter().filter(is_running) {
        let Some(run) = attempt.run_id else { continue };
        match runs::commands::stop(db, run) {
            // It has just ended by itself.
            Err(Error::Conflict(_)) => {}
            stopped => drop(stopped?),
        }
    }
    settle(db, own)
}
