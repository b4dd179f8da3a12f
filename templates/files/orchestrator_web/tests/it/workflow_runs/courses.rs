//! What comes next, for workflows and fates that nobody has thought of.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use orchestrator::time::{Clock, Timestamp};
use orchestrator::workflows::course::{Course, Turn};
use orchestrator::workflows::definition::{CommandWork, Definition, GoTo, OnFailure, Step, Work};
use orchestrator::workflows::steps::{Attempt, StepStatus};

const CASES: u64 = 3000;

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn definition(dice: &mut Dice) -> Definition {
    let mut definition = Definition {
        description: String::new(),
        input: BTreeMap::default(),
        executor: "demo".to_owned(),
        timeout_seconds: 0,
        worktree: false,
        steps: Vec::new(),
    };
    for index in 0..=dice.roll(6) {
        let needs = (0..index).filter(|_| dice.roll(3) == 0);
        definition.steps.push(Step {
            name: format!("s{index}"),
            work: Work::Command(CommandWork {
                command: "test".to_owned(),
            }),
            needs: needs.map(|need| format!("s{need}")).collect(),
            retries: u16::try_from(dice.roll(3)).unwrap(),
            timeout_seconds: 0,
            worktree: None,
            on_failure: OnFailure::Stop,
        });
        let targets: Vec<_> = (0..index)
            .filter(|&it| definition.affected_by(it)[index])
            .collect();
        definition.steps[index].on_failure = match dice.roll(4) {
            0 => OnFailure::Continue,
            1 | 2 if !targets.is_empty() => OnFailure::GoTo(GoTo {
                step: format!("s{}", targets[dice.roll(targets.len())]),
                at_most: NonZeroU16::new(1 + u16::try_from(dice.roll(2)).unwrap()).unwrap(),
            }),
            _ => OnFailure::Stop,
        };
    }
    definition
}

fn begun(definition: &Definition, turn: Turn, seq: usize, now: Timestamp) -> Attempt {
    Attempt {
        seq: i64::try_from(seq).unwrap(),
        step: definition.steps[turn.step].name.clone(),
        iteration: turn.iteration,
        attempt: turn.attempt,
        status: StepStatus::Running,
        run_id: None,
        exit_reason: None,
        error: None,
        result: None,
        started_at: now,
        completed_at: None,
    }
}

/// Plays a workflow to its end: each time some step that goes on ends, well or badly.
fn play(definition: &Definition, dice: &mut Dice) -> Vec<Attempt> {
    let now = Clock::system().now();
    let mut attempts: Vec<Attempt> = Vec::new();
    loop {
        let course = Course::new(definition, &attempts);
        let turns = course.next();
        for turn in &turns {
            let step = &definition.steps[turn.step];
            for need in &step.needs {
                let need = definition.position(need).unwrap();
                let is_met = course.is_met(need);
                assert!(is_met, "{} begins before {need}: {attempts:?}", step.name);
            }
            let is_running = |it: &&Attempt| it.status == StepStatus::Running;
            let same = attempts
                .iter()
                .filter(is_running)
                .find(|it| it.step == step.name);
            assert_eq!(same, None, "it goes on already");
            // What will have to be done anew is left to end first.
            for (index, other) in definition.steps.iter().enumerate() {
                let depends = definition.affected_by(turn.step)[index];
                let running = attempts
                    .iter()
                    .filter(is_running)
                    .find(|it| it.step == other.name);
                assert!(
                    !depends || running.is_none(),
                    "{} would be lost",
                    other.name
                );
            }
        }
        let first = attempts.len() + 1;
        let new = turns.iter().enumerate();
        let new: Vec<_> = new
            .map(|(index, turn)| begun(definition, *turn, first + index, now))
            .collect();
        attempts.extend(new);
        let running = attempts
            .iter_mut()
            .filter(|it| it.status == StepStatus::Running);
        let mut running: Vec<_> = running.collect();
        if running.is_empty() {
            return attempts;
        }
        let one = dice.roll(running.len());
        let lot = [
            StepStatus::Completed,
            StepStatus::Completed,
            StepStatus::Failed,
        ];
        running[one].status = lot[dice.roll(3)];
        assert!(attempts.len() < 5000, "it never ends");
    }
}

#[test]
fn every_workflow_ends_and_no_step_begins_before_what_it_needs_or_more_often_than_it_may() {
    for case in 0..CASES {
        let mut dice = Dice(case);
        let definition = definition(&mut dice);
        let attempts = play(&definition, &mut dice);
        let course = Course::new(&definition, &attempts);
        let mut jumps = 0;
        for (index, (step, current)) in course.current().enumerate() {
            let tries = i64::from(step.retries) + 1;
            assert!(
                attempts
                    .iter()
                    .filter(|it| it.step == step.name)
                    .all(|it| it.attempt <= tries)
            );
            let needs_are_met = step
                .needs
                .iter()
                .all(|need| course.is_met(definition.position(need).unwrap()));
            assert_eq!(
                current.is_some(),
                needs_are_met,
                "{case} {}: {attempts:?}",
                step.name
            );
            // A step that has failed for good has used up all of its ways on.
            if let Some(last) = current.filter(|_| !course.is_met(index)) {
                assert_eq!(
                    (last.status, last.attempt),
                    (StepStatus::Failed, tries),
                    "{case}"
                );
                if let OnFailure::GoTo(jump) = &step.on_failure {
                    assert!(
                        usize::from(jump.at_most.get()) <= course.jumps_made(last),
                        "{case}"
                    );
                }
            }
            if let OnFailure::GoTo(jump) = &step.on_failure {
                jumps += i64::from(jump.at_most.get());
            }
        }
        // Each round of a step but the first is the work of a jump.
        assert!(
            attempts.iter().all(|it| it.iteration <= jumps + 1),
            "{case}: {attempts:?}"
        );
    }
}
