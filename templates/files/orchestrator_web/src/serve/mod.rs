//! The running service, from the sockets to the last commit.

mod connections;
mod listen;
mod signals;

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use crate::app::{self, App};
use crate::config::Loaded;
use crate::db::{self, Db};
use crate::supervisor::{self, OnStop};
use crate::workflows::engine;
use crate::{approvals, live, login, retention, worktrees};
use connections::Connections;

/// How long requests in flight, and then the writer, may take when the service stops.
const GRACE: Duration = Duration::from_secs(10);

/// Runs the service until a signal stops it. The settings' port may be 0 for a free one.
pub async fn run(mut loaded: Loaded, on_stop: OnStop) -> anyhow::Result<()> {
    let settings = Arc::make_mut(&mut loaded.settings);
    let listeners = listen::bind(settings.host, settings.port).await?;
    settings.port = listeners[0].local_addr()?.port();
    let (db, writer) = Db::open(db::Options {
        synchronous: settings.synchronous,
        ..db::Options::new(&settings.database_path)
    })?;
    let app = App::new(db, loaded);
    signals::stop_with(&app.stop)?;
    let hangups = signals::hangups()?;

    // What runs beside the requests; each task ends with `app.stop`.
    let background = TaskTracker::new();
    background.spawn(live::status::watch(app.clone()));
    background.spawn(retention::run(app.clone()));
    background.spawn(signals::reload_on(hangups, app.clone()));
    background.spawn(approvals::expiry::run(app.clone()));
    background.spawn(worktrees::clean(app.clone()));
    background.spawn(supervisor::run(app.clone(), on_stop));
    background.spawn(engine::run(app.clone()));
    background.close();

    let connections = Connections::new(&app, app::router(app.clone()));
    announce(&app, &listeners)?;
    connections.serve(listeners, &app.stop).await;

    connections.drain(GRACE).await;
    if tokio::time::timeout(GRACE, background.wait())
        .await
        .is_err()
    {
        tracing::warn!("a task in the background did not end in time");
    }
    // With them the last handles to the database, which end the writer.
    drop((connections, app));
    finish(writer).await
}

/// One line on standard output for whoever started the service, with the URL of each address; and
/// where a token is configured, how a person gets in. The code itself is for a person's eyes: what
/// is no terminal may be a file or a journal, which others read.
fn announce(app: &App, listeners: &[TcpListener]) -> anyhow::Result<()> {
    let addresses = listeners.iter().map(TcpListener::local_addr);
    let addresses = addresses.collect::<Result<Vec<_>, _>>()?;
    let urls: Vec<_> = addresses.iter().map(|it| format!("http://{it}")).collect();
    tracing::info!(urls = urls.join(" "), "listening");
    // Who has closed standard output does not wait for the line.
    let _ = writeln!(std::io::stdout(), "listening on {}", urls.join(" "));
    match &app.login {
        Some(login) if std::io::stderr().is_terminal() => {
            let code = login.issue_code(Instant::now());
            eprint!("{}", login::invitation(app.settings().port, &code));
        }
        Some(_) => tracing::info!("`orchestrator_web login` prints a code for the browser"),
        None => {}
    }
    Ok(())
}

/// Waits until the writer has committed what was queued.
async fn finish(writer: thread::JoinHandle<()>) -> anyhow::Result<()> {
    let (ended, end) = oneshot::channel();
    // Nobody waits for the answer any more if the time is over.
    thread::spawn(move || drop(ended.send(writer.join())));
    let end = tokio::time::timeout(GRACE, end).await;
    let end = end.context("stop the writer: a task still holds the database")?;
    let joined = end.context("stop the writer")?;
    joined.map_err(|_| anyhow::anyhow!("stop the writer: it panicked"))
}
