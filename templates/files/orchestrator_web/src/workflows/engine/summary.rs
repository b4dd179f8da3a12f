//! How a workflow stands, for its record.

use std::collections::BTreeMap;

use super::queries::Own;
use crate::json::Json;
use crate::time::Timestamp;
use crate::workflows::commands::WorkflowChanges;
use crate::workflows::course::Course;
use crate::workflows::definition::OnFailure;
use crate::workflows::steps::{Attempt, StepStatus, view};
use crate::workflows::{Workflow, WorkflowStatus};

/// Why nothing more begins, and what goes on is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    Asked,
    TimedOut,
    /// Somebody has stopped the run of this step.
    StepStopped(String),
}

impl Halt {
    pub fn of(own: &Own, now: Timestamp) -> Option<Self> {
        if own.is_to_stop {
            return Some(Self::Asked);
        }
        if own.times_out_at.is_some_and(|time| time <= now) {
            return Some(Self::TimedOut);
        }
        let course = Course::new(&own.frozen.definition, &own.attempts);
        let mut current = course.current().filter_map(|(_, attempt)| attempt);
        let stopped = current.find(|it| it.status == StepStatus::Cancelled);
        stopped.map(|it| Self::StepStopped(it.step.clone()))
    }
}

/// What is true of the workflow at `now`, after all that could begin has begun.
pub fn changes(own: &Own, halt: Option<&Halt>, now: Timestamp) -> WorkflowChanges {
    let course = Course::new(&own.frozen.definition, &own.attempts);
    let is_running = |it: &&Attempt| it.status == StepStatus::Running;
    let running: Vec<_> = own
        .attempts
        .iter()
        .filter(is_running)
        .map(|it| it.step.as_str())
        .collect();
    let is_failed = |it: &&Attempt| it.status == StepStatus::Failed;
    let met = (0..own.frozen.definition.steps.len()).filter(|&step| course.is_met(step));
    let mut changes = WorkflowChanges {
        current_step: Some((!running.is_empty()).then(|| running.join(", "))),
        completed_steps: Some(count(met.count())),
        error_count: Some(count(own.attempts.iter().filter(is_failed).count())),
        ..WorkflowChanges::default()
    };
    let mut workflow = own.workflow.clone();
    if running.is_empty() {
        let (status, step, message) = end(own, &course, halt);
        changes.status = Some(status);
        changes.error_step = Some(step);
        changes.error_message = Some(message);
        changes.output_data = Some(Some(output(own, &course)));
        workflow = Workflow {
            status,
            completed_at: Some(now),
            ..workflow
        };
    }
    let steps = view(&workflow, &own.frozen.definition, &own.attempts, now);
    changes.steps = Some(Some(Json::of(&steps)));
    changes
}

/// The status of a workflow of which nothing goes on, with the step that is to blame and what is to be
/// said of it.
fn end(
    own: &Own,
    course: &Course,
    halt: Option<&Halt>,
) -> (WorkflowStatus, Option<String>, Option<String>) {
    let steps = own.frozen.definition.steps.len();
    if (0..steps).all(|step| course.is_met(step)) {
        return (WorkflowStatus::Completed, None, None);
    }
    let stopped = own
        .attempts
        .iter()
        .rfind(|it| it.status == StepStatus::Cancelled);
    let stopped = stopped.map(|it| it.step.clone());
    match halt {
        Some(Halt::Asked) => (
            WorkflowStatus::Cancelled,
            stopped,
            Some("it was stopped".into()),
        ),
        Some(Halt::TimedOut) => {
            let limit = own.frozen.definition.timeout_seconds;
            let message = format!("it took longer than {limit} s");
            (WorkflowStatus::Failed, stopped, Some(message))
        }
        Some(Halt::StepStopped(step)) => {
            let message = format!("the run of its step `{step}` was stopped");
            (WorkflowStatus::Cancelled, Some(step.clone()), Some(message))
        }
        None => {
            let failure = failure(course);
            let (step, message) = failure.unzip();
            (WorkflowStatus::Failed, step, message)
        }
    }
}

/// The first step that has failed for good, and how.
fn failure(course: &Course) -> Option<(String, String)> {
    let is_to_blame = |attempt: &&Attempt| attempt.status == StepStatus::Failed;
    course.current().find_map(|(step, attempt)| {
        let attempt = attempt
            .filter(is_to_blame)
            .filter(|_| step.on_failure != OnFailure::Continue)?;
        let error = attempt.error.as_deref().unwrap_or("it tells no reason");
        let name = &step.name;
        let message = match &step.on_failure {
            OnFailure::GoTo(jump) if 0 < course.jumps_made(attempt) => {
                let (target, made) = (&jump.step, course.jumps_made(attempt));
                format!(
                    "step `{name}` failed, after going back to `{target}` {made} times: {error}"
                )
            }
            _ => format!("step `{name}` failed: {error}"),
        };
        Some((name.clone(), message))
    })
}

/// The results of the steps that no other one needs, by name.
fn output(own: &Own, course: &Course) -> Json {
    let is_last = |name: &String| {
        let mut steps = own.frozen.definition.steps.iter();
        !steps.any(|step| step.needs.contains(name))
    };
    let results = course.current().filter_map(|(step, attempt)| {
        let attempt = attempt.filter(|_| is_last(&step.name))?;
        Some((step.name.as_str(), attempt.result.as_deref()))
    });
    Json::of(&results.collect::<BTreeMap<_, _>>())
}

fn count(number: usize) -> i64 {
    i64::try_from(number).expect("there are not so many steps")
}
