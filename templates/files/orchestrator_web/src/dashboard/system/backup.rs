//! Backups: those that there are, and one more.

use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Result;
use crate::app::App;
use crate::backups::{self, Backup};
use crate::dashboard::confirm::{Button, Confirm};
use crate::dashboard::form::Form;
use crate::dashboard::page::{Page, Part, Place, TAG, Visit, see};
use crate::dashboard::show::{Lapse, Moment, bytes};
use crate::extract::Query;
use crate::time::Timestamp;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask, make))
}

/// A backup as it is listed.
pub struct Copy {
    pub file: String,
    pub size: String,
    pub made: Moment,
    pub age: Lapse,
}

/// The newest first.
pub async fn copies(app: &App, now: Timestamp) -> Result<Vec<Copy>> {
    let copy = |it: Backup| Copy {
        file: name(&it.path).to_owned(),
        size: bytes(it.bytes),
        made: Moment::new(it.created_at, now),
        age: Lapse::new(Some(it.created_at), None, now),
    };
    Ok(backups::all(app).await?.into_iter().map(copy).collect())
}

/// Of the file alone: the folder is that of all.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Asks whether a backup shall be made, and says where
#[utoipa::path(get, path = "/system/backup", tag = TAG, params(Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn ask(State(app): State<App>, visit: Visit, Query(Part { part }): Query<Part>) -> Page {
    let folder = backups::folder(app.db.path())?;
    let mut effects = vec![format!(
        "A verified copy of the database is written into {}, while everything goes on.",
        folder.display()
    )];
    if let Ok(disk) = app.db.disk() {
        let (size, free) = (disk.database_bytes + disk.log_bytes, disk.free_bytes);
        effects.push(format!(
            "It takes about {} of the {} that are free.",
            bytes(size),
            bytes(free)
        ));
    }
    let keep = app.settings().backups_max as usize;
    let there = backups::all(&app).await?;
    let goes = there
        .get(keep.saturating_sub(1)..)
        .filter(|_| keep != 0)
        .unwrap_or_default();
    effects.extend(
        goes.iter()
            .map(|old| format!("{} goes: the newest {keep} are kept.", name(&old.path))),
    );
    let question = Confirm {
        frame: visit.frame(Place::System, "Back up the database?"),
        effects,
        action: "/system/backup".into(),
        button: Button::Primary("Back up"),
        fields: Vec::new(),
        back: "/system".into(),
    };
    question.answer(part.as_deref())
}

/// Makes a backup of the database
#[utoipa::path(post, path = "/system/backup", tag = TAG,
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn make(State(app): State<App>, _: Form) -> Result<Response> {
    backups::make(&app).await?;
    Ok(see("/system#backups"))
}
