use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Prompt;
use super::body::{NewPromptBody, PromptChangesBody};
use super::commands::{self, NewPrompt, PromptChanges};
use super::queries::{self, PromptFilter};
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

/// Prompts, newest first
#[utoipa::path(get, path = "/api/runtime/prompts", tag = "prompts",
    params(PromptFilter, Page), responses((status = 200, body = [Prompt])))]
async fn list(State(app): State<App>, list: List<PromptFilter>) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::list(db, &filter, &page);
    app.lists.answer(&app.db, uri, query).await
}

/// A new prompt to an instance
#[utoipa::path(post, path = "/api/runtime/prompts", tag = "prompts",
    request_body = NewPromptBody,
    responses((status = 201, body = Prompt, headers(("location" = String)))))]
async fn create(State(app): State<App>, Body(new): Body<NewPrompt>) -> Result<Created<Prompt>> {
    let prompt = app.db.write(move |db| commands::create(db, new)).await?;
    Ok(Created {
        location: format!("/api/runtime/prompts/{}", prompt.id),
        body: prompt,
    })
}

/// One prompt, with its response
#[utoipa::path(get, path = "/api/runtime/prompts/{id}", tag = "prompts",
    params(("id" = Id, Path)), responses((status = 200, body = Prompt)))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<Prompt>> {
    app.db.read(move |db| queries::get(db, id)).await.map(Json)
}

/// New values for some of a prompt's members
///
/// States move forward: pending, streaming, then completed, failed or cancelled; streaming may be
/// skipped. 409 for any other move, and for every change of a prompt that has ended.
#[utoipa::path(patch, path = "/api/runtime/prompts/{id}", tag = "prompts",
    params(("id" = Id, Path)), request_body = PromptChangesBody,
    responses((status = 200, body = Prompt)))]
async fn update(
    State(app): State<App>,
    PathId(id): PathId,
    Body(changes): Body<PromptChanges>,
) -> Result<Json<Prompt>> {
    app.db
        .write(move |db| commands::update(db, id, changes))
        .await
        .map(Json)
}

impl FromQuery for PromptFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            agent_id: query.optional("agent_id"),
            status: query.optional("status"),
        }
    }
}
