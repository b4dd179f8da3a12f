//! Backups that the running service makes of its database, in the folder `backups` beside it.

mod commands;
pub mod http;

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::db;
use crate::time::{Clock, Timestamp};
use crate::{Error, Result};

/// A copy that is whole: it was verified before it got its name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Backup {
    /// What `orchestrator_web restore` takes.
    pub path: String,
    pub bytes: u64,
    pub created_at: Timestamp,
}

/// A new backup.
#[derive(Debug, Serialize, ToSchema)]
pub struct Made {
    #[serde(flatten)]
    pub backup: Backup,
    pub duration_ms: u64,
    /// The older ones that have made room for it.
    pub removed: Vec<Backup>,
}

/// Makes a backup while others read and write, and removes those that are too many. 409 while another
/// is made, 503 if it cannot be written.
pub async fn make(app: &App) -> Result<Made> {
    let alone = Arc::clone(&app.backing_up).try_lock_owned();
    let alone = alone.map_err(|_| Error::Conflict("a backup is being made already".into()))?;
    let app = app.clone();
    // A caller that goes away leaves a whole one, and its event.
    let make = tokio::spawn(async move {
        let _alone = alone;
        let (database, keep) = (app.db.path().to_owned(), app.settings().backups_max);
        let made = tokio::task::spawn_blocking(move || copy(&database, keep)).await;
        let made = made.context("make a backup")?.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "could not make a backup");
            Error::Unavailable("the backup could not be written; the service's log says why".into())
        })?;
        let told = (made.backup.clone(), made.removed.len());
        app.db
            .write(move |db| commands::made(db, told.0, told.1))
            .await?;
        Ok(made)
    });
    make.await.context("make a backup")?
}

/// Those that the service has made, the newest first. 503 if their folder cannot be read.
pub async fn all(app: &App) -> Result<Vec<Backup>> {
    let database = app.db.path().to_owned();
    let list = tokio::task::spawn_blocking(move || list(&database));
    list.await.context("list the backups")?.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "could not list the backups");
        Error::Unavailable(
            "the folder of the backups cannot be read; the service's log says why".into(),
        )
    })
}

/// 0 keeps any number.
fn copy(database: &Path, keep: u32) -> anyhow::Result<Made> {
    let begun = Instant::now();
    let folder = folder(database)?;
    let mut private = DirBuilder::new();
    let private = private.recursive(true).mode(0o700).create(&folder);
    private.with_context(|| format!("make the folder {}", folder.display()))?;
    let path = folder.join(name(Clock::system().now()));
    db::backup(database, &path)?;
    let mut backups = list(database)?;
    let made = backups.iter().position(|it| Path::new(&it.path) == path);
    let backup = backups[made.context("find the backup again")?].clone();
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    let removed = match keep {
        0 => Vec::new(),
        _ => backups.split_off(keep.min(backups.len())),
    };
    for old in &removed {
        fs::remove_file(&old.path).with_context(|| format!("remove {}", old.path))?;
    }
    Ok(Made {
        backup,
        duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        removed,
    })
}

/// Those that are there, the newest first. Other files in the folder are not ours.
fn list(database: &Path) -> anyhow::Result<Vec<Backup>> {
    let folder = folder(database)?;
    if !folder.try_exists()? {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))? {
        let entry = entry?;
        let file = entry.file_name();
        let Some(created_at) = file.to_str().and_then(made_at) else {
            continue;
        };
        found.push(Backup {
            path: entry.path().display().to_string(),
            bytes: entry.metadata()?.len(),
            created_at,
        });
    }
    found.sort_by_key(|it| std::cmp::Reverse(it.created_at));
    Ok(found)
}

/// Where they are, in full.
pub fn folder(database: &Path) -> anyhow::Result<PathBuf> {
    let database = std::path::absolute(database).context("find the database")?;
    Ok(database.with_file_name("backups"))
}

/// `backup-20260131T235959.999Z.db`
fn name(made_at: Timestamp) -> String {
    format!("backup-{}.db", made_at.as_str().replace(['-', ':'], ""))
}

fn made_at(file: &str) -> Option<Timestamp> {
    let time = file.strip_prefix("backup-")?.strip_suffix(".db")?;
    Timestamp::parse(time).filter(|time| name(*time) == file)
}
