//! An upgrade in memory: the plan is made of trees, and carried out on a tree.

use std::collections::BTreeSet;

use tac_bootstrap::plan::{Effect, Ours, Plan, Rules, Style, There, Versions, plan};
use tac_bootstrap::templates::Policy;
use tac_bootstrap::tree::{File, RelPath, Tree};

use super::trees::Place;

pub fn rules(places: &[Place], style: Style) -> Rules {
    let policies = places.iter().filter(|place| place.policy != Policy::Merge);
    Rules {
        policies: policies
            .map(|place| (crate::fixture::path(place.path), place.policy))
            .collect(),
        style,
        from: "set 1".to_owned(),
        to: "set 2".to_owned(),
        ..Rules::default()
    }
}

/// The plan, and the project once it is carried out.
pub fn upgraded(base: &Tree, ours: &Tree, theirs: &Tree, rules: &Rules) -> (Plan, Tree) {
    let paths: BTreeSet<&RelPath> = base.keys().chain(theirs.keys()).collect();
    let there: Ours = paths
        .iter()
        .filter_map(|path| Some(((*path).clone(), there(ours, path)?)))
        .collect();
    let others: Tree = ours
        .iter()
        .filter(|(path, _)| !paths.contains(path))
        .map(|(path, file)| (path.clone(), file.clone()))
        .collect();
    let versions = Versions {
        base,
        ours: &there,
        theirs,
        others: &others,
    };
    let plan = plan(&versions, rules);
    let after = carried_out(&plan, ours);
    (plan, after)
}

fn there(ours: &Tree, path: &RelPath) -> Option<There> {
    if let Some(above) = path.folders().find(|above| ours.contains_key(above)) {
        return Some(There::Behind(above));
    }
    if let Some(file) = ours.get(path) {
        return Some(There::File(file.clone()));
    }
    let inside = ours
        .keys()
        .filter(|other| other.folders().any(|above| above == *path));
    let contents: BTreeSet<RelPath> = inside.cloned().collect();
    (!contents.is_empty()).then_some(There::Folder(contents))
}

/// Nothing is written over what the plan does not speak of, nor where a file would have to be a folder.
fn carried_out(plan: &Plan, ours: &Tree) -> Tree {
    let mut after = ours.clone();
    for (path, step) in &plan.0 {
        if step.effect == Effect::Remove {
            after.remove(path).expect("what is removed was there");
        }
        if let Some(from) = step.from.as_ref().filter(|_| step.leaves) {
            after.remove(from).expect("what moves was there");
        }
    }
    for (path, step) in &plan.0 {
        if let Effect::Write(file) = &step.effect {
            let is_new = after.insert(path.clone(), file.clone()).is_none();
            assert_eq!(is_new, !ours.contains_key(path) || step.leaves, "{path}");
        }
        if let Some((name, file)) = &step.sidecar {
            assert_eq!(after.insert(name.clone(), file.clone()), None, "{name}");
        }
    }
    for path in after.keys() {
        let above = path.folders().find(|above| after.contains_key(above));
        assert_eq!(above, None, "{path} lies in a file");
    }
    after
}

pub fn has_conflicts(plan: &Plan) -> bool {
    plan.conflicts().next().is_some()
}

/// Whether the plan changes nothing.
pub fn is_idle(plan: &Plan) -> bool {
    plan.0
        .values()
        .all(|step| step.effect == Effect::Nothing && step.sidecar.is_none() && !step.leaves)
}

/// The lines of a file without what ends them.
pub fn lines(file: &File) -> Vec<&[u8]> {
    let text = file.bytes();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .collect()
}

/// The path at which what the user had at `path` is now, where it is at all.
pub fn now_at<'a>(plan: &'a Plan, path: &'a RelPath) -> &'a RelPath {
    let moved = plan
        .0
        .iter()
        .find(|(_, step)| step.leaves && step.from.as_ref() == Some(path));
    moved.map_or(path, |(to, _)| to)
}
