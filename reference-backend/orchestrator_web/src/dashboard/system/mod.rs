//! How the service is, what it keeps and how long, what it runs on, and its settings.

mod backup;
mod settings;

use askama::Template;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::backup::Copy;
use self::settings::Setting;
use super::page::{Frame, Part, Place, TAG, Visit, no_part, render};
use super::show::{Lapse, Moment, State, bytes, count, filters};
use crate::app::App;
use crate::db::{Disk, Read};

use crate::extract::Query;
use crate::health::system::{self, System};
use crate::retention::queries;
use crate::retention::{Kept, RecordKind};
use crate::time::{Clock, Timestamp};
use crate::{Error, Result, backups, events};

const TOPICS: &str = "system_logs,backup,retention,config";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .merge(backup::routes())
}

#[derive(Template)]
#[template(path = "dashboard/system.html", blocks = ["health", "backups", "retention", "settings"])]
struct SystemPage {
    frame: Frame,
    system: System,
    size: String,
    log: String,
    free: String,
    total: String,
    uptime: Lapse,
    started: Moment,
    /// Or why they cannot be listed.
    backups: Result<Vec<Copy>, String>,
    /// Where they are.
    folder: String,
    /// How many are kept; 0 for all.
    keep: u32,
    kept: Vec<Row>,
    /// The `orchestrator.toml`.
    file: Option<String>,
    /// With what they have in common.
    settings: [(&'static str, Vec<Setting>); 2],
    /// The tables whose names are the user's.
    tables: Vec<(String, String)>,
    /// How many changes of settings are not in force.
    waiting: usize,
    /// Why the tables cannot be read.
    unread: Option<String>,
}

/// How long a kind is kept.
struct Row {
    what: &'static str,
    period: String,
    most: String,
    oldest: Option<Moment>,
    going: String,
}

/// How the service is, what it keeps, what it runs on and with which settings
///
/// 503 while the database cannot be read, with what can be told without it.
#[utoipa::path(get, path = "/system", tag = TAG, params(Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(
    Shared(app): Shared<App>,
    visit: Visit,
    Query(Part { part }): Query<Part>,
) -> Result<Response> {
    let page = look(&app, visit).await?;
    let html = match part.as_deref() {
        None => render(&page),
        Some("health") => render(&page.as_health()),
        Some("backups") => render(&page.as_backups()),
        Some("retention") => render(&page.as_retention()),
        Some("settings") => render(&page.as_settings()),
        Some(_) => Err(no_part()),
    }?;
    let status = match page.unread {
        None => StatusCode::OK,
        Some(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    Ok((status, html).into_response())
}

async fn look(app: &App, visit: Visit) -> Result<SystemPage> {
    let now = Clock::system().now();
    let started = now.before(app.started.elapsed());
    let in_force = app.settings();
    let retention = in_force.retention.clone();
    let read = move |db: &Read| Ok((events::newest(db)?, queries::kept(db, &retention, now)?));
    let frame = visit.frame(Place::System, "System");
    let (frame, kept, unread) = match app.db.read(read).await {
        Ok((newest, kept)) => (frame.live(TOPICS, newest), kept, None),
        Err(Error::Unavailable(reason)) => (frame, Vec::new(), Some(reason)),
        Err(error) => return Err(error),
    };
    let backups = match backup::copies(app, now).await {
        Ok(copies) => Ok(copies),
        Err(Error::Unavailable(reason)) => Err(reason),
        Err(error) => return Err(error),
    };
    let system = system::of(app).await;
    let (loaded, pending) = app.config.now().await;
    let [size, log, free, total] = sizes(system.disk);
    Ok(SystemPage {
        frame,
        size,
        log,
        free,
        total,
        uptime: Lapse::new(Some(started), None, now),
        started: Moment::new(started, now),
        backups,
        folder: backups::folder(app.db.path())?.display().to_string(),
        keep: in_force.backups_max,
        kept: kept.iter().map(|it| row(it, now)).collect(),
        file: loaded.shown_file(),
        settings: settings::lines(&loaded),
        tables: settings::tables(&loaded),
        waiting: pending.after_restart.len() + pending.waiting.len(),
        unread,
        system,
    })
}

fn sizes(disk: Option<Disk>) -> [String; 4] {
    let Some(disk) = disk else {
        return ["–"; 4].map(str::to_owned);
    };
    let whole = disk.database_bytes + disk.log_bytes;
    [whole, disk.log_bytes, disk.free_bytes, disk.total_bytes].map(bytes)
}

fn row(kept: &Kept, now: Timestamp) -> Row {
    Row {
        what: match kept.kind {
            RecordKind::Logs => "Log lines of agents",
            RecordKind::SystemLogs => "Log lines of the system",
            RecordKind::Prompts => "Prompts",
            RecordKind::Runs => "Runs that have ended",
            RecordKind::Workflows => "Workflows that have ended",
            RecordKind::Events => "Events",
        },
        period: match kept.days {
            None => "ever".into(),
            Some(1) => "1 day".into(),
            Some(days) => format!("{days} days"),
        },
        most: kept
            .max
            .map_or("any number".into(), |max| count(max.into())),
        oldest: kept.oldest.map(|oldest| Moment::new(oldest, now)),
        going: match kept.to_go {
            0 => "–".into(),
            queries::MOST => format!("{} or more", count(queries::MOST)),
            rows => count(rows),
        },
    }
}
