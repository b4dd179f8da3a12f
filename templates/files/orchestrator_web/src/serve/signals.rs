//! SIGTERM and SIGINT: the first stops the service in good order, the second at once. SIGHUP reads the
//! settings again.

use std::io::{IsTerminal as _, stderr};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config;
use crate::db::Write;

pub fn stop_with(stop: &CancellationToken) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = stop.clone();
    tokio::spawn(async move {
        loop {
            let signal = tokio::select! {
                _ = terminate.recv() => SignalKind::terminate(),
                _ = interrupt.recv() => SignalKind::interrupt(),
            };
            if stop.is_cancelled() {
                // As a shell reports a program that a signal has ended.
                std::process::exit(128 + signal.as_raw_value());
            }
            tracing::info!(
                "stopping when the requests in flight are answered; a second signal stops at once"
            );
            stop.cancel();
        }
    });
    Ok(())
}

/// SIGHUP, which ends a program that does not ask for it.
pub struct Hangups {
    signal: Signal,
    /// Whether the service was started in a terminal: one that is closed is none any more.
    in_a_terminal: bool,
}

/// Listens for hangups from now on. The terminal may be closed as soon as this returns.
pub fn hangups() -> std::io::Result<Hangups> {
    Ok(Hangups {
        in_a_terminal: stderr().is_terminal(),
        signal: signal(SignalKind::hangup())?,
    })
}

/// Reads the settings again at each of `hangups`, until the service stops. The one that tells of a
/// terminal that was closed stops it, as it does where nobody listens.
pub async fn reload_on(mut hangups: Hangups, app: App) {
    loop {
        tokio::select! {
            _ = hangups.signal.recv() => {}
            () = app.stop.cancelled() => return,
        }
        if hangups.in_a_terminal && !stderr().is_terminal() {
            return app.stop.cancel();
        }
        let reload = app.config.reload(&app.db, None);
        match app.metrics.catch_panic(reload).await {
            Ok(reloaded) => {
                tracing::info!("{}", reloaded.summary());
                if let Some(digest) = reloaded.pending.confirm {
                    tracing::warn!(
                        "some of it runs programs; to confirm it: orchestrator_web reload --confirm {digest}"
                    );
                }
            }
            Err(error) => {
                let reason = error.to_string();
                let told = reason.clone();
                let note = move |db: &mut Write| config::commands::refused(db, &told);
                if let Err(error) = app.db.write(note).await {
                    tracing::error!(?error, "could not note that the settings are wrong");
                }
                tracing::error!("the settings stay as they are: {reason}");
            }
        }
    }
}
