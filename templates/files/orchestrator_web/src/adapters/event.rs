//! What agents do, in one vocabulary.

use serde::Serialize;

use super::{Outcome, Spent};
use crate::json::Json;
use crate::time::Timestamp;

/// One thing that an agent did, as the log keeps it and as followers see it. Texts are as the agent
/// printed them, control characters included: [`plain`](super::plain) is for showing them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentEvent {
    /// A turn begins in this session of the agent's own, which a later run may resume.
    Session {
        session_id: String,
        model: Option<String>,
        /// Of the agent's program.
        version: Option<String>,
    },
    Message {
        text: String,
        /// The id of the tool call that runs the sub-agent which said it.
        parent: Option<String>,
    },
    Thinking {
        text: String,
        parent: Option<String>,
    },
    ToolCall {
        id: String,
        name: String,
        input: Json,
        parent: Option<String>,
    },
    /// Ends the call of the same id.
    ToolResult {
        id: String,
        text: String,
        is_error: bool,
    },
    FileChange {
        path: String,
        kind: ChangeKind,
    },
    /// What the run has spent so far, all models together.
    Usage(Spent),
    /// How the account stands against its limit.
    RateLimit {
        status: LimitStatus,
        resets_at: Option<Timestamp>,
        /// Which of its limits, in the provider's words: `five_hour`.
        kind: Option<String>,
    },
    /// The agent waits until somebody allows or denies this; see [`answer`](super::answer).
    Approval {
        request_id: String,
        tool: String,
        input: Json,
    },
    /// It waits for this answer no longer.
    ApprovalWithdrawn {
        request_id: String,
    },
    /// The agent waits for something that nobody here can do, until it is told so; see
    /// [`refuse`](super::refuse).
    Unmet {
        request_id: String,
        what: String,
    },
    Notice {
        level: NoticeLevel,
        text: String,
    },
    /// A line as it was printed: plain text, or what no adapter understands.
    Output {
        stream: Stream,
        text: String,
    },
    /// The agent said that it is done. Its exit may still be awaited.
    Result(Outcome),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Stdout,
    Stderr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Modified,
    Deleted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitStatus {
    Allowed,
    /// Close to the limit.
    Warning,
    /// Nothing is answered before the reset.
    Rejected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    Info,
    Warning,
    Error,
}
