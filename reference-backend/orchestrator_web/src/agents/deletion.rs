//! The deletion of an agent with all that refers to it, a small transaction at a time: other commands
//! wait for each, and an agent may have written millions of lines.
//!
//! The first transaction decides: nothing runs after it, and nothing new can refer to the agent. So
//! each of the others leaves fewer rows, and the last one finds no reason to refuse.

use super::commands::{self, Deletion, Removal};
use super::queries;
use crate::Result;
use crate::db::Db;
use crate::ids::Id;

/// Returns when the agent is gone; [`commands::delete`] says what is refused.
pub async fn delete(db: &Db, id: Id, deletion: Deletion) -> Result<()> {
    let begun = db.write(move |db| commands::delete(db, id, deletion));
    match begun.await? {
        Removal::Unfinished => finish(db, id).await,
        Removal::Done => Ok(()),
    }
}

/// Goes on with every deletion that was begun and not finished: the service was stopped, or the
/// caller went away.
pub async fn resume(db: &Db) -> Result<()> {
    for id in db.read(queries::being_deleted).await? {
        finish(db, id).await?;
    }
    Ok(())
}

async fn finish(db: &Db, id: Id) -> Result<()> {
    while Removal::Unfinished == db.write(move |db| commands::remove(db, id)).await? {}
    Ok(())
}
