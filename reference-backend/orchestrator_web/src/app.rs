//! The application: what handlers share, the one table of routes, and the layers around it.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::http::StatusCode;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::config::{Current, Loaded, Settings};
use crate::db::Db;
use crate::lists::Lists;
use crate::login::{self, Login};
use crate::metrics::{self, Metrics};
use crate::{
    Error, Result, agents, approvals, backups, budgets, config, costs, executors, guard, health,
    live, openapi, retention, runs, runtime, stats, supervisor, system, workflows, worktrees,
};

/// What handlers share, by one pointer: each layer around a request has a copy of its own.
#[derive(Clone)]
pub struct App(pub Arc<Shared>);

#[derive(Clone)]
pub struct Shared {
    pub db: Db,
    pub config: Arc<Current>,
    pub lists: Lists,
    pub recent: Arc<live::Recent>,
    pub metrics: Arc<Metrics>,
    /// Who is let in; `None` without a token, when everybody on this machine is.
    pub login: Option<Arc<Login>>,
    /// Taken while a backup is made.
    pub backing_up: Arc<Mutex<()>>,
    /// What the programs of executors have said of themselves.
    pub versions: Arc<executors::health::Versions>,
    pub starts: Arc<runs::starts::Starts>,
    pub supervision: watch::Sender<supervisor::Standing>,
    /// What `/ws/agent-status` shows.
    pub snapshot: live::status::Snapshot,
    /// Cancelled when the service stops; streams end with it.
    pub stop: CancellationToken,
    pub started: Instant,
}

impl App {
    pub fn new(db: Db, settings: impl Into<Loaded>) -> Self {
        let loaded = settings.into();
        Self(Arc::new(Shared {
            db,
            login: Login::new(&loaded.settings).map(Arc::new),
            config: Arc::new(Current::new(loaded)),
            lists: Lists::default(),
            recent: Arc::default(),
            metrics: Arc::default(),
            backing_up: Arc::default(),
            versions: Arc::default(),
            starts: Arc::default(),
            supervision: watch::Sender::default(),
            snapshot: live::status::Snapshot::new("[]".into()),
            stop: CancellationToken::new(),
            started: Instant::now(),
        }))
    }

    /// The settings in force. They may be others the next time: whoever needs two that belong together
    /// asks once.
    pub fn settings(&self) -> Arc<Settings> {
        self.config.settings()
    }

    /// Those for one more start of a run or a workflow; 429 if there were too many of late.
    pub fn settings_for_a_start(&self) -> Result<Arc<Settings>> {
        let settings = self.settings();
        let per_minute = settings.limits.starts_per_minute;
        self.starts.take(per_minute, Instant::now())?;
        Ok(settings)
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Makes each of what it lists when its turn has come.
macro_rules! in_turn {
    ($($routes:expr),* $(,)?) => { [$((|| $routes) as fn() -> OpenApiRouter<App>),*] };
}

/// The one table of routes: the router, the document and the attack suite are made from it.
fn features() -> impl Iterator<Item = OpenApiRouter<App>> {
    let features = in_turn![
        agents::http::routes(),
        runs::http::routes(),
        approvals::http::routes(),
        runtime::routes(),
        executors::http::routes(),
        system::http::routes(),
        workflows::http::routes(),
        workflows::engine::http::routes(),
        worktrees::http::routes(),
        costs::http::routes(),
        budgets::http::routes(),
        stats::http::routes(),
        config::http::routes(),
        backups::http::routes(),
        retention::http::routes(),
        live::routes(),
        login::http::routes(),
        health::routes(),
        metrics::routes(),
        openapi::routes(),
        // tac:if dashboard
        crate::dashboard::routes(),
        // tac:end
        // tac:if docs
        crate::docs::routes(),
        // tac:end
    ];
    features.into_iter().map(|routes| routes())
}

pub fn routes() -> OpenApiRouter<App> {
    features().fold(OpenApiRouter::new(), OpenApiRouter::merge)
}

pub fn router(app: App) -> Router {
    // Each by itself: the document of them all takes megabytes, and nobody has asked for it yet.
    let features = features().map(|routes| routes.split_for_parts().0);
    let router = features.fold(Router::new(), Router::merge);
    let router = router
        .fallback(|| async { Error::NotFound("path") })
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(app.clone());
    // tac:if dashboard
    let front = axum::middleware::from_fn_with_state(app.clone(), crate::dashboard::front);
    let router = router.layer(front);
    // tac:end
    guard::around(router, app)
}

async fn method_not_allowed() -> Error {
    let detail = "the path does not know this method; the `allow` header lists those that it knows";
    Error::Refused(StatusCode::METHOD_NOT_ALLOWED, detail.into())
}
