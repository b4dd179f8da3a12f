use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::current::{Pending, Reloaded};
use super::show::Line;
use crate::Result;
use crate::app::App;
use crate::extract::{Body, Check, FromBody};

/// The settings in force, with their sources.
#[derive(Debug, Serialize, ToSchema)]
struct Configuration {
    /// The `orchestrator.toml` that was read.
    #[schema(required)]
    file: Option<String>,
    settings: Vec<Line>,
    /// The tables whose names are the user's: `executors`, `prices` and others.
    #[serde(flatten)]
    tables: Map<String, Value>,
    pending: Pending,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
struct ReloadBody {
    /// Puts into force what waits, if it is the digest of just that.
    confirm: Option<String>,
}

struct Confirmation(Option<String>);

impl FromBody for Confirmation {
    type Body = ReloadBody;

    fn from_body(body: ReloadBody, _: &mut Check) -> Option<Self> {
        Some(Self(body.confirm))
    }
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(reload))
}

/// Every setting with its value and source, and what waits for a restart or a confirmation
///
/// Secrets are hidden; of the variables that agents see there are the names alone.
#[utoipa::path(get, path = "/api/config", tag = "configuration",
    responses((status = 200, body = Configuration)))]
async fn show(State(app): State<App>) -> Json<Configuration> {
    let (loaded, pending) = app.config.now().await;
    Json(Configuration {
        file: loaded.shown_file(),
        settings: loaded.lines(),
        tables: loaded.tables(),
        pending,
    })
}

/// Reads the settings again
///
/// Most take effect at once; the answer names those that wait for the next start. What runs programs
/// waits for a person: it takes effect when the request is sent again with `confirm`, the digest of
/// these very changes. 422 if a source is wrong, with its place; 409 if `confirm` is the digest of
/// other changes, with those that wait. After an error everything is as it was.
#[utoipa::path(post, path = "/api/config/reload", tag = "configuration",
    request_body = ReloadBody, responses((status = 200, body = Reloaded)))]
async fn reload(
    State(app): State<App>,
    Body(Confirmation(confirm)): Body<Confirmation>,
) -> Result<Json<Reloaded>> {
    app.config.reload(&app.db, confirm).await.map(Json)
}
