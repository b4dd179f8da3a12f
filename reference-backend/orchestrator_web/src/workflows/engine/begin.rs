//! The beginning of a step: a run is put into the queue.

use serde_json::{Value, json};

use super::queries::Own;
use crate::config::Settings;
use crate::db::Write;
use crate::ids::Id;
use crate::json::Json;
use crate::money::MicroUsd;
use crate::runs::commands::{NewRun, execute};
use crate::workflows::course::Turn;
use crate::workflows::definition::Work;
use crate::workflows::steps::{Attempt, REFUSED, StepStatus};
use crate::workflows::template::{Place, StepPart, Template};
use crate::{Error, Result, executors, runs};

/// Puts the step's run into the queue. A step that has nothing to run is skipped; one whose run is
/// refused has failed, and the caller's transaction goes on.
pub fn begin(db: &mut Write, own: &Own, turn: Turn, settings: &Settings) -> Result<Attempt> {
    let step = &own.frozen.definition.steps[turn.step];
    let now = db.now();
    let mut attempt = Attempt {
        seq: 0,
        step: step.name.clone(),
        iteration: turn.iteration,
        attempt: turn.attempt,
        status: StepStatus::Running,
        run_id: None,
        exit_reason: None,
        error: None,
        result: None,
        started_at: now,
        completed_at: None,
    };
    if let Work::Command(work) = &step.work
        && settings
            .executors
            .get(&executors::of_command(&work.command))
            .is_none()
    {
        attempt.status = StepStatus::Skipped;
        attempt.result = Some(format!("the project has no command `{}`", work.command));
        attempt.completed_at = Some(now);
        return Ok(attempt);
    }
    match db.attempt(|db| start_run(db, own, turn, settings)) {
        Ok(run) => attempt.run_id = Some(run),
        Err(error) if error.status().is_client_error() => {
            attempt.status = StepStatus::Failed;
            attempt.exit_reason = Some(REFUSED.to_owned());
            attempt.error = Some(reason(&error));
            attempt.completed_at = Some(now);
        }
        // Nothing that the step has done: it is tried again as a whole.
        Err(error) => return Err(error),
    }
    Ok(attempt)
}

fn start_run(db: &mut Write, own: &Own, turn: Turn, settings: &Settings) -> Result<Id> {
    let step = &own.frozen.definition.steps[turn.step];
    let agent = own.frozen.agents.get(&step.agent());
    let agent = *agent.ok_or(Error::NotFound("agent"))?;
    let folder = runs::folder(None, &settings.roots);
    let folder = folder.map_err(|why| Error::Conflict(format!("the working directory {why}")));
    let run = NewRun {
        working_dir: folder?,
        timeout_seconds: (step.timeout_seconds != 0).then(|| step.timeout_seconds.into()),
        workflow: Some(own.workflow.id),
        worktree: step
            .worktree
            .or(own.frozen.definition.worktree.then_some(true)),
        metadata: Some(Json::of(&json!({
            "workflow_id": own.workflow.id,
            "workflow_step": step.name,
            "iteration": turn.iteration,
            "attempt": turn.attempt,
        }))),
        ..NewRun::default()
    };
    let run = match &step.work {
        // It spends nothing, and nothing need be set aside for it.
        Work::Command(_) => NewRun {
            budget: Some(MicroUsd::default()),
            ..run
        },
        Work::Agent(work) => NewRun {
            prompt: prompt(&work.prompt, own),
            model: work.model.clone(),
            budget: work.budget_usd,
            ..run
        },
    };
    execute(db, agent, run, settings, None).map(|run| run.id)
}

fn prompt(template: &Template, own: &Own) -> String {
    let input = own.workflow.input_data.as_ref();
    let input = input.map_or(Value::Null, |input| input.value());
    template.fill(|place| match place {
        Place::Input => text(&input),
        Place::InputPart(key) => text(&input[key]),
        Place::Step { step, part } => {
            let last = own
                .attempts
                .iter()
                .rfind(|it| it.step == step && it.completed_at.is_some());
            let found = last.and_then(|it| match part {
                StepPart::Text | StepPart::Output => it.result.clone(),
                StepPart::Error => it.error.clone(),
            });
            found.unwrap_or_default()
        }
    })
}

/// A text as it is, and anything else as JSON writes it; nothing for nothing.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What is wrong, in one line.
fn reason(error: &Error) -> String {
    match error {
        Error::Invalid(wrong) => {
            let details = wrong.iter().map(|it| it.detail.as_str());
            details.collect::<Vec<_>>().join("; ")
        }
        error => error.to_string(),
    }
}
