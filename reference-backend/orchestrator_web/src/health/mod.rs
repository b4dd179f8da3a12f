//! Is the service there, and can it work?

pub mod system;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Problem;
use crate::{Error, Result};

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Serialize, ToSchema)]
struct Identity {
    service: &'static str,
    version: &'static str,
    status: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct Healthy {
    status: &'static str,
    database: &'static str,
    database_path: String,
    version: &'static str,
    uptime_seconds: u64,
    websocket_connections: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct Unhealthy {
    status: &'static str,
    database: &'static str,
    reason: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct Alive {
    status: &'static str,
}

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(root))
        .routes(routes!(health))
        .routes(routes!(livez))
        .routes(routes!(readyz))
        .routes(routes!(system::show))
}

/// What runs here
// tac:if dashboard
///
/// Who would rather have `text/html` gets the first page of the dashboard.
// tac:end
#[utoipa::path(get, path = "/", tag = "health",
    responses((status = 200, content(
        (Identity = "application/json"),
        // tac:if dashboard
        (String = "text/html"),
        // tac:end
    ))))]
async fn root() -> Json<Identity> {
    Json(Identity {
        service: "orchestrator-web",
        version: VERSION,
        status: "operational",
    })
}

/// Whether the service can work, with what a person asks next
#[utoipa::path(get, path = "/health", tag = "health",
    responses((status = 200, body = Healthy),
        (status = 503, description = "the service cannot work; a problem if it did not come so far as to look",
            content((Unhealthy = "application/json"), (Problem = "application/problem+json")))))]
async fn health(State(app): State<App>) -> Result<Json<Healthy>, (StatusCode, Json<Unhealthy>)> {
    app.db.check().await.map_err(|reason| {
        let body = Unhealthy {
            status: "unhealthy",
            database: "disconnected",
            reason,
        };
        (StatusCode::SERVICE_UNAVAILABLE, Json(body))
    })?;
    Ok(Json(Healthy {
        status: "healthy",
        database: "connected",
        database_path: app.db.path().display().to_string(),
        version: VERSION,
        uptime_seconds: app.started.elapsed().as_secs(),
        websocket_connections: app.metrics.websocket_connections.get(),
    }))
}

/// Whether the process answers at all
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, body = Alive)))]
async fn livez() -> Json<Alive> {
    Json(Alive { status: "alive" })
}

/// Whether requests should be sent here: not while the database is away or the service stops
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200, body = Alive)))]
async fn readyz(State(app): State<App>) -> Result<Json<Alive>> {
    if app.stop.is_cancelled() {
        return Err(Error::Unavailable("the service is stopping".into()));
    }
    app.db
        .check()
        .await
        .map_err(|reason| Error::Unavailable(reason.into()))?;
    Ok(Json(Alive { status: "ready" }))
}
