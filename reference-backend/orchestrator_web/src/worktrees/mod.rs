//! Work trees of git that runs have for themselves: made from a recorded commit, each on a branch of
//! its own; looked at, merged, discarded, and cleaned up.
//!
//! A row is written before anything is made, and before anything is removed, so that what a service
//! leaves that is killed in between is found again. Nothing is touched that does not agree with its row
//! in every point, and no work is removed that is not kept under `refs/tac/rescue/`.

mod apply;
mod body;
mod clean;
pub mod commands;
pub mod diff;
pub mod discard;
mod exact;
mod git;
pub mod http;
mod identity;
mod index;
mod make;
pub mod merge;
pub mod queries;
mod repository;

use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::Id;
use crate::text;
use crate::time::Timestamp;
use crate::{Error, Result};

pub use clean::run as clean;
pub use make::{check, folder_for};

text::choices! {
    /// What has become of a work tree.
    pub enum WorktreeStatus {
        /// It is being made.
        Pending = "pending",
        /// It stands.
        Ready = "ready",
        /// It stands, and its branch is merged.
        Merged = "merged",
        /// It is being removed.
        Discarding = "discarding",
        /// It is gone.
        Discarded = "discarded",
        /// Its runs are gone and it is not: the service was not sure, and leaves it alone.
        Kept = "kept",
    }
}

impl WorktreeStatus {
    /// Whether agents can work in it.
    pub fn stands(self) -> bool {
        matches!(self, Self::Ready | Self::Merged)
    }

    /// Whether there is anything to remove.
    pub fn is_there(self) -> bool {
        !matches!(self, Self::Pending | Self::Discarded)
    }
}

/// The work tree of a run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Worktree {
    /// The run that it was made for; later runs of its session work in it too.
    pub id: Id,
    pub status: WorktreeStatus,
    pub path: String,
    /// Where agents work in it, relative to `path`.
    pub folder: String,
    pub branch: String,
    /// The commit that it began with.
    pub base: String,
    /// The work tree that it was asked for in: where its branch is merged.
    pub target_path: String,
    /// The branch that was checked out there; null if there was none.
    #[schema(required)]
    pub target_branch: Option<String>,
    /// The ref that keeps what was discarded.
    #[schema(required)]
    pub rescue: Option<String>,
    /// Why the service left it alone.
    #[schema(required)]
    pub reason: Option<String>,
    pub created_at: Timestamp,
    /// The folder that all work trees of the repository share.
    #[serde(skip)]
    pub repository: String,
    /// The target before and after a merge that has begun.
    #[serde(skip)]
    pub merge: Option<(String, String)>,
}

impl Worktree {
    /// 409 if it does not stand.
    fn require_standing(&self) -> Result<()> {
        let why = match self.status {
            WorktreeStatus::Ready | WorktreeStatus::Merged => return Ok(()),
            WorktreeStatus::Pending => "is not made yet".to_owned(),
            WorktreeStatus::Discarding => "is being removed".to_owned(),
            WorktreeStatus::Kept => "was left alone".to_owned(),
            WorktreeStatus::Discarded => match &self.rescue {
                Some(rescue) => format!("was discarded; {rescue} keeps its work"),
                None => "was discarded".to_owned(),
            },
        };
        Err(Error::Conflict(format!("the run's work tree {why}")))
    }

    /// What later steps go on in; `None` if it is gone and all of it is merged, so that whoever begins
    /// anew has it. 409 if what was done in it is neither here nor there.
    pub fn to_go_on(self) -> Result<Option<Self>> {
        if self.status == WorktreeStatus::Discarded && self.rescue.is_none() {
            return Ok(None);
        }
        self.require_standing()?;
        Ok(Some(self))
    }

    fn full_branch(&self) -> String {
        format!("refs/heads/{}", self.branch)
    }
}

/// Whether or not somebody waits for the answer.
pub async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let done = tokio::spawn(work).await;
    done.map_err(|panic| Error::Internal(anyhow::Error::new(panic)))?
}

/// Does what waits for git, and goes on with it if nobody waits for the answer any more.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|panic| Error::Internal(anyhow::Error::new(panic)))?
}
