use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{Reason, ReasonBody};
use super::commands;
use super::queries::{self, ApprovalFilter};
use super::{Approval, Verdict};
use crate::Result;
use crate::app::App;
use crate::db::{Read, Write};
use crate::extract::{Body, FromQuery, List, PathId, QueryReader};
use crate::ids::Id;
use crate::lists::Answer;
use crate::page::Page;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(allow))
        .routes(routes!(deny))
}

/// What agents have asked to be allowed, newest first
#[utoipa::path(get, path = "/api/approvals", tag = "approvals",
    params(ApprovalFilter, Page), responses((status = 200, body = [Approval])))]
async fn list(State(app): State<App>, list: List<ApprovalFilter>) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::list(db, &filter, &page);
    app.lists.answer(&app.db, uri, query).await
}

/// One question of an agent, with its answer
#[utoipa::path(get, path = "/api/approvals/{id}", tag = "approvals",
    params(("id" = Id, Path)), responses((status = 200, body = Approval)))]
async fn get(State(app): State<App>, PathId(id): PathId) -> Result<Json<Approval>> {
    app.db.read(move |db| queries::get(db, id)).await.map(Json)
}

/// Lets the agent do what it asks
///
/// The first answer counts; 409 if there was one, its time is over, or the agent asks no longer. The
/// agent is told soon after, also if the service is restarted in between: see `delivered_at`.
#[utoipa::path(post, path = "/api/approvals/{id}/allow", tag = "approvals",
    params(("id" = Id, Path)), request_body = ReasonBody,
    responses((status = 200, body = Approval)))]
async fn allow(
    State(app): State<App>,
    PathId(id): PathId,
    Body(Reason(reason)): Body<Reason>,
) -> Result<Json<Approval>> {
    let allow = move |db: &mut Write| commands::answer(db, id, Verdict::Allow, reason.as_deref());
    app.db.write(allow).await.map(Json)
}

/// Forbids the agent what it asks, and tells it the reason
///
/// The agent goes on without. 409 as for `allow`.
#[utoipa::path(post, path = "/api/approvals/{id}/deny", tag = "approvals",
    params(("id" = Id, Path)), request_body = ReasonBody,
    responses((status = 200, body = Approval)))]
async fn deny(
    State(app): State<App>,
    PathId(id): PathId,
    Body(Reason(reason)): Body<Reason>,
) -> Result<Json<Approval>> {
    let deny = move |db: &mut Write| commands::answer(db, id, Verdict::Deny, reason.as_deref());
    app.db.write(deny).await.map(Json)
}

impl FromQuery for ApprovalFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            status: query.optional("status"),
            agent_id: query.optional("agent_id"),
        }
    }
}
