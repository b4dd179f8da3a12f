//! What runs have cost: a ledger that outlives them and their agents, and sums over it.

pub mod commands;
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
    }
}

/// What was spent under one key. Runs report totals; one that corrects its total to less than it
/// had reported lowers the sums of the day of the correction.
#[derive(Debug, Serialize, ToSchema)]
pub struct Cost {
    /// The agent's id, the model, or the day in UTC; null for runs whose model is not known.
    #[schema(required)]
    pub key: Option<String>,
    /// The agent's name, also when the agent is gone; null for models and days.
    #[schema(required)]
    pub name: Option<String>,
    pub tokens_input: i64,
    pub tokens_output: i64,
    #[schema(value_type = f64)]
    pub cost_usd: MicroUsd,
}
