//! The bodies of requests: their shapes, and the rules for their values.

use serde::Deserialize;
use utoipa::ToSchema;

use super::commands::{NewPrompt, PromptChanges};
use super::{PromptStatus, PromptType};
use crate::extract::{Check, Field, FromBody};
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::runtime::count;
use crate::text;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "agent_id": "01981f3e-6b1a-7c60-9d2e-5a4b3c2d1e0f",
    "prompt_type": "command",
    "prompt_text": "Plan the login page"
}))]
pub struct NewPromptBody {
    #[schema(value_type = Id)]
    agent_id: String,
    #[schema(value_type = PromptType)]
    prompt_type: String,
    #[schema(max_length = 4_000_000)]
    prompt_text: String,
    #[schema(max_length = 255)]
    prompt_name: Option<String>,
    #[schema(max_length = 255, pattern = "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]-]*$")]
    model_used: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "completed", "response_text": "Here is the plan", "latency_ms": 4200 }))]
pub struct PromptChangesBody {
    #[serde(default)]
    #[schema(value_type = PromptStatus, required = false)]
    status: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 4_000_000)]
    response_text: Field<String>,
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1_000_000_000_000_i64)]
    tokens_input: Field<i64>,
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1_000_000_000_000_i64)]
    tokens_output: Field<i64>,
    #[serde(default)]
    #[schema(value_type = MicroUsd, required = false)]
    cost_usd: Field<f64>,
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000_000_i64)]
    latency_ms: Field<i64>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 4_000_000)]
    error_message: Field<String>,
}

impl FromBody for NewPrompt {
    type Body = NewPromptBody;

    fn from_body(body: NewPromptBody, check: &mut Check) -> Option<Self> {
        let agent_id = check.at("/agent_id", body.agent_id.parse());
        let prompt_type = check.at("/prompt_type", body.prompt_type.parse());
        let text = check.at("/prompt_text", text::huge(body.prompt_text));
        let name = body.prompt_name.map(|name| text::between(name, 0, 255));
        let name = check.at("/prompt_name", name.transpose());
        let model = body.model_used.map(text::model).transpose();
        let model = check.at("/model_used", model);
        Some(Self {
            agent_id: agent_id?,
            prompt_type: prompt_type?,
            prompt_text: text?,
            prompt_name: name?,
            model_used: model?,
        })
    }
}

impl FromBody for PromptChanges {
    type Body = PromptChangesBody;

    fn from_body(body: PromptChangesBody, check: &mut Check) -> Option<Self> {
        let (response, error) = (body.response_text, body.error_message);
        Some(Self {
            status: body.status.required("/status", check, |word| word.parse()),
            response_text: response.optional("/response_text", check, text::huge),
            tokens_input: body.tokens_input.required("/tokens_input", check, count),
            tokens_output: body.tokens_output.required("/tokens_output", check, count),
            cost_usd: body
                .cost_usd
                .required("/cost_usd", check, MicroUsd::from_dollars),
            latency_ms: body.latency_ms.optional("/latency_ms", check, count),
            error_message: error.optional("/error_message", check, text::huge),
        })
    }
}
