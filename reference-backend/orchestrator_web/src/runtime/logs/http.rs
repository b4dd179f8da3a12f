use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Log;
use super::body::NewLogBody;
use super::commands::{self, NewLog};
use super::queries::{self, LogFilter, Reporter};
use crate::Result;
use crate::app::App;
use crate::batch::Batch;
use crate::db::Read;
use crate::extract::{Body, FromQuery, List, PathId, QueryReader};
use crate::ids::Id;
use crate::lists::Answer;
use crate::page::Page;
use crate::respond::Created;

type NewLogs = Batch<NewLogBody>;
type Logs = Batch<Log>;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, write))
        .routes(routes!(of_agent))
}

/// Lines of all instances' logs, newest first
#[utoipa::path(get, path = "/api/runtime/logs", tag = "logs",
    params(Reporter, LogFilter, Page), responses((status = 200, body = [Log])))]
async fn list(State(app): State<App>, list: List<(Reporter, LogFilter)>) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::list(db, &filter.0, &filter.1, &page);
    app.lists.answer(&app.db, uri, query).await
}

/// A new line, or up to 1,000 of them in an array: all or none
#[utoipa::path(post, path = "/api/runtime/logs", tag = "logs",
    request_body = NewLogs,
    responses((status = 201, body = Logs, headers(("location" = String)))))]
async fn write(State(app): State<App>, Body(lines): Body<Batch<NewLog>>) -> Result<Created<Logs>> {
    let written = app.db.write(move |db| commands::write(db, lines)).await?;
    Ok(Created {
        location: "/api/runtime/logs".into(),
        body: written,
    })
}

/// Lines of one instance's log, newest first
#[utoipa::path(get, path = "/api/runtime/logs/agent/{id}", tag = "logs",
    params(("id" = Id, Path), LogFilter, Page), responses((status = 200, body = [Log])))]
async fn of_agent(
    State(app): State<App>,
    PathId(id): PathId,
    list: List<LogFilter>,
) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::of_agent(db, id, &filter, &page);
    app.lists.answer(&app.db, uri, query).await
}

impl FromQuery for LogFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            level: query.optional("level"),
            log_type: query.optional("log_type"),
            q: query.optional("q"),
            since: query.optional("since"),
            until: query.optional("until"),
        }
    }
}

impl FromQuery for Reporter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            agent_id: query.optional("agent_id"),
            orchestrator_agent_id: query.optional("orchestrator_agent_id"),
        }
    }
}
