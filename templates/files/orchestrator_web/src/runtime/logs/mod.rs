//! What instances report, line by line.

mod body;
pub mod commands;
pub mod http;
pub mod queries;

use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::Id;
use crate::json::Json;
use crate::text;
use crate::time::Timestamp;

/// A line of an instance's log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Log {
    pub id: Id,
    /// The instance that reports.
    pub agent_id: Id,
    pub log_level: Level,
    pub log_type: LogType,
    pub message: String,
    #[schema(required, value_type = Option<serde_json::Value>)]
    pub details: Option<Json>,
    pub created_at: Timestamp,
}

text::choices! {
    /// How much a line matters, from least to most.
    pub enum Level {
        Debug = "DEBUG",
        Info = "INFO",
        Warning = "WARNING",
        Error = "ERROR",
        Critical = "CRITICAL",
    }
}

text::choices! {
    /// What a line is about.
    pub enum LogType {
        StateChange = "state_change",
        Milestone = "milestone",
        Error = "error",
        Performance = "performance",
        ToolCall = "tool_call",
        CostUpdate = "cost_update",
        Output = "output",
    }
}
