//! SIGTERM and SIGINT: the first stops the service in good order, the second at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

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
