//! The bodies of requests: their shapes, and the rules for their values.

use serde::Deserialize;
use utoipa::ToSchema;

use super::commands::{NewRuntimeAgent, RuntimeAgentChanges};
use crate::extract::{Check, Field, FromBody};
use crate::ids::Id;
use crate::json::Json;
use crate::money::MicroUsd;
use crate::runtime::{Status, count};
use crate::text;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "orchestrator_agent_id": "01981f3e-6b1a-7c60-9d2e-5a4b3c2d1e0f",
    "session_id": "demo"
}))]
pub struct NewRuntimeAgentBody {
    #[schema(value_type = Id)]
    orchestrator_agent_id: String,
    #[schema(max_length = 255, pattern = "^[A-Za-z0-9][A-Za-z0-9._:/-]*$")]
    session_id: String,
    #[schema(value_type = Option<Status>)]
    status: Option<String>,
    #[schema(value_type = Option<Id>)]
    parent_agent_id: Option<String>,
    #[schema(value_type = Option<serde_json::Value>)]
    context: Option<Json>,
    #[schema(value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    config: Option<Json>,
    #[schema(value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    metadata: Option<Json>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "executing", "tokens_input": 1200, "cost_usd": 0.0042 }))]
pub struct RuntimeAgentChangesBody {
    #[serde(default)]
    #[schema(value_type = Status, required = false)]
    status: Field<String>,
    #[serde(default)]
    #[schema(value_type = MicroUsd, required = false)]
    cost_usd: Field<f64>,
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1_000_000_000_000_i64)]
    tokens_input: Field<i64>,
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1_000_000_000_000_i64)]
    tokens_output: Field<i64>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 4_000_000)]
    error_message: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    context: Field<Json>,
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    metadata: Field<Json>,
}

impl FromBody for NewRuntimeAgent {
    type Body = NewRuntimeAgentBody;

    fn from_body(body: NewRuntimeAgentBody, check: &mut Check) -> Option<Self> {
        let agent = check.at("/orchestrator_agent_id", body.orchestrator_agent_id.parse());
        let session = check.at("/session_id", text::argument(body.session_id));
        let status = body.status.map(|word| word.parse()).transpose();
        let status = check.at("/status", status);
        let parent = body.parent_agent_id.map(|id| id.parse()).transpose();
        let parent = check.at("/parent_agent_id", parent);
        let config = body.config.map(Json::object).transpose();
        let config = check.at("/config", config);
        let metadata = body.metadata.map(Json::object).transpose();
        let metadata = check.at("/metadata", metadata);
        Some(Self {
            orchestrator_agent_id: agent?,
            session_id: session?,
            status: status?.unwrap_or(Status::Pending),
            parent_agent_id: parent?,
            model: None,
            context: body.context,
            config: config?,
            metadata: metadata?,
        })
    }
}

impl FromBody for RuntimeAgentChanges {
    type Body = RuntimeAgentChangesBody;

    fn from_body(body: RuntimeAgentChangesBody, check: &mut Check) -> Option<Self> {
        Some(Self {
            status: body.status.required("/status", check, |word| word.parse()),
            cost_usd: body
                .cost_usd
                .required("/cost_usd", check, MicroUsd::from_dollars),
            tokens_input: body.tokens_input.required("/tokens_input", check, count),
            tokens_output: body.tokens_output.required("/tokens_output", check, count),
            error_message: body
                .error_message
                .optional("/error_message", check, text::huge),
            context: body.context.optional("/context", check, Ok::<_, String>),
            metadata: body.metadata.optional("/metadata", check, Json::object),
            ..Self::default()
        })
    }
}
