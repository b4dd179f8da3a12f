//! The bodies of requests: their shapes, and the rules for their values.

use serde::Deserialize;
use utoipa::ToSchema;

use super::commands::{AgentChanges, NewAgent};
use super::{AgentName, AgentType};
use crate::config::{ModelName, Settings};
use crate::extract::{Check, Field, FromBody};
use crate::json::Json;
use crate::text;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "feature-planner",
    "description": "Plans feature implementation",
    "agent_type": "skill",
    "capabilities": "planning,analysis",
    "default_model": "claude-sonnet-3.5"
}))]
pub struct NewAgentBody {
    #[schema(value_type = AgentName)]
    name: String,
    #[schema(max_length = 10_000)]
    description: String,
    #[schema(value_type = AgentType)]
    agent_type: String,
    #[schema(max_length = 10_000)]
    capabilities: String,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255, pattern = "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]-]*$")]
    default_model: Field<String>,
    executor: Option<String>,
    #[schema(value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    metadata: Option<Json>,
    is_active: Option<bool>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "description": "Plans features and fixes", "is_active": false }))]
pub struct AgentChangesBody {
    #[serde(default)]
    #[schema(value_type = AgentName, required = false)]
    name: Field<String>,
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 10_000)]
    description: Field<String>,
    #[serde(default)]
    #[schema(value_type = AgentType, required = false)]
    agent_type: Field<String>,
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 10_000)]
    capabilities: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255, pattern = "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]-]*$")]
    default_model: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    executor: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    metadata: Field<Json>,
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    is_active: Field<bool>,
}

impl FromBody for NewAgent {
    type Body = NewAgentBody;

    fn from_body(body: NewAgentBody, check: &mut Check) -> Option<Self> {
        let name = check.at("/name", body.name.parse());
        let description = check.at("/description", text::long(body.description));
        let agent_type = check.at("/agent_type", body.agent_type.parse());
        let capabilities = check.at("/capabilities", text::long(body.capabilities));
        let configured = check.settings.default_model.as_ref();
        let default_model = match body.default_model {
            Field::Absent => configured.map(ModelName::to_string),
            given => given
                .optional("/default_model", check, text::model)
                .flatten(),
        };
        let executor = body
            .executor
            .map(|name| known_executor(name, check.settings))
            .transpose();
        let executor = check.at("/executor", executor);
        let metadata = body.metadata.map(Json::object).transpose();
        let metadata = check.at("/metadata", metadata);
        Some(Self {
            name: name?,
            description: description?,
            agent_type: agent_type?,
            capabilities: capabilities?,
            default_model,
            executor: executor?,
            is_active: body.is_active.unwrap_or(true),
            metadata: metadata?,
        })
    }
}

impl FromBody for AgentChanges {
    type Body = AgentChangesBody;

    fn from_body(body: AgentChangesBody, check: &mut Check) -> Option<Self> {
        let settings = check.settings;
        let known = |name| known_executor(name, settings);
        Some(Self {
            name: body.name.required("/name", check, |name| name.parse()),
            description: body.description.required("/description", check, text::long),
            agent_type: body
                .agent_type
                .required("/agent_type", check, |word| word.parse()),
            capabilities: body
                .capabilities
                .required("/capabilities", check, text::long),
            default_model: body
                .default_model
                .optional("/default_model", check, text::model),
            executor: body.executor.optional("/executor", check, known),
            is_active: body
                .is_active
                .required("/is_active", check, Ok::<_, String>),
            metadata: body.metadata.optional("/metadata", check, Json::object),
        })
    }
}

fn known_executor(name: String, settings: &Settings) -> Result<String, String> {
    if settings.executors.get(&name).is_some() {
        return Ok(name);
    }
    Err("is not the name of a configured executor".into())
}
