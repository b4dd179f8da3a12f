//! What workflows are made of: `[workflows.NAME]` in `orchestrator.toml`.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::template::Template;
use crate::agents::AgentType;
use crate::money::MicroUsd;

/// All workflows that can be started, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definitions(pub BTreeMap<String, Definition>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Definition {
    pub description: String,
    /// What a start has to bring, by name. Without any, a start may bring what it likes.
    #[schema(value_type = std::collections::HashMap<String, Input>)]
    pub input: BTreeMap<String, Input>,
    /// That of the agents which a start has to create.
    pub executor: String,
    /// From the start to the end, the time in the queue included; 0 is no bound.
    pub timeout_seconds: u32,
    /// Whether its steps share a work tree of their own, whatever their agents and executors say. A step
    /// may be an exception.
    #[serde(default)]
    pub worktree: bool,
    /// Each after those that it needs.
    pub steps: Vec<Step>,
}

/// A text that a start brings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Input {
    pub description: String,
    /// A start has to bring what has none.
    #[schema(required)]
    pub default: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    pub name: String,
    #[serde(flatten)]
    pub work: Work,
    pub needs: Vec<String>,
    /// How often it is tried again after a failure that may pass.
    pub retries: u16,
    /// From the start of its run; 0 leaves it to the executor.
    pub timeout_seconds: u32,
    /// Whether it works in the work tree of the workflow, where nothing is said as the workflow has it.
    #[serde(default)]
    #[schema(required)]
    pub worktree: Option<bool>,
    pub on_failure: OnFailure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Work {
    Agent(AgentWork),
    Command(CommandWork),
}

/// An agent is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentWork {
    /// Its name.
    pub agent: String,
    /// What it becomes if the start has to create it.
    pub agent_type: AgentType,
    #[schema(value_type = String)]
    pub prompt: Template,
    /// The agent's, if there is none.
    #[schema(required)]
    pub model: Option<String>,
    #[schema(required)]
    pub budget_usd: Option<MicroUsd>,
}

/// A command of the project runs: a key of `[project.commands]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommandWork {
    pub command: String,
}

/// What follows a failure that no further try has mended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Nothing that needs the step begins, and the workflow fails.
    #[default]
    Stop,
    /// What needs the step goes on as if it had succeeded.
    Continue,
    #[serde(rename = "goto")]
    GoTo(GoTo),
}

/// An earlier step and all that needs it begin anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GoTo {
    pub step: String,
    #[schema(value_type = u16, minimum = 1)]
    pub at_most: NonZeroU16,
}

impl Definition {
    /// The step of that name, by its place.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// For each step whether it is the one at `place`, or needs it, directly or not.
    pub fn affected_by(&self, place: usize) -> Vec<bool> {
        let mut affected = vec![false; self.steps.len()];
        for (index, step) in self.steps.iter().enumerate() {
            let needs_one = |need: &String| self.position(need).is_some_and(|it| affected[it]);
            affected[index] = index == place || step.needs.iter().any(needs_one);
        }
        affected
    }
}

impl Step {
    /// The agent that does the work. Commands of the project have agents too, one each, whose executor
    /// bears the same name.
    pub fn agent(&self) -> String {
        match &self.work {
            Work::Agent(work) => work.agent.clone(),
            Work::Command(work) => crate::executors::of_command(&work.command),
        }
    }
}
