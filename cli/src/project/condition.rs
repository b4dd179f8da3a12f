//! What has become of the files of a project.

use std::collections::BTreeMap;

use super::ours::look;
use super::{Left, Project};
use crate::Result;
use crate::merge::markers;
use crate::plan::There;
use crate::templates::Policy;
use crate::tree::RelPath;

/// What has become of a file that was generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// As it was generated.
    Pristine,
    Edited,
    Missing,
    /// The user's since it was generated.
    Once,
    /// The user's from before; what would have been generated lies in `.tac/offered/`.
    Kept,
    /// Edited when the template set dropped it: the user's since.
    Stale,
    /// An upgrade has left something for a person to decide.
    Conflicted,
}

/// The condition of every file that was ever generated, or would have been.
pub fn conditions(project: &Project) -> Result<BTreeMap<RelPath, Condition>> {
    let state = &project.state;
    let ours = look(&project.root, state.files.keys())?;
    let condition = |(path, written): (&RelPath, &super::state::Written)| {
        let condition = match ours.get(path) {
            None => Condition::Missing,
            Some(_) if written.policy == Policy::Once => Condition::Once,
            Some(There::File(file)) if written.is(file) => Condition::Pristine,
            Some(_) => Condition::Edited,
        };
        (path.clone(), condition)
    };
    let mut conditions: BTreeMap<RelPath, Condition> = state.files.iter().map(condition).collect();
    let all = |paths: &std::collections::BTreeSet<RelPath>, condition| {
        let each = paths.iter().map(|path| (path.clone(), condition));
        each.collect::<Vec<_>>()
    };
    conditions.extend(all(&state.kept, Condition::Kept));
    let there = look(&project.root, &state.stale)?;
    conditions.extend(there.into_keys().map(|path| (path, Condition::Stale)));
    let left = unresolved(project)?.into_iter();
    conditions.extend(left.map(|conflict| (conflict.path, Condition::Conflicted)));
    Ok(conditions)
}

/// A conflict that nobody has resolved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    pub path: RelPath,
    /// The numbers of the lines that are markers, from 1. There are none where the template's version lies beside.
    pub lines: Vec<usize>,
    pub beside: Option<RelPath>,
}

/// The conflicts whose markers, or whose file beside, are still there.
pub fn unresolved(project: &Project) -> Result<Vec<Unresolved>> {
    let mut unresolved = Vec::new();
    for (path, left) in &project.state.conflicts {
        let at = match left {
            Left::Markers => path,
            Left::Beside(name) => name,
        };
        let lines = match (left, look(&project.root, [at])?.remove(at)) {
            (_, None) => continue,
            (Left::Markers, Some(There::File(file))) => markers(file.bytes()),
            _ => Vec::new(),
        };
        let beside = match left {
            Left::Markers if lines.is_empty() => continue,
            Left::Markers => None,
            Left::Beside(name) => Some(name.clone()),
        };
        unresolved.push(Unresolved {
            path: path.clone(),
            lines,
            beside,
        });
    }
    Ok(unresolved)
}

impl std::fmt::Display for Unresolved {
    /// `src/app.rs (line 12)`, `logo.png (theirs is logo.png.theirs)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.beside, self.lines.first()) {
            (Some(beside), _) => write!(f, "{} (the template's version is {beside})", self.path),
            (None, Some(line)) => write!(f, "{} (markers from line {line} on)", self.path),
            (None, None) => write!(f, "{}", self.path),
        }
    }
}
