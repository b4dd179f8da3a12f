//! The bodies of requests: their shapes, and the rules for their values.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::{Check, FromBody};
use crate::json::Json;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "input": { "task": "Add a page that lists the users" } }))]
pub struct StartBody {
    /// What the workflow's definition asks for in `input`.
    #[schema(value_type = Option<serde_json::Value>)]
    input: Option<Json>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from_step": "test" }))]
pub struct RestartBody {
    /// The first step that runs again, with all that needs it. From the start, if it is left out.
    from_step: Option<String>,
}

/// What a workflow is started with.
#[derive(Debug, Serialize)]
pub struct Start {
    pub input: Option<Json>,
}

/// Where a workflow is started again.
pub struct Restart {
    pub from_step: Option<String>,
}

impl FromBody for Start {
    type Body = StartBody;

    fn from_body(body: StartBody, _: &mut Check) -> Option<Self> {
        Some(Self { input: body.input })
    }
}

impl FromBody for Restart {
    type Body = RestartBody;

    fn from_body(body: RestartBody, _: &mut Check) -> Option<Self> {
        Some(Self {
            from_step: body.from_step,
        })
    }
}
