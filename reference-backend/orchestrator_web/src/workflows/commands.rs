use super::queries::get;
use super::{Workflow, WorkflowStatus, engine};
use crate::agents;
use crate::db::Write;
use crate::events::Event;
use crate::ids::Id;
use crate::json::Json;
use crate::{Error, Result};

#[derive(Debug, Clone)]
pub struct NewWorkflow {
    pub adw_name: String,
    pub workflow_type: String,
    pub description: Option<String>,
    pub status: WorkflowStatus,
    pub current_step: Option<String>,
    pub total_steps: Option<i64>,
    pub steps: Option<Json>,
    pub input_data: Option<Json>,
    pub metadata: Option<Json>,
    pub orchestrator_agent_id: Option<Id>,
}

/// New values of some members; `None` leaves a member as it is, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct WorkflowChanges {
    pub description: Option<Option<String>>,
    pub status: Option<WorkflowStatus>,
    pub current_step: Option<Option<String>>,
    pub total_steps: Option<Option<i64>>,
    pub completed_steps: Option<i64>,
    pub steps: Option<Option<Json>>,
    pub output_data: Option<Option<Json>>,
    pub error_message: Option<Option<String>>,
    pub error_step: Option<Option<String>>,
    pub error_count: Option<i64>,
    pub metadata: Option<Option<Json>>,
}

/// 404 if the agent is unknown, 409 if it is being deleted.
pub fn create(db: &mut Write, new: NewWorkflow) -> Result<Workflow> {
    if let Some(agent) = new.orchestrator_agent_id {
        agents::queries::require_lasting(db, agent)?;
    }
    let now = db.now();
    let mut workflow = Workflow {
        id: Id::generate(),
        adw_name: new.adw_name,
        workflow_type: new.workflow_type,
        description: new.description,
        status: WorkflowStatus::Pending,
        current_step: new.current_step,
        total_steps: new.total_steps,
        completed_steps: 0,
        steps: new.steps,
        input_data: new.input_data,
        output_data: None,
        started_at: None,
        completed_at: None,
        duration_seconds: None,
        error_message: None,
        error_step: None,
        error_count: 0,
        metadata: new.metadata,
        orchestrator_agent_id: new.orchestrator_agent_id,
        created_at: now,
        updated_at: now,
    };
    workflow.enter(new.status, now);
    insert(db, &workflow)?;
    db.record(&Event::WorkflowCreated {
        id: workflow.id,
        adw_name: workflow.adw_name.clone(),
        status: workflow.status,
    })?;
    Ok(workflow)
}

/// 404 if there is no such workflow, 409 if it has ended or cannot move to the new status. Changes
/// that change nothing record no event, and an ended workflow takes them; who ends it twice gets 409.
pub fn update(db: &mut Write, id: Id, changes: WorkflowChanges) -> Result<Workflow> {
    let old = get(db, id)?;
    let mut new = old.clone();
    new.description = changes.description.unwrap_or(new.description);
    new.current_step = changes.current_step.unwrap_or(new.current_step);
    new.total_steps = changes.total_steps.unwrap_or(new.total_steps);
    new.completed_steps = changes.completed_steps.unwrap_or(new.completed_steps);
    new.steps = changes.steps.unwrap_or(new.steps);
    new.output_data = changes.output_data.unwrap_or(new.output_data);
    new.error_message = changes.error_message.unwrap_or(new.error_message);
    new.error_step = changes.error_step.unwrap_or(new.error_step);
    new.error_count = changes.error_count.unwrap_or(new.error_count);
    new.metadata = changes.metadata.unwrap_or(new.metadata);
    if let Some(status) = changes
        .status
        .filter(|&it| it != old.status || old.status.is_terminal())
    {
        if !old.status.may_become(status) {
            return Err(refused(&old, status.as_str()));
        }
        new.enter(status, db.now());
    }
    if new == old {
        return Ok(old);
    }
    if old.status.is_terminal() {
        return Err(refused(&old, "anything else"));
    }
    new.updated_at = db.now();
    replace(db, &old, &new)?;
    db.record(&Event::WorkflowUpdated {
        id,
        adw_name: new.adw_name.clone(),
        status: new.status,
    })?;
    Ok(new)
}

/// As [`update`], for those who run a workflow elsewhere and report it: 409 if the service runs it itself.
pub fn report(db: &mut Write, id: Id, changes: WorkflowChanges) -> Result<Workflow> {
    if engine::queries::is_own(db, id)? {
        let detail = "the service runs this workflow itself; POST to /api/workflows/stop to end it";
        return Err(Error::Conflict(detail.into()));
    }
    update(db, id, changes)
}

fn insert(db: &mut Write, workflow: &Workflow) -> Result<()> {
    db.execute(
        "INSERT INTO ai_developer_workflows (id, adw_name, workflow_type, description, status, \
         current_step, total_steps, completed_steps, steps, input_data, started_at, completed_at, \
         duration_seconds, error_count, metadata, orchestrator_agent_id, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        &[
            &workflow.id,
            &workflow.adw_name,
            &workflow.workflow_type,
            &workflow.description,
            &workflow.status,
            &workflow.current_step,
            &workflow.total_steps,
            &workflow.completed_steps,
            &workflow.steps,
            &workflow.input_data,
            &workflow.started_at,
            &workflow.completed_at,
            &workflow.duration_seconds,
            &workflow.error_count,
            &workflow.metadata,
            &workflow.orchestrator_agent_id,
            &workflow.created_at,
            &workflow.updated_at,
        ],
    )?;
    Ok(())
}

/// Writes what may change, if the workflow is still in the state that it was read in.
fn replace(db: &mut Write, old: &Workflow, new: &Workflow) -> Result<()> {
    let written = db.execute(
        "UPDATE ai_developer_workflows SET status = ?3, description = ?4, current_step = ?5, \
         total_steps = ?6, completed_steps = ?7, steps = ?8, output_data = ?9, started_at = ?10, \
         completed_at = ?11, duration_seconds = ?12, error_message = ?13, error_step = ?14, \
         error_count = ?15, metadata = ?16, updated_at = ?17 WHERE id = ?1 AND status = ?2",
        &[
            &old.id,
            &old.status,
            &new.status,
            &new.description,
            &new.current_step,
            &new.total_steps,
            &new.completed_steps,
            &new.steps,
            &new.output_data,
            &new.started_at,
            &new.completed_at,
            &new.duration_seconds,
            &new.error_message,
            &new.error_step,
            &new.error_count,
            &new.metadata,
            &new.updated_at,
        ],
    )?;
    if written != 1 {
        return Err(refused(old, new.status.as_str()));
    }
    Ok(())
}

fn refused(workflow: &Workflow, next: &str) -> Error {
    let status = workflow.status.as_str();
    Error::Conflict(format!("a workflow that is {status} cannot become {next}"))
}
