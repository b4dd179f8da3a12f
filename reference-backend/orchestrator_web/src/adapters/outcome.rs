//! How runs end.

use serde::Serialize;

use crate::runtime::Status;
use crate::text;
use crate::time::Timestamp;

text::choices! {
    /// Why a run ended as it did. What ended well has no reason, or `no_result`.
    pub enum ExitReason {
        /// The agent itself tells no more than that it failed.
        AgentError = "agent_error",
        Auth = "auth",
        Billing = "billing",
        Budget = "budget",
        ExitCode = "exit_code",
        InvalidRequest = "invalid_request",
        /// It went in circles.
        Loop = "loop",
        MaxTurns = "max_turns",
        /// It exited without saying that it is done; the exit code decides.
        NoResult = "no_result",
        /// What it printed could not be kept: the disk is full, or worse.
        OutputLost = "output_lost",
        Overloaded = "overloaded",
        RateLimit = "rate_limit",
        /// The model's provider did not answer in time.
        RequestTimeout = "request_timeout",
        ServerError = "server_error",
        /// A signal ended it that we did not send.
        Signal = "signal",
        SpawnFailed = "spawn_failed",
        /// It printed nothing for too long.
        Stalled = "stalled",
        /// It took longer than it may.
        TimedOut = "timed_out",
    }
}

/// The end of a process, as `exit.json` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Code(i32),
    Signal(i32),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// One of the terminal states.
    pub status: Status,
    pub exit_reason: Option<ExitReason>,
    pub retry: Retry,
    /// The agent's own session, to resume.
    pub session_id: Option<String>,
    /// What the agent answered.
    pub text: Option<String>,
    /// What went wrong, in the agent's words.
    pub error: Option<String>,
}

/// Whether another attempt may end better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    Never,
    /// After a pause that grows with the attempts.
    Later,
    /// A limit of the account's is reached: not before this, for every run of the account.
    At(Timestamp),
}

impl ExitReason {
    pub(super) fn retry(self) -> Retry {
        match self {
            Self::Overloaded | Self::RateLimit | Self::RequestTimeout | Self::ServerError => {
                Retry::Later
            }
            _ => Retry::Never,
        }
    }
}
