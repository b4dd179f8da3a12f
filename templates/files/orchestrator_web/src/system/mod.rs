//! What the parts of the system report about themselves.

mod body;
pub mod commands;
pub mod http;
pub mod queries;

use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::Id;
use crate::json::Json;
use crate::runtime::logs::Level;
use crate::time::Timestamp;

/// A line of the system's log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SystemLog {
    pub id: Id,
    pub component: String,
    pub log_level: Level,
    pub message: String,
    #[schema(required, value_type = Option<serde_json::Value>)]
    pub details: Option<Json>,
    pub created_at: Timestamp,
}
