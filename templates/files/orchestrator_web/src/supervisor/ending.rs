//! What the end of a process says of its run.

use super::watch::Cause;
use crate::adapters::{Adapter, AgentEvent, Exit, ExitReason, Outcome, Retry};
use crate::runtime::Status;
use crate::shim::protocol::{End, Ended};

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
