//! How the service is, part by part, and what it runs on. Nothing of it is read from the tables, so that
//! it can be told when they cannot be read.

use std::fs;
use std::path::Path;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::VERSION;
use crate::app::App;
use crate::db::{self, Disk, Verdict};
use crate::executors::health::{self as executors, ExecutorHealth};
use crate::supervisor::Standing;
use crate::text;

#[derive(Debug, Serialize, ToSchema)]
pub struct System {
    pub components: Vec<Component>,
    pub versions: Versions,
    pub database_path: String,
    /// Null where the system does not tell.
    #[schema(required)]
    pub disk: Option<Disk>,
    pub uptime_seconds: u64,
}

text::choices! {
    /// How a part of the service is.
    pub enum Health {
        Well = "well",
        /// It works, and not in all ways.
        Limited = "limited",
        Failed = "failed",
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Component {
    pub name: &'static str,
    pub health: Health,
    /// Why it is so, in words.
    pub reason: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Versions {
    pub service: &'static str,
    pub sqlite: &'static str,
    /// The newest one that the database has.
    pub migration: &'static str,
    /// The template set that the project was made from, as `.tac/` beside `orchestrator.toml` tells it.
    #[schema(required)]
    pub templates: Option<String>,
}

/// How each part of the service is, and what it runs on
#[utoipa::path(get, path = "/api/system", tag = "health",
    responses((status = 200, body = System)))]
pub async fn show(State(app): State<App>) -> Json<System> {
    Json(of(&app).await)
}

pub async fn of(app: &App) -> System {
    let database = app.db.condition().await;
    let disk = app.db.disk().ok();
    let (loaded, _) = app.config.now().await;
    let executors = executors::all(&loaded.settings, &app.versions);
    let is_stopping = app.stop.is_cancelled();
    let stop = is_stopping.then_some("it is stopping").map_or(Ok(()), Err);
    let components = vec![
        component("service", verdict(stop, "it takes requests")),
        component(
            "database",
            verdict(database.file, "its file is in its place"),
        ),
        component("reader", verdict(database.reading, "it has just read")),
        component("writer", verdict(database.writing, "it has just written")),
        component("disk", room(database.disk, disk)),
        component("supervisor", supervisor(*app.supervision.borrow())),
        component("executors", programs(&executors)),
        component("faults", faults(app.metrics.panics.get())),
    ];
    System {
        components,
        versions: Versions {
            service: VERSION,
            sqlite: db::engine(),
            migration: db::newest_migration(),
            templates: loaded.file.as_deref().and_then(templates),
        },
        database_path: app.db.path().display().to_string(),
        disk,
        uptime_seconds: app.started.elapsed().as_secs(),
    }
}

fn component(name: &'static str, (health, reason): (Health, String)) -> Component {
    Component {
        name,
        health,
        reason,
    }
}

fn verdict(verdict: Verdict, well: &str) -> (Health, String) {
    match verdict {
        Ok(()) => (Health::Well, well.to_owned()),
        Err(reason) => (Health::Failed, reason.to_owned()),
    }
}

fn room(verdict: Verdict, disk: Option<Disk>) -> (Health, String) {
    match disk {
        _ if verdict.is_err() => self::verdict(verdict, ""),
        None => (Health::Limited, "its free space cannot be told".into()),
        Some(disk) if disk.free_bytes < disk.database_bytes => {
            (Health::Limited, "a backup would not fit".into())
        }
        Some(_) => (Health::Well, "it has room".into()),
    }
}

fn supervisor(standing: Standing) -> (Health, String) {
    let (health, reason) = match standing {
        Standing::AtWork => (Health::Well, "it looks after the runs"),
        Standing::Waiting => (
            Health::Limited,
            "another service looks after the runs of this database, or this one has only just started",
        ),
        Standing::Failed => (
            Health::Failed,
            "it has failed, and begins again; the log says why",
        ),
    };
    (health, reason.to_owned())
}

fn programs(executors: &[ExecutorHealth]) -> (Health, String) {
    let missing = executors.iter().filter(|it| !it.is_available);
    let missing: Vec<_> = missing.map(|it| it.name.as_str()).collect();
    match missing[..] {
        [] => (Health::Well, "their programs are there".into()),
        _ => (
            Health::Limited,
            format!("not found: the program of {}", missing.join(", ")),
        ),
    }
}

fn faults(panics: u64) -> (Health, String) {
    match panics {
        0 => (Health::Well, "none since the start".into()),
        1 => (
            Health::Limited,
            "one since the start; the log tells of it".into(),
        ),
        _ => (
            Health::Limited,
            format!("{panics} since the start; the log tells of them"),
        ),
    }
}

/// The name and the version of the template set, from the project that `config` stands in.
fn templates(config: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Project {
        templates: Set,
    }
    #[derive(Deserialize)]
    struct Set {
        name: String,
        version: String,
    }
    let text = fs::read_to_string(config.with_file_name(".tac").join("tac.toml")).ok()?;
    let Set { name, version } = toml::from_str::<Project>(&text).ok()?.templates;
    Some(format!("{name} {version}"))
}
