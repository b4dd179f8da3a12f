//! Runs: the instances that the service itself starts, follows and ends. They wait in a queue, which is
//! nothing but those of them that are `pending`.

mod body;
pub mod commands;
pub mod http;
mod output;
pub mod progress;
pub mod queries;
mod stream;

use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::Id;
use crate::money::MicroUsd;
use crate::runtime::agents::RuntimeAgent;

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
    pub budget: Option<MicroUsd>,
    /// The agent's own name for its session.
    pub native_session: Option<String>,
    pub read: Offsets,
    pub is_to_stop: bool,
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

/// How the queue stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queue {
    pub state: QueueState,
    /// How many runs may go on at the same time.
    pub limit: i64,
    pub running: Vec<Id>,
    /// In the order in which they are started.
    pub queued: Vec<Queued>,
}

/// A run that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queued {
    pub id: Id,
    pub orchestrator_agent_id: Id,
    /// From 1.
    pub position: i64,
}
