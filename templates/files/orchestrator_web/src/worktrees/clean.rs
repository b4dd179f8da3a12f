//! Goes on with what a killed service has left, and removes work trees whose runs are gone. Whatever is
//! not clear is left alone, and said.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::discard::{self, Force};
use super::git::Git;
use super::make::patience;
use super::merge::Plan;
use super::repository::{Place, lock};
use super::{Worktree, WorktreeStatus, apply, blocking, commands, queries};
use crate::app::App;
use crate::ids::Id;
use crate::runtime::logs::Level;
use crate::{Error, Result};

const EVERY: Duration = Duration::from_mins(5);

/// At once and then every five minutes, until the service stops.
pub async fn run(app: App) {
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let forever = async {
        loop {
            rounds.tick().await;
            // What was not done is still to be done the next time.
            if let Err(error) = app.metrics.catch_panic(round(&app)).await {
                tracing::warn!(?error, "could not clean up work trees");
            }
        }
    };
    tokio::select! {
        () = forever => {}
        () = app.stop.cancelled() => {}
    }
}

async fn round(app: &App) -> Result<()> {
    for id in app.db.read(queries::unsettled).await? {
        match settle(app, id).await {
            Err(Error::Unavailable(why)) => tracing::warn!(%id, why, "a work tree is in use"),
            Err(Error::Conflict(why)) => {
                app.db.write(move |db| commands::kept(db, id, &why)).await?;
            }
            settled => settled?,
        }
    }
    app.db.write(commands::forget).await
}

/// 409 if it is not clear what is to be done.
async fn settle(app: &App, id: Id) -> Result<()> {
    let worktree = app.db.read(move |db| queries::get(db, id)).await?;
    let (repository, patience) = (worktree.repository.clone(), patience(&app.settings()));
    // Whoever is at work with it has done when we hold the lock.
    let held = blocking(move || lock(Path::new(&repository), patience)).await?;
    let look = move |db: &crate::db::Read| {
        let now = queries::get(db, id)?;
        Ok(queries::is_unsettled(db, &now)?.then_some(now))
    };
    let Some(worktree) = app.db.read(look).await? else {
        return Ok(());
    };
    let git = Git::at(Path::new(&worktree.repository), patience).with_lock(&held);
    match worktree.status {
        WorktreeStatus::Pending => {
            blocking(move || discard::remove(&worktree, &git)).await?;
            app.db.write(move |db| commands::unmade(db, id)).await
        }
        WorktreeStatus::Discarding => discard::finish(app, id, held).await,
        _ if worktree.merge.is_some() => resume(app, worktree, git).await,
        _ => give_back(app, id, held).await,
    }
}

async fn resume(app: &App, worktree: Worktree, git: Git) -> Result<()> {
    let id = worktree.id;
    let is_merged = blocking(move || {
        let target = Place::find(&git.in_folder(Path::new(&worktree.target_path)))?;
        let (from, to) = worktree
            .merge
            .clone()
            .ok_or_else(|| anyhow::anyhow!("there is no merge"))?;
        let branch = worktree.target_branch.as_deref().unwrap_or_default();
        let branch = format!("refs/heads/{branch}");
        apply::resume(&Plan {
            target,
            branch,
            from,
            to,
        })
    })
    .await;
    app.db
        .write(move |db| match is_merged {
            Ok(true) => commands::merged(db, id),
            Ok(false) => {
                let reason = "the service ended before the merge had begun";
                commands::not_merged(db, id, reason)
            }
            Err(Error::Conflict(why)) => {
                let message = format!("the merge of run {id} was interrupted; look at it: {why}");
                commands::tell(db, Level::Error, message)?;
                commands::not_merged(db, id, &why)
            }
            Err(error) => Err(error),
        })
        .await
}

/// Its runs are gone: it goes too, and what was not merged is kept.
async fn give_back(app: &App, id: Id, lock: Arc<std::fs::File>) -> Result<()> {
    let done = discard::discard_under(app, id, Force::Yes, lock).await?;
    let Some(rescue) = done.rescue else {
        return Ok(());
    };
    let message = format!(
        "the work tree of run {id} is removed with the run; {rescue} keeps what was not merged"
    );
    app.db
        .write(move |db| commands::tell(db, Level::Info, message))
        .await
}
