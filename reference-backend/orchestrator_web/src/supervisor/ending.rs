//! What the end of a process says of its run, and how that gets into the tables.

use super::watch::Cause;
use crate::adapters::{Adapter, AgentEvent, Exit, ExitReason, Outcome, Retry};
use crate::app::App;
use crate::db::Write;
use crate::runs::Run;
use crate::runs::progress::{Again, Finish, Progress, commands};
use crate::runtime::Status;
use crate::shim::protocol::{End, Ended};
use crate::{Error, Result};

/// The last events, and the outcome: what the agent has said that it is done with stands, whatever
/// came after. One that is asked to stop may say that it has failed, which is not the reason.
pub fn conclude(
    adapter: &mut Adapter,
    cause: Option<Cause>,
    ended: Option<&Ended>,
) -> (Vec<AgentEvent>, Outcome) {
    let is_done = adapter.outcome_so_far().is_some();
    let end = ended.map(|it| &it.end);
    let unwritten = ended.and_then(|it| it.unwritten.as_ref());
    let exit = match (end, &cause) {
        (Some(End::Code(code)), _) => Some(Exit::Code(*code)),
        (Some(End::Signal(signal)), None) => Some(Exit::Signal(*signal)),
        // A signal of ours tells nothing.
        _ => None,
    };
    let (events, told) = adapter.finish(exit);
    let end_as = |status, exit_reason, error| Outcome {
        status,
        exit_reason,
        error,
        retry: Retry::Never,
        ..told.clone()
    };
    let outcome = match (end, cause) {
        (Some(End::SpawnFailed(why)), _) => unstarted(ExitReason::SpawnFailed, why.clone()),
        (_, None | Some(Cause::Lingers)) if is_done => told,
        _ if is_done && told.status == Status::Completed => told,
        (_, Some(Cause::Asked)) => end_as(Status::Cancelled, None, None),
        (_, Some(Cause::Failed(reason, error))) => {
            end_as(Status::Failed, Some(reason), Some(error))
        }
        _ if let Some(why) = unwritten => {
            let error = format!("its output could not be written: {why}");
            end_as(Status::Failed, Some(ExitReason::OutputLost), Some(error))
        }
        (None, _) => {
            let error = "the process that watched over it is gone, and left no word".to_owned();
            end_as(Status::Lost, None, Some(error))
        }
        _ => told,
    };
    (events, outcome)
}

/// Of a run that could not be started.
pub fn unstarted(reason: ExitReason, why: String) -> Outcome {
    Outcome {
        status: Status::Failed,
        exit_reason: Some(reason),
        error: Some(why),
        ..cancelled()
    }
}

/// Of a run that has done nothing.
pub fn cancelled() -> Outcome {
    Outcome {
        status: Status::Cancelled,
        exit_reason: None,
        retry: Retry::Never,
        session_id: None,
        text: None,
        error: None,
    }
}

/// Ends a run that has no process.
pub async fn end_without(app: &App, run: &Run, outcome: Outcome) -> Result<()> {
    let progress = Progress::nothing(run.agent.id, run.prompt_id, run.read);
    let finish = Finish {
        outcome,
        totals: None,
        at: None,
    };
    write(app, progress, finish, None).await
}

/// Takes the last of an attempt, and what follows from it: the run's end, or another attempt.
pub async fn write(
    app: &App,
    progress: Progress,
    finish: Finish,
    again: Option<Again>,
) -> Result<()> {
    let settings = app.settings();
    let end = move |db: &mut Write| match again {
        Some(again) => commands::retry(db, progress, finish, again, &settings.budgets),
        None => commands::finish(db, progress, finish, &settings.budgets),
    };
    match app.db.write(end).await {
        // Somebody else has said how it ended.
        Err(Error::Conflict(_)) => Ok(()),
        written => written,
    }
}
