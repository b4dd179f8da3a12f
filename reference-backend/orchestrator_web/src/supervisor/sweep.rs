//! The files of runs go when their runs are gone: pruned, or deleted with their agent.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::app::App;
use crate::db::Read;
use crate::ids::Id;
use crate::runs::queries;

const EVERY: Duration = Duration::from_mins(5);

/// At once, and then every five minutes.
pub fn every() -> Interval {
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds
}

/// Removes what belongs to no instance, unless it is among `followed`. What cannot be removed now is
/// still there the next time.
pub async fn sweep(app: &App, followed: HashSet<Id>) {
    let folder = super::folder(&app.db);
    let find = move |db: &Read| {
        let there: Vec<(Id, PathBuf)> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| Some((Id::parse(entry.file_name().to_str()?)?, entry.path())))
            .filter(|(id, _)| !followed.contains(id))
            .collect();
        let ids = there.iter().map(|(id, _)| *id).collect();
        let known: HashSet<Id> = queries::known(db, ids)?.into_iter().collect();
        let gone = there.into_iter().filter(|(id, _)| !known.contains(id));
        Ok(gone.map(|(_, path)| path).collect::<Vec<_>>())
    };
    let gone = match app.db.read(find).await {
        Ok(gone) => gone,
        Err(error) => {
            tracing::warn!(?error, "could not look for files of runs that are gone");
            return;
        }
    };
    // Not while the query lasts: it holds on to the state of the database that it sees.
    let removal = spawn_blocking(move || {
        for path in gone {
            if let Err(error) = std::fs::remove_dir_all(&path) {
                tracing::warn!(path = %path.display(), %error, "could not remove a run's files");
            }
        }
    });
    // It does not panic, and is not given up.
    let _ = removal.await;
}
