//! How much of the time each step takes.

use std::collections::BTreeMap;

use orchestrator::time::Timestamp;
use orchestrator::workflows::definition::{CommandWork, Definition, OnFailure, Step, Work};
use orchestrator::workflows::steps::{Attempt, StepStatus, StepView, view};
use orchestrator::workflows::{Workflow, WorkflowStatus};

/// So many milliseconds after the start.
fn at(millis: i64) -> Timestamp {
    let start = jiff::Timestamp::from_second(1_800_000_000).unwrap();
    (start + jiff::SignedDuration::from_millis(millis)).into()
}

fn definition(names: &[&str]) -> Definition {
    let step = |name: &&str| Step {
        name: (*name).to_owned(),
        work: Work::Command(CommandWork {
            command: "test".to_owned(),
        }),
        needs: Vec::new(),
        retries: 0,
        timeout_seconds: 0,
        worktree: None,
        on_failure: OnFailure::Stop,
    };
    Definition {
        description: String::new(),
        input: BTreeMap::default(),
        executor: "demo".to_owned(),
        timeout_seconds: 0,
        worktree: false,
        steps: names.iter().map(step).collect(),
    }
}

fn workflow(completed_at: Option<Timestamp>) -> Workflow {
    Workflow {
        id: "0197f3c2-0000-7000-8000-000000000000".parse().unwrap(),
        adw_name: "flow".to_owned(),
        workflow_type: "flow".to_owned(),
        description: None,
        status: if completed_at.is_some() {
            WorkflowStatus::Completed
        } else {
            WorkflowStatus::Running
        },
        current_step: None,
        total_steps: None,
        completed_steps: 0,
        steps: None,
        input_data: None,
        output_data: None,
        started_at: Some(at(0)),
        completed_at,
        duration_seconds: None,
        error_message: None,
        error_step: None,
        error_count: 0,
        metadata: None,
        orchestrator_agent_id: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// Attempts of steps, from and to so many milliseconds after the start.
fn attempts(given: &[(&str, i64, Option<i64>)]) -> Vec<Attempt> {
    let attempt = |(seq, (step, from, to)): (i64, &(&str, i64, Option<i64>))| Attempt {
        seq,
        step: (*step).to_owned(),
        iteration: seq,
        attempt: 1,
        status: if to.is_some() {
            StepStatus::Completed
        } else {
            StepStatus::Running
        },
        run_id: None,
        exit_reason: None,
        error: None,
        result: None,
        started_at: at(*from),
        completed_at: to.map(at),
    };
    (1..).zip(given).map(attempt).collect()
}

/// `name milliseconds percent`, and `!` for the bottleneck.
fn shares(workflow: &Workflow, attempts: &[Attempt], now: i64) -> Vec<String> {
    let views = view(workflow, &definition(&["a", "b", "c"]), attempts, at(now));
    let share = |it: &StepView| {
        let mark = if it.is_bottleneck { " !" } else { "" };
        format!("{} {} {}{mark}", it.name, it.duration_ms, it.share_percent)
    };
    views.iter().map(share).collect()
}

#[test]
fn a_share_is_that_of_all_attempts_in_the_time_from_start_to_end() {
    let ended = workflow(Some(at(3000)));
    let runs = attempts(&[
        ("a", 0, Some(500)),
        ("b", 500, Some(1000)),
        ("b", 1000, Some(2001)),
        ("c", 2001, Some(3000)),
    ]);
    // Of an ended workflow, it makes no difference when one looks.
    assert_eq!(
        shares(&ended, &runs, 9000),
        ["a 500 16.7", "b 1501 50", "c 999 33.3"]
    );
    let runs = attempts(&[("a", 0, Some(1492)), ("b", 1492, Some(3000))]);
    assert_eq!(
        shares(&ended, &runs, 9000),
        ["a 1492 49.7", "b 1508 50.3 !", "c 0 0"]
    );
}

#[test]
fn what_goes_on_counts_up_to_now_and_what_is_at_the_same_time_counts_twice() {
    let runs = attempts(&[("a", 0, Some(1000)), ("b", 0, None), ("c", 900, None)]);
    assert_eq!(
        shares(&workflow(None), &runs, 1000),
        ["a 1000 100 !", "b 1000 100 !", "c 100 10"]
    );
    assert_eq!(
        shares(&workflow(None), &runs, 4000),
        ["a 1000 25", "b 4000 100 !", "c 3100 77.5 !"]
    );
}

#[test]
fn what_was_kept_of_an_earlier_workflow_took_none_of_the_time() {
    let runs = attempts(&[("a", -5000, Some(-1000)), ("b", 0, Some(400))]);
    assert_eq!(
        shares(&workflow(Some(at(400))), &runs, 400),
        ["a 0 0", "b 400 100 !", "c 0 0"]
    );
}

#[test]
fn no_time_at_all_is_no_share() {
    let runs = attempts(&[("a", 0, Some(0))]);
    assert_eq!(
        shares(&workflow(Some(at(0))), &runs, 0),
        ["a 0 0", "b 0 0", "c 0 0"]
    );
}
