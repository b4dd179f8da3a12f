//! The body of a request: its shape, and the rules for its values.

use serde::Deserialize;
use utoipa::ToSchema;

use super::commands::NewLog;
use super::{Level, LogType};
use crate::extract::{Check, FromBody};
use crate::ids::Id;
use crate::json::Json;
use crate::text;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "agent_id": "01981f3e-6b1a-7c60-9d2e-5a4b3c2d1e0f",
    "log_level": "INFO",
    "log_type": "milestone",
    "message": "the plan is written"
}))]
pub struct NewLogBody {
    #[schema(value_type = Id)]
    agent_id: String,
    #[schema(value_type = Level)]
    log_level: String,
    #[schema(value_type = LogType)]
    log_type: String,
    #[schema(max_length = 4_000_000)]
    message: String,
    #[schema(value_type = Option<serde_json::Value>)]
    details: Option<Json>,
}

impl FromBody for NewLog {
    type Body = NewLogBody;

    fn from_body(body: NewLogBody, check: &mut Check) -> Option<Self> {
        let agent_id = check.at("/agent_id", body.agent_id.parse());
        let log_level = check.at("/log_level", body.log_level.parse());
        let log_type = check.at("/log_type", body.log_type.parse());
        let message = check.at("/message", text::huge(body.message));
        Some(Self {
            agent_id: agent_id?,
            log_level: log_level?,
            log_type: log_type?,
            message: message?,
            details: body.details,
        })
    }
}
