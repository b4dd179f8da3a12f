use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Workflow;
use super::body::{NewWorkflowBody, WorkflowChangesBody};
use super::commands::{self, NewWorkflow, WorkflowChanges};
use super::queries::{self, WorkflowFilter};
use crate::Result;
use crate::app::App;
use crate::db::Read;
use crate::extract::{Body, FromQuery, List, PathId, QueryReader};
use crate::ids::Id;
use crate::lists::Answer;
use crate::page::Page;
use crate::respond::Created;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update))
}

/// Workflows, newest first
#[utoipa::path(get, path = "/api/runtime/workflows", tag = "workflows",
    params(WorkflowFilter, Page), responses((status = 200, body = [Workflow])))]
async fn list(State(app): State<App>, list: List<WorkflowFilter>) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::list(db, &filter, &page);
    app.lists.answer(&app.db, uri, query).await
}

/// A new workflow, run and reported by somebody else
#[utoipa::path(post, path = "/api/runtime/workflows", tag = "workflows",
    request_body = NewWorkflowBody,
    responses((status = 201, body = Workflow, headers(("location" = String)))))]
async fn create(State(app): State<App>, Body(new): Body<NewWorkflow>) -> Result<Created<Workflow>> {
    let workflow = app.db.write(move |db| commands::create(db, new)).await?;
    Ok(Created {
        location: format!("/api/runtime/workflows/{}", workflow.id),
        body: workflow,
    })
}

/// One workflow
#[utoipa::path(get, path = "/api/runtime/workflows/{id}", tag = "workflows",
    params(("id" = Id, Path)), responses((status = 200, body = Workflow)))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<Workflow>> {
    app.db.read(move |db| queries::get(db, id)).await.map(Json)
}

/// New values for some of a workflow's members
///
/// States move forward: pending, running, then completed, failed or cancelled; running may be
/// skipped. 409 for any other move, and for every change of a workflow that has ended.
#[utoipa::path(patch, path = "/api/runtime/workflows/{id}", tag = "workflows",
    params(("id" = Id, Path)), request_body = WorkflowChangesBody,
    responses((status = 200, body = Workflow)))]
async fn update(
    State(app): State<App>,
    PathId(id): PathId,
    Body(changes): Body<WorkflowChanges>,
) -> Result<Json<Workflow>> {
    app.db
        .write(move |db| commands::report(db, id, changes))
        .await
        .map(Json)
}

impl FromQuery for WorkflowFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            status: query.optional("status"),
        }
    }
}
