//! What a start from a step does not repeat, and whether it is still there to go on with.

use crate::db::Read;
use crate::workflows::course::Course;
use crate::workflows::definition::{Definition, Step};
use crate::workflows::steps::{Attempt, REFUSED, StepStatus};
use crate::{Error, Result, worktrees};

/// The attempts that a start from the step at `place` does not repeat. 409 if what one of them has done is
/// gone with its work tree, and then with the step from which nothing is missing.
pub fn keep(
    db: &Read,
    definition: &Definition,
    attempts: &[Attempt],
    place: usize,
) -> Result<Vec<Attempt>> {
    let course = &Course::new(definition, attempts);
    let mut gone = Vec::new();
    for (step, attempt) in course.current() {
        let why = attempt.map(|attempt| why_gone(db, definition, step, attempt));
        gone.push(why.transpose()?.flatten());
    }
    let steps = 0..gone.len();
    let kept = |place: usize| {
        let affected = definition.affected_by(place);
        let is_kept = move |step: &usize| !affected[*step] && course.is_met(*step);
        steps.clone().filter(is_kept)
    };
    let name = |step: usize| &definition.steps[step].name;
    if let Some((step, why)) = kept(place).find_map(|step| Some((step, gone[step].as_ref()?))) {
        let is_whole = |from: &usize| kept(*from).all(|step| gone[step].is_none());
        let instead = match steps.clone().rev().find(is_whole) {
            Some(from) => format!("restart from `{}`", name(from)),
            None => "restart the workflow from its beginning".to_owned(),
        };
        let detail = format!("what `{}` has done is gone: {why}; {instead}", name(step));
        return Err(Error::Conflict(detail));
    }
    let current: Vec<_> = course.current().map(|(_, attempt)| attempt).collect();
    let mut kept: Vec<_> = kept(place).filter_map(|it| current[it].cloned()).collect();
    kept.sort_by_key(|it| it.seq);
    Ok(kept)
}

/// Why nobody can go on with what an attempt has done.
fn why_gone(
    db: &Read,
    definition: &Definition,
    step: &Step,
    attempt: &Attempt,
) -> Result<Option<String>> {
    let Some(run) = attempt.run_id else {
        let has_run = attempt.status != StepStatus::Skipped
            && attempt.exit_reason.as_deref() != Some(REFUSED);
        let had_one = has_run && step.worktree.unwrap_or(definition.worktree);
        return Ok(had_one.then(|| "its run and that run's work tree are not kept any more".into()));
    };
    let worktree = worktrees::queries::of(db, run)?;
    match worktree.map(worktrees::Worktree::to_go_on).transpose() {
        Err(Error::Conflict(why)) => Ok(Some(why)),
        found => found.map(|_| None),
    }
}
