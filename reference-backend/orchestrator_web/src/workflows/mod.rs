//! Workflows: those that the service runs itself, as `orchestrator.toml` defines them ([`engine`]), and
//! those that programs outside of it run and report here. Both stand in one table, in one shape.

mod body;
pub mod commands;
pub mod course;
pub mod definition;
pub mod engine;
pub mod http;
pub mod queries;
pub mod steps;
pub mod template;

use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::Id;
use crate::json::Json;
use crate::text;
use crate::time::Timestamp;

/// A run of a workflow. What others run is told as far as they have reported it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Workflow {
    pub id: Id,
    pub adw_name: String,
    pub workflow_type: String,
    #[schema(required)]
    pub description: Option<String>,
    pub status: WorkflowStatus,
    #[schema(required)]
    pub current_step: Option<String>,
    #[schema(required)]
    pub total_steps: Option<i64>,
    pub completed_steps: i64,
    /// Those of a workflow that the service runs are [`StepView`](steps::StepView)s.
    #[schema(required, value_type = Option<Vec<serde_json::Value>>)]
    pub steps: Option<Json>,
    #[schema(required, value_type = Option<serde_json::Value>)]
    pub input_data: Option<Json>,
    #[schema(required, value_type = Option<serde_json::Value>)]
    pub output_data: Option<Json>,
    /// When it left `pending`.
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    #[schema(required)]
    pub completed_at: Option<Timestamp>,
    /// Whole seconds.
    #[schema(required)]
    pub duration_seconds: Option<i64>,
    #[schema(required)]
    pub error_message: Option<String>,
    #[schema(required)]
    pub error_step: Option<String>,
    pub error_count: i64,
    #[schema(required, value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    pub metadata: Option<Json>,
    /// The agent that orchestrates it; null also after that was deleted.
    #[schema(required)]
    pub orchestrator_agent_id: Option<Id>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

text::choices! {
    /// How far a workflow is.
    pub enum WorkflowStatus {
        Pending = "pending",
        Running = "running",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl WorkflowStatus {
    /// Whether nothing follows it.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    /// Whether a workflow may move from here to `next`.
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Pending => next != Self::Pending,
            Self::Running => next.is_terminal(),
            Self::Completed | Self::Failed | Self::Cancelled => false,
        }
    }
}

impl Workflow {
    /// Moves to `status` with the times that belong to it.
    fn enter(&mut self, status: WorkflowStatus, now: Timestamp) {
        self.status = status;
        if status == WorkflowStatus::Pending {
            return;
        }
        let started_at = *self.started_at.get_or_insert(now);
        if status.is_terminal() {
            self.completed_at = Some(now);
            self.duration_seconds = Some(now.millis_since(started_at) / 1000);
        }
    }
}
