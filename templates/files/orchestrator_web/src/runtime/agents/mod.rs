//! Running instances of agents.

mod body;
pub mod commands;
pub mod http;
pub mod queries;

use serde::Serialize;
use utoipa::ToSchema;

use super::Status;
use crate::ids::Id;
use crate::json::Json;
use crate::money::MicroUsd;
use crate::time::Timestamp;

/// One run of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RuntimeAgent {
    pub id: Id,
    /// The agent definition that it is an instance of.
    pub orchestrator_agent_id: Id,
    pub session_id: String,
    #[schema(required)]
    pub parent_agent_id: Option<Id>,
    pub status: Status,
    #[schema(required, value_type = Option<serde_json::Value>)]
    pub context: Option<Json>,
    #[schema(required, value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    pub config: Option<Json>,
    #[schema(required, value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    pub metadata: Option<Json>,
    #[schema(required)]
    pub model: Option<String>,
    /// When it left `pending`.
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    #[schema(required)]
    pub completed_at: Option<Timestamp>,
    #[schema(required)]
    pub duration_ms: Option<i64>,
    pub tokens_input: i64,
    pub tokens_output: i64,
    pub cost_usd: MicroUsd,
    pub cost_is_estimate: bool,
    /// Why it ended as it did, in one word.
    #[schema(required)]
    pub exit_reason: Option<String>,
    #[schema(required)]
    pub error_message: Option<String>,
}

impl RuntimeAgent {
    /// Moves to `status` with the times that belong to it.
    fn enter(&mut self, status: Status, now: Timestamp) {
        self.status = status;
        if status == Status::Pending {
            return;
        }
        let started_at = *self.started_at.get_or_insert(now);
        if status.is_terminal() {
            self.completed_at = Some(now);
            self.duration_ms = Some(now.millis_since(started_at));
        }
    }
}

/// What the live view shows of an instance.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Glimpse {
    pub id: Id,
    pub orchestrator_agent_id: Id,
    pub session_id: String,
    pub status: Status,
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    #[schema(required)]
    pub completed_at: Option<Timestamp>,
}
