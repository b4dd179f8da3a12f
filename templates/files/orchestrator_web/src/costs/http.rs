use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries::{self, CostFilter};
use super::{By, Cost};
use crate::Result;
use crate::app::App;
use crate::extract::{FromQuery, Query, QueryReader};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sums))
}

/// What runs have cost, by agent, model or day
///
/// Runs and agents that are gone are counted too. The highest cost stands first, of days the newest.
#[utoipa::path(get, path = "/api/costs", tag = "costs", params(CostFilter),
    responses((status = 200, body = [Cost])))]
async fn sums(State(app): State<App>, Query(filter): Query<CostFilter>) -> Result<Json<Vec<Cost>>> {
    let sums = app.db.read(move |db| queries::sums(db, &filter)).await;
    sums.map(Json)
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
