use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Budget, queries};
use crate::Result;
use crate::app::App;
use crate::db::Read;
use crate::time::Clock;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Every budget and how it stands: the project's, the agents', and those of runs that have not ended
///
/// The next run that may cost more than is left of one is refused; a run is ended after the cost that
/// exceeds one.
#[utoipa::path(get, path = "/api/budgets", tag = "costs", responses((status = 200, body = [Budget])))]
async fn list(State(app): State<App>) -> Result<Json<Vec<Budget>>> {
    let (now, settings) = (Clock::system().now(), app.settings());
    let all = move |db: &Read| queries::all(db, now, &settings.budgets);
    app.db.read(all).await.map(Json)
}
