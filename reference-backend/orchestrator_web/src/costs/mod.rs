//! What runs have cost: a ledger that outlives them and their agents, and sums over it.

pub mod commands;
mod csv;
pub mod http;
pub mod queries;

use serde::Serialize;
use utoipa::ToSchema;

use crate::money::MicroUsd;
use crate::text;

text::choices! {
    /// What costs are summed by.
    pub enum By {
        Agent = "agent",
        Model = "model",
        Day = "day",
        Workflow = "workflow",
        Session = "session",
    }
}

/// What was spent under one key. Runs report totals; one that corrects its total to less than it
/// had reported lowers the sums of the day of the correction.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cost {
    /// The id of the agent or the workflow, the model, the session, or the day in UTC; null for runs
    /// whose model is not known, and for those that are no step of a workflow.
    #[schema(required)]
    pub key: Option<String>,
    /// The name of the agent or the workflow, also when it is gone; null for all others.
    #[schema(required)]
    pub name: Option<String>,
    /// How many runs have spent it. One that has spent under several keys counts under each.
    pub runs: i64,
    /// Those of the cache among them.
    pub tokens_input: i64,
    pub tokens_output: i64,
    pub tokens_cache_read: i64,
    pub tokens_cache_write: i64,
    #[schema(value_type = f64)]
    pub cost_usd: MicroUsd,
    /// Whether a part of it follows from a table of prices, not from what an agent was charged.
    pub is_estimate: bool,
}
