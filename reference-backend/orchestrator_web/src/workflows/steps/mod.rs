//! The steps of workflows that the service runs: what each attempt came to, and what callers see.

pub mod commands;
pub mod queries;

use serde::Serialize;
use utoipa::ToSchema;

use super::Workflow;
use super::course::Course;
use super::definition::{Definition, Step, Work};
use crate::adapters::ExitReason;
use crate::ids::Id;
use crate::text;
use crate::time::Timestamp;

/// Tenths of a percent.
const WHOLE: i64 = 1000;

text::choices! {
    /// How far a step is.
    pub enum StepStatus {
        /// It has not begun, or has to begin again.
        Pending = "pending",
        /// Its run waits in the queue, or goes on.
        Running = "running",
        Completed = "completed",
        Failed = "failed",
        /// Its run was stopped.
        Cancelled = "cancelled",
        /// There was nothing to do, or the workflow has ended before it began.
        Skipped = "skipped",
    }
}

/// One try of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// In the order of their beginnings, over all workflows.
    pub seq: i64,
    pub step: String,
    pub iteration: i64,
    pub attempt: i64,
    pub status: StepStatus,
    /// `None` where there was nothing to run, and after the run was removed.
    pub run_id: Option<Id>,
    pub exit_reason: Option<String>,
    pub error: Option<String>,
    /// What the agent answered, or the command printed; cut.
    pub result: Option<String>,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
}

/// The exit reason of a step whose run could not even be put into the queue.
pub const REFUSED: &str = "refused";

impl Attempt {
    /// Whether another try would fail in the same way, and cost as much.
    pub fn is_hopeless(&self) -> bool {
        use ExitReason::{Auth, Billing, Budget, InvalidRequest, SpawnFailed};
        let lasting = [Auth, Billing, Budget, InvalidRequest, SpawnFailed].map(ExitReason::as_str);
        let reason = self.exit_reason.as_deref();
        reason.is_some_and(|it| it == REFUSED || lasting.contains(&it))
    }
}

/// A step of a workflow, as callers see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StepView {
    pub name: String,
    /// The agent that is asked, where it is no command.
    #[schema(required)]
    pub agent: Option<String>,
    /// The command of the project that runs, where it is no agent.
    #[schema(required)]
    pub command: Option<String>,
    pub needs: Vec<String>,
    pub status: StepStatus,
    /// How often the workflow has come to the step; 0 before the first time.
    pub iteration: i64,
    /// How often it was tried since it was last come to.
    pub attempt: i64,
    /// The run of the last attempt.
    #[schema(required)]
    pub run_id: Option<Id>,
    /// Of the first attempt.
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// Of the last attempt.
    #[schema(required)]
    pub completed_at: Option<Timestamp>,
    /// Of all attempts together, their time in the queue included.
    pub duration_ms: i64,
    /// That, of the time from the start of the workflow to its end or to now. Steps that go on at the
    /// same time come to more than 100 together.
    pub share_percent: f64,
    /// Whether it takes more than half of the time.
    pub is_bottleneck: bool,
    #[schema(required)]
    pub exit_reason: Option<String>,
    #[schema(required)]
    pub error: Option<String>,
}

/// The steps in the order of the definition, at `now`.
pub fn view(
    workflow: &Workflow,
    definition: &Definition,
    attempts: &[Attempt],
    now: Timestamp,
) -> Vec<StepView> {
    let course = Course::new(definition, attempts);
    let end = workflow.completed_at.unwrap_or(now);
    let start = workflow.started_at.unwrap_or(end);
    let wall = end.millis_since(start);
    let view = |(step, current): (&Step, Option<&Attempt>)| {
        let mut all = attempts.iter().filter(|it| it.step == step.name);
        let last = all.clone().next_back();
        // What was kept of an earlier workflow took none of this one's time.
        let took = |it: &Attempt| {
            it.completed_at
                .unwrap_or(end)
                .millis_since(it.started_at.max(start))
        };
        let duration_ms = all.clone().map(took).sum();
        let share = share(duration_ms, wall);
        let (agent, command) = match &step.work {
            Work::Agent(work) => (Some(work.agent.clone()), None),
            Work::Command(work) => (None, Some(work.command.clone())),
        };
        let unbegun = if workflow.status.is_terminal() {
            StepStatus::Skipped
        } else {
            StepStatus::Pending
        };
        StepView {
            name: step.name.clone(),
            agent,
            command,
            needs: step.needs.clone(),
            status: current.map_or(unbegun, |it| it.status),
            iteration: last.map_or(0, |it| it.iteration),
            attempt: last.map_or(0, |it| it.attempt),
            run_id: last.and_then(|it| it.run_id),
            started_at: all.next().map(|it| it.started_at),
            completed_at: last.and_then(|it| it.completed_at),
            duration_ms,
            share_percent: percent(share),
            is_bottleneck: WHOLE / 2 < share,
            exit_reason: last.and_then(|it| it.exit_reason.clone()),
            error: last.and_then(|it| it.error.clone()),
        }
    };
    course.current().map(view).collect()
}

/// In tenths of a percent, rounded to the nearest.
fn share(part: i64, whole: i64) -> i64 {
    match whole {
        0 => 0,
        _ => (part * WHOLE + whole / 2) / whole,
    }
}

fn percent(tenths: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few digits")]
    let tenths = tenths as f64;
    tenths / 10.0
}
