use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::health::{self, ExecutorHealth};
use crate::app::App;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The executors that are configured, and how they are
///
/// The version is asked for once, and not waited for: it comes with a later answer.
#[utoipa::path(get, path = "/api/executors", tag = "runs",
    responses((status = 200, body = [ExecutorHealth])))]
async fn list(State(app): State<App>) -> Json<Vec<ExecutorHealth>> {
    Json(health::all(&app.settings(), &app.versions))
}
