//! Steps, one after the other: each knows those before it.

use std::num::NonZeroU16;

use toml::Spanned;
use toml::de::DeValue;

use super::Table;
use crate::agents::{AgentName, AgentType};
use crate::config::ModelName;
use crate::config::file::{File, keys};
use crate::config::named::{Keys, is_name};
use crate::fault::Fault;
use crate::money::MicroUsd;
use crate::workflows::definition::{
    AgentWork, CommandWork, Definition, GoTo, OnFailure, Step, Work,
};
use crate::workflows::template::Template;

/// A step as it is written.
#[derive(Default)]
struct Draft {
    name: String,
    agent: Option<String>,
    agent_type: Option<AgentType>,
    prompt: Option<String>,
    model: Option<ModelName>,
    budget_usd: Option<MicroUsd>,
    command: Option<String>,
    needs: Vec<String>,
    retries: u16,
    timeout_seconds: u32,
    worktree: Option<bool>,
}

const STEP_KEYS: &Keys<Draft> = &[
    ("name", |it| &mut it.name),
    ("agent", |it| &mut it.agent),
    ("agent_type", |it| &mut it.agent_type),
    ("prompt", |it| &mut it.prompt),
    ("model", |it| &mut it.model),
    ("budget_usd", |it| &mut it.budget_usd),
    ("command", |it| &mut it.command),
    ("needs", |it| &mut it.needs),
    ("retries", |it| &mut it.retries),
    ("timeout_seconds", |it| &mut it.timeout_seconds),
    ("worktree", |it| &mut it.worktree),
];

/// What a step with a command has no use for.
const OF_AGENTS: [&str; 4] = ["agent_type", "prompt", "model", "budget_usd"];

const JUMP_KEYS: &Keys<GoTo> = &[
    ("goto", |it| &mut it.step),
    ("at_most", |it| &mut it.at_most),
];

impl File {
    /// One step, after those that the definition has already.
    pub(super) fn step(&self, table: &Table, definition: &Definition) -> Result<Step, Fault> {
        let mut draft = Draft::default();
        let known = (STEP_KEYS, &["on_failure"][..]);
        self.fill(table.text, &table.subject, table.values, known, &mut draft)?;
        let earlier: Vec<_> = definition
            .steps
            .iter()
            .map(|step| step.name.as_str())
            .collect();
        if !is_name(&draft.name) {
            let hint = "give it one in lower case: letters, digits, _ and -";
            return Err(self.wrong(table, "name", " has no valid name", hint));
        }
        if earlier.contains(&draft.name.as_str()) {
            let what = format!(" is named `{}`, as an earlier one is", draft.name);
            return Err(self.wrong(table, "name", &what, "give each step a name of its own"));
        }
        if table.values.get("needs").is_none() {
            draft.needs = earlier
                .last()
                .map(ToString::to_string)
                .into_iter()
                .collect();
        }
        for need in &draft.needs {
            if !earlier.contains(&need.as_str()) {
                let what = format!(" needs `{need}`, which is no step before it");
                let hint = "list a step after those that it needs; no two can need each other";
                return Err(self.wrong(table, "needs", &what, hint));
            }
        }
        Ok(Step {
            work: self.work(table, &mut draft)?,
            name: draft.name,
            needs: draft.needs,
            retries: draft.retries,
            timeout_seconds: draft.timeout_seconds,
            worktree: draft.worktree,
            on_failure: self.on_failure(table)?,
        })
    }

    fn work(&self, table: &Table, draft: &mut Draft) -> Result<Work, Fault> {
        let both = "a step has either an agent, with a prompt, or a command";
        match (draft.agent.take(), draft.command.take()) {
            (Some(agent), None) => {
                let Ok(name) = agent.parse::<AgentName>() else {
                    let what = format!(" names the agent {agent:?}");
                    return Err(self.wrong(table, "agent", &what, "give 1 to 255 characters"));
                };
                let Some(prompt) = draft.prompt.take().filter(|text| !text.trim().is_empty())
                else {
                    let hint = "say what the agent is to do, in prompt";
                    return Err(self.wrong(table, "prompt", " has no prompt", hint));
                };
                let named = name.key().parse().unwrap_or(AgentType::Custom);
                Ok(Work::Agent(AgentWork {
                    agent,
                    agent_type: draft.agent_type.unwrap_or(named),
                    prompt: Template::from(prompt),
                    model: draft.model.as_ref().map(ToString::to_string),
                    budget_usd: draft.budget_usd,
                }))
            }
            (None, Some(command)) => {
                let section = "project.commands.";
                let known: Vec<_> = keys().filter_map(|key| key.strip_prefix(section)).collect();
                if !known.contains(&command.as_str()) {
                    let what = format!(" runs the command `{command}`, which is unknown");
                    let hint = format!("the commands of a project are {}", known.join(", "));
                    return Err(self.wrong(table, "command", &what, hint));
                }
                match OF_AGENTS
                    .iter()
                    .find(|key| table.values.contains_key(**key))
                {
                    Some(key) => {
                        Err(self.wrong(table, key, &format!(" has a command and {key}"), both))
                    }
                    None => Ok(Work::Command(CommandWork { command })),
                }
            }
            (Some(_), Some(_)) => {
                Err(self.wrong(table, "command", " has an agent and a command", both))
            }
            (None, None) => Err(self.wrong(table, "name", " has nothing to do", both)),
        }
    }

    fn on_failure(&self, table: &Table) -> Result<OnFailure, Fault> {
        let key = "on_failure";
        let hint = "write \"stop\", \"continue\" or { goto = \"step\", at_most = 3 }";
        let unknown = || self.wrong(table, key, " has an on_failure that is unknown", hint);
        let jump = match table.values.get(key).map(Spanned::get_ref) {
            None => return Ok(OnFailure::Stop),
            Some(DeValue::String(word)) if word == "stop" => return Ok(OnFailure::Stop),
            Some(DeValue::String(word)) if word == "continue" => return Ok(OnFailure::Continue),
            Some(DeValue::Table(jump)) if jump.contains_key("goto") => jump,
            Some(_) => return Err(unknown()),
        };
        let mut given = GoTo {
            step: String::new(),
            at_most: const { NonZeroU16::new(3).expect("not zero") },
        };
        let subject = format!("{}.on_failure", table.subject);
        self.fill(table.text, &subject, jump, (JUMP_KEYS, &[]), &mut given)?;
        Ok(OnFailure::GoTo(given))
    }

    /// Refuses a way back from the last step so far that would not lead to it again.
    pub(super) fn check_jump(&self, table: &Table, definition: &Definition) -> Result<(), Fault> {
        let last = definition.steps.len() - 1;
        let OnFailure::GoTo(jump) = &definition.steps[last].on_failure else {
            return Ok(());
        };
        let target = definition
            .position(&jump.step)
            .filter(|target| *target < last);
        if target.is_some_and(|target| definition.affected_by(target)[last]) {
            return Ok(());
        }
        let what = format!(" goes to `{}`, which is no step that it needs", jump.step);
        let hint = "it can go back to a step before it that it needs, directly or not";
        Err(self.wrong(table, "on_failure", &what, hint))
    }
}
