use super::{Workflow, WorkflowStatus};
use crate::db::list::Slice;
use crate::db::{Listing, Read, Row};
use crate::ids::Id;
use crate::page::Page;
use crate::{Error, Result};

pub(super) const COLUMNS: &str = "id, adw_name, workflow_type, description, status, current_step, \
     total_steps, completed_steps, steps, input_data, output_data, started_at, completed_at, \
     duration_seconds, error_message, error_step, error_count, metadata, orchestrator_agent_id, \
     created_at, updated_at";

/// Which workflows a list holds.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkflowFilter {
    pub status: Option<WorkflowStatus>,
}

pub fn list(db: &Read, filter: &WorkflowFilter, page: &Page) -> Result<Slice<Workflow>> {
    Listing::new(COLUMNS, "ai_developer_workflows")
        .only_if("status = ?", &filter.status)
        .page(db, page, workflow)
}

pub fn get(db: &Read, id: Id) -> Result<Workflow> {
    let sql = format!("SELECT {COLUMNS} FROM ai_developer_workflows WHERE id = ?1");
    db.first(&sql, &[&id], workflow)?
        .ok_or(Error::NotFound("workflow"))
}

pub(super) fn workflow(row: &mut Row) -> Result<Workflow> {
    Ok(Workflow {
        id: row.take()?,
        adw_name: row.take()?,
        workflow_type: row.take()?,
        description: row.take()?,
        status: row.take()?,
        current_step: row.take()?,
        total_steps: row.take()?,
        completed_steps: row.take()?,
        steps: row.take()?,
        input_data: row.take()?,
        output_data: row.take()?,
        started_at: row.take()?,
        completed_at: row.take()?,
        duration_seconds: row.take()?,
        error_message: row.take()?,
        error_step: row.take()?,
        error_count: row.take()?,
        metadata: row.take()?,
        orchestrator_agent_id: row.take()?,
        created_at: row.take()?,
        updated_at: row.take()?,
    })
}
