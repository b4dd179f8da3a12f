use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Stats;
use super::queries::{self, StatsFilter};
use crate::Result;
use crate::app::App;
use crate::extract::{FromQuery, Query, QueryReader};
use crate::time::Clock;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(stats))
}

/// How much runs, how well, how long it takes, and what it costs
#[utoipa::path(get, path = "/api/stats", tag = "runs", params(StatsFilter),
    responses((status = 200, body = Stats)))]
async fn stats(State(app): State<App>, Query(filter): Query<StatsFilter>) -> Result<Json<Stats>> {
    let now = Clock::system().now();
    let stats = app
        .db
        .read(move |db| queries::stats(db, &filter, now))
        .await;
    stats.map(Json)
}

impl FromQuery for StatsFilter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            since: query.optional("since"),
        }
    }
}
