//! What may be spent: by a run, by an agent in a day, by the project in a month; `[budgets]` in
//! `orchestrator.toml`. A run is accepted if what it may cost fits into what is left, and ended when a
//! budget that it counts against is exceeded all the same.

pub mod commands;
pub mod http;
pub mod queries;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::config::Field;
use crate::executors::Executor;
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::text;
use crate::time::Timestamp;

/// As they are configured; 0 is no bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budgets {
    /// Of a run that brings none of its own, and whose executor has none.
    pub run: MicroUsd,
    pub agent_day: MicroUsd,
    pub project_month: MicroUsd,
    /// What is set aside for a run without a budget.
    pub reservation: MicroUsd,
    /// In the place of `agent_day`, by the agent's name in lower case.
    pub agents: BTreeMap<String, MicroUsd>,
}

/// `[budgets.agents.NAME]`.
#[derive(Debug, Default)]
pub struct OfAgent {
    pub day: Option<MicroUsd>,
}

type Access = for<'a> fn(&'a mut OfAgent) -> &'a mut dyn Field;

/// The keys of the table and what each sets.
pub const KEYS: &[(&str, Access)] = &[("day_usd", |it| &mut it.day)];

impl Default for Budgets {
    fn default() -> Self {
        let none = MicroUsd::default();
        Self {
            run: none,
            agent_day: none,
            project_month: none,
            reservation: MicroUsd::from_micros(1_000_000),
            agents: BTreeMap::new(),
        }
    }
}

impl Budgets {
    /// What a run may spend that asks for this.
    pub fn of_run(&self, asked: Option<MicroUsd>, executor: &Executor) -> Option<MicroUsd> {
        let of_executor = executor.budget_usd.and_then(bound);
        asked.or(of_executor).or(bound(self.run))
    }

    /// `[budgets.agents]`, as the file gives it.
    pub fn show_agents(&self) -> Value {
        let agents = self.agents.iter();
        let agents = agents.map(|(name, day)| (name.clone(), json!({ "day_usd": day })));
        Value::Object(agents.collect())
    }

    /// What the agent of this name may spend in a day.
    pub fn of_agent(&self, name: &str) -> Option<MicroUsd> {
        let own = self.agents.get(&name.to_lowercase());
        bound(*own.unwrap_or(&self.agent_day))
    }
}

fn bound(configured: MicroUsd) -> Option<MicroUsd> {
    (configured != MicroUsd::default()).then_some(configured)
}

text::choices! {
    /// Whose budget it is, and for how long.
    pub enum BudgetScope {
        Run = "run",
        AgentDay = "agent_day",
        ProjectMonth = "project_month",
    }
}

/// How a budget stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Budget {
    pub scope: BudgetScope,
    /// The id of the run or the agent; null for the project, and for a name in `[budgets.agents]` that
    /// no agent has.
    #[schema(required)]
    pub subject: Option<Id>,
    /// Of the agent, that of a run too; null for the project.
    #[schema(required)]
    pub name: Option<String>,
    /// The day or the month in UTC, `2026-01-31` or `2026-01`; null for a run.
    #[schema(required)]
    pub period: Option<String>,
    pub limit_usd: MicroUsd,
    #[schema(value_type = f64)]
    pub spent_usd: MicroUsd,
    /// What is set aside for runs that have not ended.
    pub reserved_usd: MicroUsd,
    /// What a new run may ask for; of a run, what it may still spend.
    pub left_usd: MicroUsd,
    /// Whether more is spent than the limit: it is seen after the cost.
    pub is_exceeded: bool,
    /// When the next period begins; null for a run.
    #[schema(required)]
    pub resets_at: Option<Timestamp>,
}

impl Budget {
    fn new(
        scope: BudgetScope,
        limit_usd: MicroUsd,
        spent_usd: MicroUsd,
        reserved_usd: MicroUsd,
    ) -> Self {
        Self {
            scope,
            subject: None,
            name: None,
            period: None,
            limit_usd,
            spent_usd,
            reserved_usd,
            left_usd: (limit_usd - spent_usd - reserved_usd).max(MicroUsd::default()),
            is_exceeded: limit_usd < spent_usd,
            resets_at: None,
        }
    }
}

/// What stands where spending is refused or ended.
impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let spent = self.spent_usd.to_decimal();
        let limit = self.limit_usd.to_decimal();
        let name = self.name.as_deref().unwrap_or_default();
        let period = self.period.as_deref().unwrap_or_default();
        match self.scope {
            BudgetScope::Run => write!(f, "it has spent {spent} USD of {limit}"),
            BudgetScope::AgentDay => {
                write!(
                    f,
                    "agent `{name}` has spent {spent} USD of {limit} on {period}"
                )
            }
            BudgetScope::ProjectMonth => {
                write!(
                    f,
                    "the project has spent {spent} USD of {limit} in {period}"
                )
            }
        }
    }
}

/// The budget that a run does not fit into, and what it asked for: members of the problem document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Shortage {
    pub budget: BudgetScope,
    pub limit_usd: MicroUsd,
    #[schema(value_type = f64)]
    pub spent_usd: MicroUsd,
    pub reserved_usd: MicroUsd,
    pub asked_usd: MicroUsd,
    /// When the budget's next period begins.
    #[schema(required)]
    pub resets_at: Option<Timestamp>,
}
