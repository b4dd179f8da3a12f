//! The body of a request: its shape, and the rules for its values.

use serde::Deserialize;
use utoipa::ToSchema;

use super::commands::NewSystemLog;
use crate::extract::{Check, FromBody};
use crate::json::Json;
use crate::runtime::logs::Level;
use crate::text;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "component": "watcher",
    "log_level": "WARNING",
    "message": "outputs/ is not readable"
}))]
pub struct NewSystemLogBody {
    #[schema(min_length = 1, max_length = 255)]
    component: String,
    #[schema(value_type = Level)]
    log_level: String,
    #[schema(max_length = 4_000_000)]
    message: String,
    #[schema(value_type = Option<serde_json::Value>)]
    details: Option<Json>,
}

impl FromBody for NewSystemLog {
    type Body = NewSystemLogBody;

    fn from_body(body: NewSystemLogBody, check: &mut Check) -> Option<Self> {
        let component = check.at("/component", text::between(body.component, 1, 255));
        let log_level = check.at("/log_level", body.log_level.parse());
        let message = check.at("/message", text::huge(body.message));
        Some(Self {
            component: component?,
            log_level: log_level?,
            message: message?,
            details: body.details,
        })
    }
}
