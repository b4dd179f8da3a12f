//! What instances were asked, and what they answered.

mod body;
pub mod commands;
pub mod http;
pub mod queries;

use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::Id;
use crate::money::MicroUsd;
use crate::text;
use crate::time::Timestamp;

/// A prompt to an instance, with its response once there is one.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Prompt {
    pub id: Id,
    /// The instance that was asked.
    pub agent_id: Id,
    pub prompt_type: PromptType,
    #[schema(required)]
    pub prompt_name: Option<String>,
    pub prompt_text: String,
    #[schema(required)]
    pub response_text: Option<String>,
    pub status: PromptStatus,
    #[schema(required)]
    pub model_used: Option<String>,
    pub tokens_input: i64,
    pub tokens_output: i64,
    pub cost_usd: MicroUsd,
    #[schema(required)]
    pub latency_ms: Option<i64>,
    pub created_at: Timestamp,
    #[schema(required)]
    pub completed_at: Option<Timestamp>,
    #[schema(required)]
    pub error_message: Option<String>,
}

text::choices! {
    /// On what occasion an instance was asked.
    pub enum PromptType {
        Adw = "adw",
        Command = "command",
        Followup = "followup",
        Correction = "correction",
        ToolCall = "tool_call",
    }
}

text::choices! {
    /// How far the response is.
    pub enum PromptStatus {
        Pending = "pending",
        Streaming = "streaming",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl PromptStatus {
    /// Whether nothing follows it.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Streaming)
    }

    /// Whether a prompt may move from here to `next`.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Pending => next != Self::Pending,
            Self::Streaming => next.is_terminal(),
            Self::Completed | Self::Failed | Self::Cancelled => false,
        }
    }
}
