use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse as _, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Restart, RestartBody, Start, StartBody};
use super::{commands, page, queries, stream};
use crate::Result;
use crate::app::App;
use crate::db::{Read, Write};
use crate::extract::{Body, List, PathId, PathName};
use crate::idempotency::Idempotency;
use crate::ids::Id;
use crate::lists::Answer;
use crate::page::Page;
use crate::respond::Accepted;
use crate::time::Clock;
use crate::workflows::Workflow;
use crate::workflows::definition::Definition;
use crate::workflows::queries::WorkflowFilter;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(definitions))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(restart))
        .routes(routes!(get))
        .routes(routes!(stream::stream))
}

/// The workflows that the service runs itself, newest first
#[utoipa::path(get, path = "/api/workflows", tag = "workflows",
    params(WorkflowFilter, Page), responses((status = 200, body = [Workflow])))]
async fn list(State(app): State<App>, list: List<WorkflowFilter>) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::list(db, &filter, &page);
    app.lists.answer(&app.db, uri, query).await
}

/// A workflow that can be started.
#[derive(Debug, Serialize, ToSchema)]
struct Named {
    name: String,
    #[serde(flatten)]
    definition: Definition,
}

/// The workflows that can be started: `[workflows.NAME]` of `orchestrator.toml`
#[utoipa::path(get, path = "/api/workflows/definitions", tag = "workflows",
    responses((status = 200, body = [Named])))]
async fn definitions(State(app): State<App>) -> Json<Vec<Named>> {
    let definitions = app.settings().workflows.0.clone();
    let named = definitions
        .into_iter()
        .map(|(name, definition)| Named { name, definition });
    Json(named.collect())
}

/// Starts a workflow
///
/// The definition and the input are settled here: what changes in `orchestrator.toml` later is for
/// others. Agents that the definition names and that do not exist are created. A repeated
/// `Idempotency-Key` with the same request starts nothing and answers with the workflow of the first
/// time; with another request it is refused (422). 409 if an agent cannot run.
#[utoipa::path(post, path = "/api/workflows/start/{definition}", tag = "workflows",
    params(("definition" = String, Path), ("idempotency-key" = Option<String>, Header)),
    request_body = StartBody,
    responses((status = 202, body = Workflow, headers(("location" = String)))))]
async fn start(
    State(app): State<App>,
    PathName(name): PathName,
    headers: HeaderMap,
    Body(start): Body<Start>,
) -> Result<Accepted<Workflow>> {
    let key = Idempotency::of(&headers, &(&name, &start))?;
    let settings = app.settings_for_a_start()?;
    let start =
        move |db: &mut Write| commands::start(db, &name, start.input, &settings, key.as_ref());
    app.db.write(start).await.map(accepted)
}

/// Ends a workflow: nothing more begins, and its runs are stopped
///
/// 409 if it has ended, or runs elsewhere.
#[utoipa::path(post, path = "/api/workflows/stop/{id}", tag = "workflows",
    params(("id" = Id, Path)),
    responses((status = 202, body = Workflow, headers(("location" = String)))))]
async fn stop(State(app): State<App>, PathId(id): PathId) -> Result<Accepted<Workflow>> {
    let settings = app.settings();
    let stop = move |db: &mut Write| commands::stop(db, id, &settings);
    app.db.write(stop).await.map(accepted)
}

/// Starts the same again, with the definition and the input of then
///
/// With `from_step`, what has succeeded before that step is kept. 409 if the workflow has not ended, or
/// runs elsewhere, or if the work tree that holds what is to be kept was discarded: then the detail names
/// the step from which nothing is missing. 422 if it has no such step.
#[utoipa::path(post, path = "/api/workflows/restart/{id}", tag = "workflows",
    params(("id" = Id, Path)), request_body = RestartBody,
    responses((status = 202, body = Workflow, headers(("location" = String)))))]
async fn restart(
    State(app): State<App>,
    PathId(id): PathId,
    Body(Restart { from_step }): Body<Restart>,
) -> Result<Accepted<Workflow>> {
    let settings = app.settings_for_a_start()?;
    let restart = move |db: &mut Write| commands::restart(db, id, from_step.as_deref(), &settings);
    app.db.write(restart).await.map(accepted)
}

/// One workflow, with its steps as they are now
///
/// A part of a page for `HX-Request: true`.
#[utoipa::path(get, path = "/api/workflows/{id}", tag = "workflows",
    params(("id" = Id, Path), ("hx-request" = Option<String>, Header)),
    responses((status = 200, content((Workflow = "application/json"), (String = "text/html")))))]
async fn get(State(app): State<App>, PathId(id): PathId, headers: HeaderMap) -> Result<Response> {
    let now = Clock::system().now();
    let workflow = app.db.read(move |db| queries::show(db, id, now)).await?;
    if headers.get("hx-request").is_some_and(|it| it == "true") {
        return page::part(&workflow).map(|part| Html(part).into_response());
    }
    Ok(Json(Workflow::from(workflow)).into_response())
}

fn accepted(workflow: Workflow) -> Accepted<Workflow> {
    Accepted {
        location: format!("/api/workflows/{}", workflow.id),
        body: workflow,
    }
}
