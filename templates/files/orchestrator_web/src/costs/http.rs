use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries::{self, CostFilter};
use super::{By, Cost, csv};
use crate::Result;
use crate::accept::prefers;
use crate::app::App;
use crate::extract::{FromQuery, Query, QueryReader};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sums))
}

/// What runs have cost, by agent, model, day, workflow or session
///
/// Runs and agents that are gone are counted too. The highest cost stands first, of days the newest. A
/// request that accepts `text/csv` gets a table with a line of headings; a text in it that begins as a
/// formula does has an apostrophe before it.
#[utoipa::path(get, path = "/api/costs", tag = "costs", params(CostFilter),
    responses((status = 200, content(
        (Vec<Cost> = "application/json"),
        (String = "text/csv"),
    ), headers(("vary" = String, description = "`accept`")))))]
async fn sums(
    State(app): State<App>,
    headers: HeaderMap,
    Query(filter): Query<CostFilter>,
) -> Result<Response> {
    let name = format!(
        "attachment; filename=\"costs-by-{}.csv\"",
        filter.by.as_str()
    );
    let costs = app.db.read(move |db| queries::sums(db, &filter)).await?;
    let vary = [(header::VARY, "accept")];
    if !prefers(&headers, "text/csv", "application/json") {
        return Ok((vary, Json(costs)).into_response());
    }
    let csv = [
        (
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((vary, csv, csv::table(&costs)).into_response())
}

impl FromQuery for CostFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            by: query.optional("by").unwrap_or(By::Agent),
            from: query.optional("from"),
            to: query.optional("to"),
        }
    }
}
