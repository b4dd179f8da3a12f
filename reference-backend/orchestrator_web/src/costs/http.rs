use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries::{self, CostFilter};
use super::{By, Cost, csv};
use crate::accept::prefers;
use crate::app::App;
use crate::extract::{FromQuery, Query, QueryReader};
use crate::{Result, text};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sums))
}

text::choices! {
    pub enum Format {
        Json = "json",
        Csv = "csv",
    }
}

#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Shown {
    /// Instead of what the request accepts.
    #[param(inline)]
    format: Option<Format>,
}

impl FromQuery for Shown {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            format: query.optional("format"),
        }
    }
}

/// What runs have cost, by agent, model, day, workflow or session
///
/// Runs and agents that are gone are counted too. The highest cost stands first, of days the newest. A
/// request that accepts `text/csv`, or asks for it by `format`, gets a table with a line of headings; a text
/// in it that begins as a formula does has an apostrophe before it.
#[utoipa::path(get, path = "/api/costs", tag = "costs", params(CostFilter, Shown),
    responses((status = 200, content(
        (Vec<Cost> = "application/json"),
        (String = "text/csv"),
    ), headers(("vary" = String, description = "`accept`")))))]
async fn sums(
    State(app): State<App>,
    headers: HeaderMap,
    Query(asked): Query<(CostFilter, Shown)>,
) -> Result<Response> {
    let (filter, shown) = asked;
    let name = format!(
        "attachment; filename=\"costs-by-{}.csv\"",
        filter.by.as_str()
    );
    let costs = app.db.read(move |db| queries::sums(db, &filter)).await?;
    let vary = [(header::VARY, "accept")];
    let is_table = match shown.format {
        Some(format) => format == Format::Csv,
        None => prefers(&headers, "text/csv", "application/json"),
    };
    if !is_table {
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
            run_id: query.optional("run_id"),
            from: query.optional("from"),
            to: query.optional("to"),
        }
    }
}
