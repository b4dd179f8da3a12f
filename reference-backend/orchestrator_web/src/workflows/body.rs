//! The bodies of requests: their shapes, and the rules for their values.

use serde::Deserialize;
use utoipa::ToSchema;

use super::WorkflowStatus;
use super::commands::{NewWorkflow, WorkflowChanges};
use crate::extract::{Check, Field, FromBody};
use crate::ids::Id;
use crate::json::Json;
use crate::runtime::count;
use crate::text;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "adw_name": "sdlc-42", "workflow_type": "sdlc", "total_steps": 5 }))]
pub struct NewWorkflowBody {
    #[schema(min_length = 1, max_length = 255)]
    adw_name: String,
    #[schema(min_length = 1, max_length = 255)]
    workflow_type: String,
    #[schema(max_length = 10_000)]
    description: Option<String>,
    #[schema(value_type = Option<WorkflowStatus>)]
    status: Option<String>,
    #[schema(max_length = 255)]
    current_step: Option<String>,
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    total_steps: Option<i64>,
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    steps: Option<Json>,
    #[schema(value_type = Option<serde_json::Value>)]
    input_data: Option<Json>,
    #[schema(value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    metadata: Option<Json>,
    #[schema(value_type = Option<Id>)]
    orchestrator_agent_id: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "running", "current_step": "build", "completed_steps": 1 }))]
pub struct WorkflowChangesBody {
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    description: Field<String>,
    #[serde(default)]
    #[schema(value_type = WorkflowStatus, required = false)]
    status: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255)]
    current_step: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000_000_i64)]
    total_steps: Field<i64>,
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1_000_000_000_000_i64)]
    completed_steps: Field<i64>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<serde_json::Value>>)]
    steps: Field<Json>,
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Value>)]
    output_data: Field<Json>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 4_000_000)]
    error_message: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 255)]
    error_step: Field<String>,
    #[serde(default)]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1_000_000_000_000_i64)]
    error_count: Field<i64>,
    #[serde(default)]
    #[schema(value_type = Option<serde_json::Map<String, serde_json::Value>>)]
    metadata: Field<Json>,
}

impl FromBody for NewWorkflow {
    type Body = NewWorkflowBody;

    fn from_body(body: NewWorkflowBody, check: &mut Check) -> Option<Self> {
        let name = check.at("/adw_name", text::between(body.adw_name, 1, 255));
        let kind = check.at("/workflow_type", text::between(body.workflow_type, 1, 255));
        let description = body.description.map(text::long).transpose();
        let description = check.at("/description", description);
        let status = body.status.map(|word| word.parse()).transpose();
        let status = check.at("/status", status);
        let step = body.current_step.map(step_name).transpose();
        let step = check.at("/current_step", step);
        let total = body.total_steps.map(count).transpose();
        let total = check.at("/total_steps", total);
        let steps = body.steps.map(Json::array).transpose();
        let steps = check.at("/steps", steps);
        let metadata = body.metadata.map(Json::object).transpose();
        let metadata = check.at("/metadata", metadata);
        let agent = body.orchestrator_agent_id.map(|id| id.parse()).transpose();
        let agent = check.at("/orchestrator_agent_id", agent);
        Some(Self {
            adw_name: name?,
            workflow_type: kind?,
            description: description?,
            status: status?.unwrap_or(WorkflowStatus::Pending),
            current_step: step?,
            total_steps: total?,
            steps: steps?,
            input_data: body.input_data,
            metadata: metadata?,
            orchestrator_agent_id: agent?,
        })
    }
}

impl FromBody for WorkflowChanges {
    type Body = WorkflowChangesBody;

    fn from_body(body: WorkflowChangesBody, check: &mut Check) -> Option<Self> {
        let (done, errors, message) = (body.completed_steps, body.error_count, body.error_message);
        Some(Self {
            description: body.description.optional("/description", check, text::long),
            status: body.status.required("/status", check, |word| word.parse()),
            current_step: body
                .current_step
                .optional("/current_step", check, step_name),
            total_steps: body.total_steps.optional("/total_steps", check, count),
            completed_steps: done.required("/completed_steps", check, count),
            steps: body.steps.optional("/steps", check, Json::array),
            output_data: body
                .output_data
                .optional("/output_data", check, Ok::<_, String>),
            error_message: message.optional("/error_message", check, text::huge),
            error_step: body.error_step.optional("/error_step", check, step_name),
            error_count: errors.required("/error_count", check, count),
            metadata: body.metadata.optional("/metadata", check, Json::object),
        })
    }
}

fn step_name(name: String) -> Result<String, String> {
    text::between(name, 0, 255)
}
