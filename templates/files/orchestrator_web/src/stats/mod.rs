//! The overview: how much runs, how well, how long it takes, and what it costs.

pub mod http;
pub mod queries;

use serde::Serialize;
use utoipa::ToSchema;

use crate::ids::Id;
use crate::money::MicroUsd;
use crate::runtime::Status;
use crate::time::{Day, Timestamp};

/// How things stand. Days and months are those of UTC.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stats {
    /// Where `runs` begins.
    pub since: Timestamp,
    /// At work now.
    pub running: i64,
    /// In the queue now.
    pub queued: i64,
    pub runs: Runs,
    pub today: Spending,
    pub month: Spending,
    /// The 100 agents whose last runs are the latest, and no others.
    pub agents: Vec<LastRun>,
    /// The last 31, today at the end.
    pub days: Vec<DayStats>,
    /// The last 24, this one at the end.
    pub hours: Vec<HourStats>,
}

/// The runs that were made since.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Runs {
    pub total: i64,
    pub by_status: Vec<StatusCount>,
    /// Which part of those that came to an end of their own was completed; null before the first.
    #[schema(required)]
    pub success_rate: Option<f64>,
    /// Half of those that have ended took no longer.
    #[schema(required)]
    pub duration_p50_ms: Option<i64>,
    /// Nineteen of twenty took no longer.
    #[schema(required)]
    pub duration_p95_ms: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StatusCount {
    pub status: Status,
    pub runs: i64,
}

#[derive(Debug, Default, Clone, Copy, Serialize, ToSchema)]
pub struct Spending {
    pub tokens_input: i64,
    pub tokens_output: i64,
    #[schema(value_type = f64)]
    pub cost_usd: MicroUsd,
}

/// The latest run of an agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastRun {
    pub agent_id: Id,
    pub agent_name: String,
    pub run_id: Id,
    pub status: Status,
    pub created_at: Timestamp,
    #[schema(required)]
    pub completed_at: Option<Timestamp>,
}

/// Runs of a while, and how they have ended.
#[derive(Debug, Default, Clone, Copy, Serialize, ToSchema)]
pub struct Made {
    pub runs: i64,
    pub completed: i64,
    /// Those that failed or were lost.
    pub failed: i64,
}

impl Made {
    /// How many of a thousand that came to an end of their own were completed; none before the first.
    pub fn success_permille(self) -> Option<i64> {
        let ended = self.completed + self.failed;
        (ended != 0).then(|| (self.completed * 1000 + ended / 2) / ended)
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DayStats {
    pub day: Day,
    #[serde(flatten)]
    pub made: Made,
    /// Half of those that have ended took no longer, to two digits; null without any.
    #[schema(required)]
    pub duration_p50_ms: Option<i64>,
    #[serde(flatten)]
    pub spent: Spending,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HourStats {
    /// When it begins.
    pub hour: Timestamp,
    #[serde(flatten)]
    pub made: Made,
}
