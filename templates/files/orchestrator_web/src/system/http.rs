use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::SystemLog;
use super::body::NewSystemLogBody;
use super::commands::{self, NewSystemLog};
use super::queries::{self, SystemLogFilter};
use crate::Result;
use crate::app::App;
use crate::batch::Batch;
use crate::db::Read;
use crate::extract::{Body, FromQuery, List, QueryReader};
use crate::lists::Answer;
use crate::page::Page;
use crate::respond::Created;

type NewSystemLogs = Batch<NewSystemLogBody>;
type SystemLogs = Batch<SystemLog>;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, write))
}

/// Lines of the system's log, newest first
#[utoipa::path(get, path = "/api/system/logs", tag = "logs",
    params(SystemLogFilter, Page), responses((status = 200, body = [SystemLog])))]
async fn list(State(app): State<App>, list: List<SystemLogFilter>) -> Result<Answer> {
    let List { filter, page, uri } = list;
    let query = move |db: &Read| queries::list(db, &filter, &page);
    app.lists.answer(&app.db, uri, query).await
}

/// A new line, or up to 1,000 of them in an array: all or none
#[utoipa::path(post, path = "/api/system/logs", tag = "logs",
    request_body = NewSystemLogs,
    responses((status = 201, body = SystemLogs, headers(("location" = String)))))]
async fn write(
    State(app): State<App>,
    Body(lines): Body<Batch<NewSystemLog>>,
) -> Result<Created<SystemLogs>> {
    let written = app.db.write(move |db| commands::write(db, lines)).await?;
    Ok(Created {
        location: "/api/system/logs".into(),
        body: written,
    })
}

impl FromQuery for SystemLogFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            level: query.optional("level"),
            component: query.optional("component"),
            q: query.optional("q"),
        }
    }
}
