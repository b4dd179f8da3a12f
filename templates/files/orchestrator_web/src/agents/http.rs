use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Agent;
use super::body::{AgentChangesBody, NewAgentBody};
use super::commands::{self, AgentChanges, Deletion, NewAgent};
use super::deletion;
use super::queries::{self, AgentFilter};
use crate::Result;
use crate::app::App;
use crate::db::Read;
use crate::extract::{Body, FromQuery, List, PathId, Query, QueryReader};
use crate::ids::Id;
use crate::lists::Answer;
use crate::page::Page;
use crate::respond::Created;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, replace, update, delete))
}

/// Agents, newest first
#[utoipa::path(get, path = "/api/agents", tag = "agents", params(AgentFilter, Page),
    responses((status = 200, body = [Agent])))]
async fn list(State(app): State<App>, list: List<AgentFilter>) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::list(db, &filter, &page);
    app.lists.answer(&app.db, uri, query).await
}

/// A new agent
#[utoipa::path(post, path = "/api/agents", tag = "agents", request_body = NewAgentBody,
    responses((status = 201, body = Agent, headers(("location" = String)))))]
async fn create(State(app): State<App>, Body(new): Body<NewAgent>) -> Result<Created<Agent>> {
    let agent = app.db.write(move |db| commands::create(db, &new)).await?;
    Ok(Created {
        location: format!("/api/agents/{}", agent.id),
        body: agent,
    })
}

/// One agent
#[utoipa::path(get, path = "/api/agents/{id}", tag = "agents", params(("id" = Id, Path)),
    responses((status = 200, body = Agent)))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<Agent>> {
    app.db.read(move |db| queries::get(db, id)).await.map(Json)
}

/// New values for some of an agent's members
///
/// The same as PATCH: members that are left out stay as they are.
#[utoipa::path(put, path = "/api/agents/{id}", tag = "agents", params(("id" = Id, Path)),
    request_body = AgentChangesBody, responses((status = 200, body = Agent)))]
async fn replace(app: State<App>, id: PathId, changes: Body<AgentChanges>) -> Result<Json<Agent>> {
    update(app, id, changes).await
}

/// New values for some of an agent's members
#[utoipa::path(patch, path = "/api/agents/{id}", tag = "agents", params(("id" = Id, Path)),
    request_body = AgentChangesBody, responses((status = 200, body = Agent)))]
async fn update(
    State(app): State<App>,
    PathId(id): PathId,
    Body(changes): Body<AgentChanges>,
) -> Result<Json<Agent>> {
    app.db
        .write(move |db| commands::update(db, id, changes))
        .await
        .map(Json)
}

/// Removes an agent with its instances, prompts and logs
///
/// 409 while instances are running, unless `force` asks to stop them first. An agent with very many
/// rows goes a part at a time, each with an event `agent.deleting`; a deletion that has begun goes on
/// if its caller does not wait for the end, and meanwhile nothing new may refer to the agent.
#[utoipa::path(delete, path = "/api/agents/{id}", tag = "agents",
    params(("id" = Id, Path), Deletion), responses((status = 204)))]
async fn delete(
    State(app): State<App>,
    PathId(id): PathId,
    Query(how): Query<Deletion>,
) -> Result<StatusCode> {
    deletion::delete(&app.db, id, how).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl FromQuery for AgentFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            agent_type: query.optional("agent_type"),
            is_active: query.optional("is_active"),
            q: query.optional("q"),
        }
    }
}

impl FromQuery for Deletion {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            force: query.optional("force").unwrap_or_default(),
        }
    }
}
