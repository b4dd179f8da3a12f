//! What happens to each file of a project, decided from its versions. No I/O.
//!
//! A new project is the case in which nothing was generated before. The dry run and the real run read the same plan.

use std::collections::BTreeMap;

use crate::tree::{RelPath, Tree};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The file is as it would be written.
    Unchanged,
    Create,
    /// The user has another file of that name, which stays as it is.
    KeepOurs,
}

/// A verdict for every path of the project.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan(BTreeMap<RelPath, Verdict>);

/// Compares `ours`, what is on disk, with `theirs`, what is to be there, when nothing was generated before.
pub fn plan(ours: &Tree, theirs: &Tree) -> Plan {
    let verdict = |(path, theirs)| match ours.get(path) {
        None => Verdict::Create,
        Some(ours) if ours == theirs => Verdict::Unchanged,
        Some(_) => Verdict::KeepOurs,
    };
    Plan(
        theirs
            .iter()
            .map(|(path, file)| (path.clone(), verdict((path, file))))
            .collect(),
    )
}

impl Plan {
    /// The paths with that verdict, sorted.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &RelPath> {
        self.0
            .iter()
            .filter(move |(_, found)| **found == verdict)
            .map(|(path, _)| path)
    }
}
