//! How things stand, and why.

use askama::Template;

use crate::adapters::ExitReason;
use crate::health::system::Health;
use crate::runs::Queued;
use crate::runs::queue::Reason;
use crate::runtime::Status;
use crate::workflows::WorkflowStatus;
use crate::workflows::steps::StepStatus;
use crate::worktrees::WorktreeStatus;

/// A state: a shape and a word, then a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Template)]
#[template(
    source = "<span class=\"state {{ shape }}\">{{ word }}</span>",
    ext = "html"
)]
pub struct State {
    pub word: &'static str,
    pub shape: &'static str,
}

impl askama::filters::HtmlSafe for State {}

impl From<Status> for State {
    fn from(status: Status) -> Self {
        let (word, shape) = match status {
            Status::Pending => ("queued", "queued"),
            Status::Initializing => ("starting", "running"),
            Status::Planning | Status::Executing | Status::Reviewing => {
                (status.as_str(), "running")
            }
            Status::Waiting => ("waiting", "waiting"),
            Status::Completed => ("completed", "done"),
            Status::Failed | Status::Lost => (status.as_str(), "failed"),
            Status::Cancelled => ("cancelled", "ended"),
        };
        Self { word, shape }
    }
}

impl From<WorkflowStatus> for State {
    fn from(status: WorkflowStatus) -> Self {
        let shape = match status {
            WorkflowStatus::Pending => "queued",
            WorkflowStatus::Running => "running",
            WorkflowStatus::Completed => "done",
            WorkflowStatus::Failed => "failed",
            WorkflowStatus::Cancelled => "ended",
        };
        let word = status.as_str();
        Self { word, shape }
    }
}

impl From<StepStatus> for State {
    fn from(status: StepStatus) -> Self {
        let shape = match status {
            StepStatus::Pending => "queued",
            StepStatus::Running => "running",
            StepStatus::Completed => "done",
            StepStatus::Failed => "failed",
            StepStatus::Cancelled | StepStatus::Skipped => "ended",
        };
        let word = status.as_str();
        Self { word, shape }
    }
}

impl From<Health> for State {
    fn from(health: Health) -> Self {
        let shape = match health {
            Health::Well => "done",
            Health::Limited => "waiting",
            Health::Failed => "failed",
        };
        let word = health.as_str();
        Self { word, shape }
    }
}

impl From<WorktreeStatus> for State {
    fn from(status: WorktreeStatus) -> Self {
        let (word, shape) = match status {
            WorktreeStatus::Pending => ("being made", "running"),
            WorktreeStatus::Ready => ("not merged", "queued"),
            WorktreeStatus::Merged => ("merged", "done"),
            WorktreeStatus::Discarding => ("being removed", "running"),
            WorktreeStatus::Discarded => ("discarded", "ended"),
            WorktreeStatus::Kept => ("left alone", "waiting"),
        };
        Self { word, shape }
    }
}

impl State {
    pub fn of_agent(is_active: bool) -> Self {
        let (word, shape) = if is_active {
            ("active", "done")
        } else {
            ("inactive", "ended")
        };
        Self { word, shape }
    }
}

/// Why a run ended as it did, of the one word for it.
pub fn ended(reason: &str) -> String {
    let words = match reason.parse() {
        Ok(ExitReason::AgentError) => "the agent says that it failed",
        Ok(ExitReason::Auth) => "the agent is not logged in, or its key is not valid",
        Ok(ExitReason::Billing) => "the account cannot pay",
        Ok(ExitReason::Budget) => "it spent more than it may",
        Ok(ExitReason::ExitCode) => "its program ended with an error",
        Ok(ExitReason::InvalidRequest) => "the provider refused the request",
        Ok(ExitReason::Loop) => "it went in circles",
        Ok(ExitReason::MaxTurns) => "it took as many turns as it may",
        Ok(ExitReason::NoResult) => "it ended without saying that it is done",
        Ok(ExitReason::OutputLost) => "what it printed could not be kept",
        Ok(ExitReason::Overloaded) => "the provider is overloaded",
        Ok(ExitReason::RateLimit) => "the account's usage limit is reached",
        Ok(ExitReason::RequestTimeout) => "the provider did not answer in time",
        Ok(ExitReason::ServerError) => "the provider failed",
        Ok(ExitReason::Signal) => "a signal ended it, which was not ours",
        Ok(ExitReason::SpawnFailed) => "its program could not be started",
        Ok(ExitReason::Stalled) => "it was silent for too long",
        Ok(ExitReason::TimedOut) => "it took longer than it may",
        Err(_) => reason,
    };
    words.to_owned()
}

/// Why a run waits in the queue.
pub fn waiting(queued: &Queued) -> String {
    let reason = match queued.reason {
        None => "next in the queue",
        Some(Reason::QueueStopped) => "the queue takes no runs",
        Some(Reason::StartAfter) => "for its time",
        Some(Reason::Retry) => "for its next attempt",
        Some(Reason::UsageLimit) => "for its account's usage limit",
        Some(Reason::Session) => "for another run of its session",
        Some(Reason::Limit) => "for a place: as many are at work as may be",
        Some(Reason::AgentLimit) => "for a place: its agent has as many at work as it may",
        Some(Reason::RepositoryLimit) => "for a place in its repository",
        Some(Reason::ExecutorLimit) => "for a place on its executor",
        Some(Reason::AccountLimit) => "for a place of its account",
    };
    let until = queued
        .until
        .map(|at| format!(", until {}", &at.as_str()[..19].replace('T', " ")));
    format!("{reason}{}", until.unwrap_or_default())
}
