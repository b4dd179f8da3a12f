//! One service at a time runs the agents of a database: two would each follow every run.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;

use anyhow::Context as _;
use tokio::time::sleep;

use super::{PAUSE, folder, launch};
use crate::app::App;

/// Waits for this service's turn, which lasts until the file is dropped; `None` if the service stops
/// before.
pub async fn wait(app: &App) -> Option<File> {
    let forever = async {
        let mut is_told = false;
        loop {
            match take(app) {
                Ok(Some(turn)) => return turn,
                Ok(None) if is_told => {}
                Ok(None) => tracing::warn!(
                    "another service runs the agents of this database; this one does when that has ended"
                ),
                Err(error) => tracing::error!(?error, "cannot run agents yet"),
            }
            is_told = true;
            sleep(PAUSE).await;
        }
    };
    tokio::select! {
        turn = forever => Some(turn),
        () = app.stop.cancelled() => None,
    }
}

/// `None` if it is another's. The system takes it back when that process ends, in whatever way.
fn take(app: &App) -> anyhow::Result<Option<File>> {
    let folder = folder(&app.db);
    launch::make_private(&folder)?;
    let path = folder.join("lock");
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path);
    let file = file.with_context(|| format!("open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("lock {}", path.display()))
        }
    }
}
