use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Backup, Made};
use crate::Result;
use crate::app::App;
use crate::respond::Created;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(make))
}

/// The backups that the service has made, newest first
#[utoipa::path(get, path = "/api/backups", tag = "configuration",
    responses((status = 200, body = [Backup])))]
async fn list(State(app): State<App>) -> Result<Json<Vec<Backup>>> {
    super::all(&app).await.map(Json)
}

/// Makes a backup of the database, in the folder `backups` beside it
///
/// It is consistent and verified; nobody waits for it meanwhile. The oldest ones go when there are more
/// than `retention.backups_max`. 409 while another is made. What agents have printed, byte by byte, is in
/// files of its own, and not in it.
#[utoipa::path(post, path = "/api/backup", tag = "configuration",
    responses((status = 201, body = Made, headers(("location" = String)))))]
async fn make(State(app): State<App>) -> Result<Created<Made>> {
    let body = super::make(&app).await?;
    Ok(Created {
        location: "/api/backups".into(),
        body,
    })
}
