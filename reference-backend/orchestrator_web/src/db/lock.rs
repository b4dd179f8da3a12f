//! Who may have the database open: any number of services, or one restore.
//!
//! SQLite tells a restore who has the file open now, but nobody can tell it who is about to. So both
//! hold a lock on a file beside the database, from before the first look to the last. It is never
//! removed: whoever waits at a removed file holds the lock of nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};

/// For a service, until the file is dropped.
pub(super) fn share(database: &Path) -> anyhow::Result<File> {
    let file = open(database)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!("it is being restored; start again after that"),
        Err(TryLockError::Error(error)) => Err(error).context("lock it"),
    }
}

/// For a restore, until the file is dropped.
pub(super) fn take(database: &Path) -> anyhow::Result<File> {
    let file = open(database)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("{} is in use; stop the service first", database.display())
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("lock {}", database.display()))
        }
    }
}

fn open(database: &Path) -> anyhow::Result<File> {
    let mut path = database.as_os_str().to_owned();
    path.push("-lock");
    let mut file = OpenOptions::new();
    file.write(true).create(true).truncate(false).mode(0o600);
    let shown = Path::new(&path).display();
    file.open(&path).with_context(|| format!("open {shown}"))
}
