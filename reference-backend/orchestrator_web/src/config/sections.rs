//! The tables of `orchestrator.toml` whose names are the user's, as a reload and `config` see them.

use serde_json::{Value, json};

use super::Settings;
use super::difference::Effect;

/// A table of `orchestrator.toml` in which names are the user's.
pub struct Section {
    pub name: &'static str,
    /// An object with a member for each name.
    pub show: fn(&Settings) -> Value,
    /// Makes the table of the first that of the second.
    pub copy: fn(&mut Settings, &Settings),
    pub effect: Effect,
}

pub static SECTIONS: &[Section] = &[
    Section {
        name: "executors",
        show: |it| it.executors.show(),
        copy: |it, other| it.executors = other.executors.clone(),
        effect: Effect::WhenConfirmed,
    },
    Section {
        name: "workflows",
        show: |it| json!(it.workflows.0),
        copy: |it, other| it.workflows.clone_from(&other.workflows),
        effect: Effect::WhenConfirmed,
    },
    Section {
        name: "accounts",
        show: |it| json!(it.accounts),
        copy: |it, other| it.accounts.clone_from(&other.accounts),
        effect: Effect::AtOnce,
    },
    Section {
        name: "budgets.agents",
        show: |it| it.budgets.show_agents(),
        copy: |it, other| it.budgets.agents.clone_from(&other.budgets.agents),
        effect: Effect::AtOnce,
    },
    Section {
        name: "prices",
        show: |it| json!(it.prices),
        copy: |it, other| it.prices = other.prices.clone(),
        effect: Effect::AtOnce,
    },
    // tac:if dashboard
    Section {
        name: "dashboard.embeds",
        show: |it| json!(it.embeds),
        copy: |it, other| it.embeds.clone_from(&other.embeds),
        effect: Effect::WhenConfirmed,
    },
    // tac:end
];
