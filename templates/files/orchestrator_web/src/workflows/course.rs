//! What comes next in a workflow, from its definition and what its steps have done so far. It asks
//! neither the database nor the time: the same past always leads to the same future.

use super::definition::{Definition, OnFailure, Step};
use super::steps::{Attempt, StepStatus};

/// A try of a step that is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The place of the step in the definition.
    pub step: usize,
    /// How often the workflow has come to the step, from 1.
    pub iteration: i64,
    /// From 1 in each iteration.
    pub attempt: i64,
}

/// The course of a workflow so far.
pub struct Course<'a> {
    definition: &'a Definition,
    attempts: &'a [Attempt],
    /// For each step its last attempt, if that counts.
    current: Vec<Option<&'a Attempt>>,
}

impl<'a> Course<'a> {
    /// `attempts` in the order in which they began. One counts until anything that the step needs has
    /// begun anew after it.
    pub fn new(definition: &'a Definition, attempts: &'a [Attempt]) -> Self {
        let mut current: Vec<Option<&Attempt>> = Vec::new();
        for step in &definition.steps {
            let last = attempts.iter().rfind(|it| it.step == step.name);
            let began_before = |need: &String, last: &Attempt| {
                let need = definition.position(need).and_then(|it| current[it]);
                need.is_some_and(|need| need.seq < last.seq)
            };
            let counts = |last: &&Attempt| step.needs.iter().all(|need| began_before(need, last));
            current.push(last.filter(counts));
        }
        Self {
            definition,
            attempts,
            current,
        }
    }

    /// What may begin now. Nothing begins that a jump back will make begin anew; and the jump waits for
    /// what goes on there.
    pub fn next(&self) -> Vec<Turn> {
        let mut turns = Vec::new();
        let mut is_held = vec![false; self.current.len()];
        for target in self.jumps() {
            let affected = self.definition.affected_by(target);
            let among = |index: usize| affected[index];
            let is_busy = |index: usize| is_held[index] || self.is(index, StepStatus::Running);
            if !(0..affected.len()).any(|index| among(index) && is_busy(index)) {
                turns.push(self.anew(target));
            }
            for (held, affected) in is_held.iter_mut().zip(&affected) {
                *held |= affected;
            }
        }
        for (index, step) in self.definition.steps.iter().enumerate() {
            if is_held[index] {
                continue;
            }
            match self.current[index] {
                Some(attempt) if may_try_again(step, attempt) => turns.push(Turn {
                    step: index,
                    iteration: attempt.iteration,
                    attempt: attempt.attempt + 1,
                }),
                None if self.needs_are_met(step) => turns.push(self.anew(index)),
                _ => {}
            }
        }
        turns
    }

    /// The attempts that count, in the order of the definition.
    pub fn current(&self) -> impl Iterator<Item = (&'a Step, Option<&'a Attempt>)> {
        self.definition
            .steps
            .iter()
            .zip(self.current.iter().copied())
    }

    /// Whether a step is done, as far as those that need it are concerned.
    pub fn is_met(&self, index: usize) -> bool {
        let is_optional = self.definition.steps[index].on_failure == OnFailure::Continue;
        self.is(index, StepStatus::Completed)
            || self.is(index, StepStatus::Skipped)
            || is_optional && self.is(index, StepStatus::Failed)
    }

    /// How often the step has gone back already.
    pub fn jumps_made(&self, attempt: &Attempt) -> usize {
        let failed = |iteration| {
            let mut of_it = self.attempts.iter().filter(|it| it.step == attempt.step);
            let last = of_it.rfind(|it| it.iteration == iteration);
            last.is_some_and(|it| it.status == StepStatus::Failed)
        };
        (1..attempt.iteration).filter(|&it| failed(it)).count()
    }

    /// The steps to which those that have failed go back.
    fn jumps(&self) -> Vec<usize> {
        let jump = |(step, attempt): (&Step, Option<&Attempt>)| {
            let attempt =
                attempt.filter(|it| it.status == StepStatus::Failed && !it.is_hopeless())?;
            let OnFailure::GoTo(jump) = &step.on_failure else {
                return None;
            };
            let has_one_left = self.jumps_made(attempt) < usize::from(jump.at_most.get());
            let target = self.definition.position(&jump.step);
            target.filter(|_| has_one_left && !may_try_again(step, attempt))
        };
        self.current().filter_map(jump).collect()
    }

    fn anew(&self, index: usize) -> Turn {
        let name = &self.definition.steps[index].name;
        let last = self.attempts.iter().rfind(|it| it.step == *name);
        Turn {
            step: index,
            iteration: last.map_or(1, |it| it.iteration + 1),
            attempt: 1,
        }
    }

    fn needs_are_met(&self, step: &Step) -> bool {
        let mut needs = step.needs.iter().map(|need| self.definition.position(need));
        needs.all(|need| need.is_some_and(|need| self.is_met(need) && !self.may_change(need)))
    }

    /// Whether a failure that is no obstacle may still become a success.
    fn may_change(&self, index: usize) -> bool {
        let step = &self.definition.steps[index];
        self.current[index].is_some_and(|attempt| may_try_again(step, attempt))
    }

    fn is(&self, index: usize, status: StepStatus) -> bool {
        self.current[index].is_some_and(|it| it.status == status)
    }
}

fn may_try_again(step: &Step, attempt: &Attempt) -> bool {
    attempt.status == StepStatus::Failed
        && !attempt.is_hopeless()
        && attempt.attempt <= i64::from(step.retries)
}
