//! What is at work, what waits and for what, what it would run on, and settings that change meanwhile.

mod reload;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::dashboard::form::Form;
use crate::dashboard::page::{Frame, Page, Part, Place, TAG, Visit, no_part, render, see};
use crate::dashboard::runs::Row;
use crate::dashboard::show::{filters, waiting};
use crate::db::{Read, Write};
use crate::executors::health::{self, ExecutorHealth};
use crate::extract::Query;
use crate::runs::queue::commands::set_queue;
use crate::runs::{Queue, QueueState, queries};
use crate::runtime::agents::queries as instances;
use crate::time::{Clock, Timestamp};
use crate::{Result, events};

const TOPICS: &str = "runtime,queue,config,system_logs";
/// How many of those that wait are listed.
const MOST: usize = 100;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(start))
        .routes(routes!(stop))
        .merge(reload::routes())
}

#[derive(Template)]
#[template(path = "dashboard/control.html", blocks = ["queue", "settings", "executors"])]
struct Control {
    frame: Frame,
    queue: Queue,
    waiting: Vec<Waiting>,
    running: Vec<Row>,
    settings: reload::Settings,
    executors: Vec<ExecutorHealth>,
}

struct Waiting {
    row: Row,
    position: usize,
    priority: i64,
    reason: String,
}

impl Control {
    fn is_taking(&self) -> bool {
        self.queue.state == QueueState::Running
    }

    /// How many more wait than are listed.
    fn more(&self) -> usize {
        self.queue.queued.len() - self.waiting.len()
    }
}

/// The queue, its limits, the executors, and settings that are not in force yet
#[utoipa::path(get, path = "/control", tag = TAG, params(Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(State(app): State<App>, visit: Visit, Query(Part { part }): Query<Part>) -> Page {
    let page = look(&app, visit, None).await?;
    match part.as_deref() {
        None => render(&page),
        Some("queue") => render(&page.as_queue()),
        Some("settings") => render(&page.as_settings()),
        Some("executors") => render(&page.as_executors()),
        Some(_) => Err(no_part()),
    }
}

/// With what came of it, if the settings were just read.
async fn look(app: &App, visit: Visit, reading: Option<reload::Reading>) -> Result<Control> {
    let (loaded, pending) = app.config.now().await;
    let executors = health::all(&loaded.settings, &app.versions);
    let read = move |db: &Read| {
        let newest = events::newest(db)?;
        let now = Clock::system().now();
        let queue = queries::queue(db, &loaded.settings, now)?;
        let running = queue.running.iter().map(|id| instances::get(db, *id));
        let running = running.collect::<Result<Vec<_>>>()?;
        Ok(Control {
            frame: visit.frame(Place::Control, "Control").live(TOPICS, newest),
            waiting: list(db, &queue, now)?,
            running: Row::all(db, &running)?,
            settings: reload::Settings::look(db, &pending, reading)?,
            queue,
            executors,
        })
    };
    app.db.read(read).await
}

fn list(db: &Read, queue: &Queue, now: Timestamp) -> Result<Vec<Waiting>> {
    let queued = queue.queued.iter().take(MOST);
    queued
        .map(|queued| {
            let run = instances::get(db, queued.id)?;
            Ok(Waiting {
                row: Row::of(db, &run, now)?,
                position: queued.position,
                priority: queued.priority,
                reason: waiting(queued),
            })
        })
        .collect()
}

/// Takes runs from the queue again
#[utoipa::path(post, path = "/control/start", tag = TAG,
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn start(State(app): State<App>, _: Form) -> Result<Response> {
    set(&app, QueueState::Running).await
}

/// Takes no more runs from the queue
#[utoipa::path(post, path = "/control/stop", tag = TAG,
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn stop(State(app): State<App>, _: Form) -> Result<Response> {
    set(&app, QueueState::Stopped).await
}

async fn set(app: &App, state: QueueState) -> Result<Response> {
    app.db
        .write(move |db: &mut Write| set_queue(db, state))
        .await?;
    Ok(see("/control"))
}
