//! Approvals: what agents ask to be allowed before they do it. A question waits in the tables, over
//! restarts, for its first answer: a person's, or the one that it gets when its time is over.

mod body;
pub mod commands;
pub mod expiry;
pub mod http;
pub mod queries;

pub use body::Reason;
use serde::Serialize;
use utoipa::ToSchema;

use crate::adapters::Answer;
use crate::ids::Id;
use crate::json::Json;
use crate::text;
use crate::time::Timestamp;

/// A tool that an agent wants to use, and whether it may.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Approval {
    pub id: Id,
    /// The instance that asks, and waits.
    pub agent_id: Id,
    /// The agent's own name for the question.
    pub request_id: String,
    pub tool: String,
    /// What it wants to do with it, as it wrote it. More than 1 MiB is denied at once, and the beginning
    /// of it is kept, as a string.
    #[schema(value_type = serde_json::Value)]
    pub input: Json,
    pub status: ApprovalStatus,
    /// The answer that the agent gets at `expires_at`.
    pub on_timeout: Verdict,
    #[schema(required)]
    pub reason: Option<String>,
    #[schema(required)]
    pub decided_by: Option<DecidedBy>,
    pub created_at: Timestamp,
    /// Null where it may wait as long as its run.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    #[schema(required)]
    pub decided_at: Option<Timestamp>,
    /// When the agent was told. A service that was killed just then tells it again.
    #[schema(required)]
    pub delivered_at: Option<Timestamp>,
}

text::choices! {
    /// What became of a question.
    pub enum ApprovalStatus {
        Pending = "pending",
        Allowed = "allowed",
        Denied = "denied",
        /// Nobody answered: it got `on_timeout`.
        TimedOut = "timed_out",
        /// The agent waits for it no longer.
        Withdrawn = "withdrawn",
    }
}

text::choices! {
    pub enum Verdict {
        Allow = "allow",
        Deny = "deny",
    }
}

text::choices! {
    pub enum DecidedBy {
        Person = "person",
        Timeout = "timeout",
        /// The agent itself withdrew it.
        Agent = "agent",
        /// Its run has ended, or nobody could have judged it.
        Service = "service",
    }
}

/// How long questions wait, and what then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// 0 is no bound.
    pub timeout_seconds: u32,
    pub on_timeout: Verdict,
}

impl Approval {
    /// What the agent is told; `None` if it waits, or is not to be told.
    pub fn answer(&self) -> Option<Answer<'_>> {
        let verdict = match self.status {
            ApprovalStatus::Pending | ApprovalStatus::Withdrawn => return None,
            ApprovalStatus::Allowed => Verdict::Allow,
            ApprovalStatus::Denied => Verdict::Deny,
            ApprovalStatus::TimedOut => self.on_timeout,
        };
        let reason = self.reason.as_deref().unwrap_or("denied, without a reason");
        Some(match verdict {
            Verdict::Allow => Answer::Allow { input: &self.input },
            Verdict::Deny => Answer::Deny { reason },
        })
    }
}
