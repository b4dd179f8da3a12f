use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Kept, queries};
use crate::Result;
use crate::app::App;
use crate::time::Clock;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What is kept how long, and what the next round would remove
///
/// There is a round every five minutes.
#[utoipa::path(get, path = "/api/retention", tag = "configuration",
    responses((status = 200, body = [Kept])))]
async fn list(State(app): State<App>) -> Result<Json<Vec<Kept>>> {
    let (settings, now) = (app.settings(), Clock::system().now());
    let kept = app
        .db
        .read(move |db| queries::kept(db, &settings.retention, now));
    kept.await.map(Json)
}
