//! Runs: the instances that the service itself starts, follows and ends. They wait in a queue, which is
//! nothing but a mark on those of them that are to be started.

mod body;
pub mod commands;
pub mod http;
mod output;
pub mod progress;
pub mod queries;
pub mod queue;
pub mod starts;
mod stream;

use std::path::Path;

use serde::Serialize;
use utoipa::ToSchema;

use crate::executors::health::ExecutorHealth;
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::runtime::agents::RuntimeAgent;
use crate::time::Timestamp;
pub use body::folder;
use queue::Reason;

/// What the service needs to start a run, and to go on with one after its own restart.
#[derive(Debug, Clone)]
pub struct Run {
    pub agent: RuntimeAgent,
    pub executor: String,
    pub prompt_id: Id,
    /// `None` where the run began a session of its own.
    pub asked_session: Option<String>,
    pub working_dir: String,
    pub timeout_seconds: Option<i64>,
    /// What was asked for.
    pub budget: Option<MicroUsd>,
    /// What it may spend.
    pub limit: Option<MicroUsd>,
    /// The agent's own name for its session.
    pub native_session: Option<String>,
    /// From 1; the first is over when the second waits in the queue.
    pub attempt: i64,
    /// How many attempts followed a failure; a usage limit is none.
    pub retries: i64,
    /// When this attempt began.
    pub attempted_at: Option<Timestamp>,
    /// Where its output begins.
    pub before: Offsets,
    pub read: Offsets,
    pub is_to_stop: bool,
    /// Whether it waits to be started.
    pub is_queued: bool,
    pub priority: i64,
    /// It is to work in a work tree of its own, not in `working_dir` itself.
    pub wants_worktree: bool,
}

/// How many bytes of a run's output are in its log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offsets {
    pub stdout: i64,
    pub stderr: i64,
}

crate::text::choices! {
    /// Whether runs are taken from the queue.
    pub enum QueueState {
        Running = "running",
        Stopped = "stopped",
    }
}

/// How the service is at work.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkStatus {
    #[serde(flatten)]
    pub queue: Queue,
    pub executors: Vec<ExecutorHealth>,
}

/// How the queue stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queue {
    pub state: QueueState,
    /// How many runs may go on at the same time, beside those that are `idle`; these are 16 at most.
    pub limit: i64,
    /// How many of them for one agent.
    #[schema(required)]
    pub agent_limit: Option<i64>,
    /// How many of them in one repository, those aside that have a work tree of their own.
    #[schema(required)]
    pub repository_limit: Option<i64>,
    /// Those that have begun, also where they wait for an answer.
    pub running: Vec<Id>,
    /// How many of them wait for an answer, and take none of the places of `limit`.
    pub idle: usize,
    /// The higher priority first, then the older; those whose reason holds let others pass.
    pub queued: Vec<Queued>,
    /// Of the executors.
    pub accounts: Vec<Standing>,
}

/// How an account stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Standing {
    pub name: String,
    pub running: usize,
    /// How many of its runs may go on at the same time.
    #[schema(required)]
    pub limit: Option<i64>,
    /// Its usage limit is reached: its runs wait until then.
    #[schema(required)]
    pub parked_until: Option<Timestamp>,
}

/// A run that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queued {
    pub id: Id,
    pub orchestrator_agent_id: Id,
    pub executor: String,
    /// From 1.
    pub position: usize,
    pub priority: i64,
    /// Which attempt it waits for, from 1.
    pub attempt: i64,
    /// `null` if it is next.
    #[schema(required)]
    pub reason: Option<Reason>,
    /// When the reason ends, where that is known.
    #[schema(required)]
    pub until: Option<Timestamp>,
}

/// The work tree of git that holds `folder`, or the folder itself.
fn repository(folder: &str) -> &str {
    let has_git = |path: &&Path| path.join(".git").exists();
    let found = Path::new(folder).ancestors().find(has_git);
    found.and_then(Path::to_str).unwrap_or(folder)
}
