use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::RuntimeAgent;
use super::body::{NewRuntimeAgentBody, RuntimeAgentChangesBody};
use super::commands::{self, NewRuntimeAgent, RuntimeAgentChanges};
use super::queries::{self, RuntimeAgentFilter};
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

/// Running instances of agents, newest first
#[utoipa::path(get, path = "/api/runtime/agents", tag = "runtime",
    params(RuntimeAgentFilter, Page), responses((status = 200, body = [RuntimeAgent])))]
async fn list(State(app): State<App>, list: List<RuntimeAgentFilter>) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::list(db, &filter, &page);
    app.lists.answer(&app.db, uri, query).await
}

/// A new instance of an agent, run and reported by somebody else
#[utoipa::path(post, path = "/api/runtime/agents", tag = "runtime",
    request_body = NewRuntimeAgentBody,
    responses((status = 201, body = RuntimeAgent, headers(("location" = String)))))]
async fn create(
    State(app): State<App>,
    Body(new): Body<NewRuntimeAgent>,
) -> Result<Created<RuntimeAgent>> {
    let agent = app.db.write(move |db| commands::create(db, new)).await?;
    Ok(Created {
        location: format!("/api/runtime/agents/{}", agent.id),
        body: agent,
    })
}

/// One instance
#[utoipa::path(get, path = "/api/runtime/agents/{id}", tag = "runtime",
    params(("id" = Id, Path)), responses((status = 200, body = RuntimeAgent)))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<RuntimeAgent>> {
    app.db.read(move |db| queries::get(db, id)).await.map(Json)
}

/// New values for some of an instance's members
///
/// States move forward: pending, initializing, then planning, executing, reviewing and waiting in
/// any order, then completed, failed, cancelled or lost; steps may be skipped. 409 for any other
/// move, for every change of an instance that has ended, and for what an instance that the service
/// itself runs tells by itself: only its `context` and `metadata` are yours.
#[utoipa::path(patch, path = "/api/runtime/agents/{id}", tag = "runtime",
    params(("id" = Id, Path)), request_body = RuntimeAgentChangesBody,
    responses((status = 200, body = RuntimeAgent)))]
async fn update(
    State(app): State<App>,
    PathId(id): PathId,
    Body(changes): Body<RuntimeAgentChanges>,
) -> Result<Json<RuntimeAgent>> {
    let settings = app.settings();
    app.db
        .write(move |db| commands::report(db, id, changes, &settings.budgets))
        .await
        .map(Json)
}

impl FromQuery for RuntimeAgentFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            session_id: query.optional("session_id"),
            status: query.optional("status"),
            orchestrator_agent_id: query.optional("orchestrator_agent_id"),
            parent_agent_id: query.optional("parent_agent_id"),
            q: query.optional("q"),
            since: query.optional("since"),
            until: query.optional("until"),
        }
    }
}
