//! What happens to each file of a project, decided from its three versions. No I/O.
//!
//! A new project is the case in which nothing was generated before. The dry run and the real run read the same plan.

mod renames;
mod step;

use std::collections::{BTreeMap, BTreeSet};

pub use self::renames::{is_wanted, likeness};
pub use self::step::{Cause, Effect, Step, Verdict, Whose};

use crate::merge::{Conflict, Labels, Merged, Side, Sides, merge};
use crate::templates::Policy;
use crate::tree::{File, RelPath, Tree};

/// The versions of a project's files.
#[derive(Debug)]
pub struct Versions<'a> {
    /// What was generated last.
    pub base: &'a Tree,
    /// What is on disk at the paths of the two others. Nothing is there at a path that is missing.
    pub ours: &'a Ours,
    /// What is generated now.
    pub theirs: &'a Tree,
    /// Files of the user's own: one that is missing may be among them, under another name.
    pub others: &'a Tree,
}

pub type Ours = BTreeMap<RelPath, There>;

/// What is on disk at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum There {
    File(File),
    /// A folder, with everything in it that is none.
    Folder(BTreeSet<RelPath>),
    /// What lies above it, at this path, is a link or a file.
    Behind(RelPath),
    /// A socket, a device; what has a name or a target that is not UTF-8, or a folder that holds such a name.
    Other,
}

/// What rules the plan besides the versions.
#[derive(Debug, Default)]
pub struct Rules {
    /// Of the files whose policy is not the default one.
    pub policies: BTreeMap<RelPath, Policy>,
    /// Where the template set has moved a file, from the new path to the old one.
    pub moves: BTreeMap<RelPath, RelPath>,
    /// Files that the user had before anything was generated: they stay.
    pub kept: BTreeSet<RelPath>,
    /// What was offered last in their place; no more than the bytes count.
    pub offered: Tree,
    pub style: Style,
    pub broken: Broken,
    /// What conflict markers call the versions of the template set.
    pub from: String,
    pub to: String,
}

/// What becomes of a conflict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// Markers in the file, all three versions between them.
    #[default]
    Inline,
    /// Ours stays; theirs is written beside it, as `NAME.theirs`.
    Sidecar,
    /// Decided for one side, where the two disagree.
    Take(Side),
}

/// What becomes of a text that merged cleanly but no longer parses, although both sides do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Broken {
    #[default]
    Conflicts,
    IsWritten,
}

/// A step for every path that has a say in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan(pub BTreeMap<RelPath, Step>);

/// Decides what happens to every path of `base` and `theirs`.
pub fn plan(versions: &Versions<'_>, rules: &Rules) -> Plan {
    let planner = Planner {
        versions,
        rules,
        moves: moves(versions, rules),
    };
    let renames = renames::found(versions, |path| rules.policy(path));
    let leave: BTreeSet<&RelPath> = planner.moves.values().copied().collect();
    let paths: BTreeSet<&RelPath> = versions
        .base
        .keys()
        .chain(versions.theirs.keys())
        .filter(|path| !leave.contains(path))
        .collect();
    let steps = paths.into_iter().map(|path| match renames.get(path) {
        Some(name) => ((*name).clone(), planner.renamed(path, name)),
        None => (path.clone(), planner.step(path)),
    });
    Plan(steps.collect())
}

impl Plan {
    /// The paths with that verdict, sorted.
    pub fn with(&self, verdict: &Verdict) -> impl Iterator<Item = &RelPath> {
        let is_meant = move |(_, step): &(&RelPath, &Step)| step.verdict == *verdict;
        self.0.iter().filter(is_meant).map(|(path, _)| path)
    }

    /// The steps that leave something for a person to decide.
    pub fn conflicts(&self) -> impl Iterator<Item = (&RelPath, &Step)> {
        let is_conflict = |(_, step): &(&RelPath, &Step)| step.verdict.is_conflict();
        self.0.iter().filter(is_conflict)
    }
}

impl Rules {
    fn policy(&self, path: &RelPath) -> Policy {
        self.policies.get(path).copied().unwrap_or_default()
    }
}

/// The moves that apply: the old file was generated and is not the user's since; the new one was not, and its place is
/// free.
fn moves<'a>(versions: &Versions<'a>, rules: &'a Rules) -> BTreeMap<&'a RelPath, &'a RelPath> {
    let is_free = |to: &RelPath, from: &RelPath| match versions.ours.get(to) {
        None => true,
        // It moves into a folder of its own name.
        Some(There::Behind(above)) => above == from,
        Some(_) => false,
    };
    let applies = |(to, from): &(&RelPath, &RelPath)| {
        versions.theirs.contains_key(*to)
            && !versions.theirs.contains_key(*from)
            && rules.policy(from) != Policy::Once
            && versions.base.contains_key(*from)
            && !versions.base.contains_key(*to)
            && is_free(to, from)
    };
    let mut taken = BTreeSet::new();
    let moves = rules.moves.iter().filter(applies);
    moves.filter(|(_, from)| taken.insert(*from)).collect()
}

struct Planner<'a> {
    versions: &'a Versions<'a>,
    rules: &'a Rules,
    moves: BTreeMap<&'a RelPath, &'a RelPath>,
}

impl Planner<'_> {
    fn step(&self, path: &RelPath) -> Step {
        let from = self.moves.get(path).copied();
        let base = self.versions.base.get(from.unwrap_or(path));
        let theirs = self.versions.theirs.get(path);
        let ours = match self.versions.ours.get(from.unwrap_or(path)) {
            Some(There::File(file)) => Some(file),
            Some(obstacle) if !self.gives_way(path, obstacle) => {
                return self.obstructed(path, obstacle, base, theirs);
            }
            _ => None,
        };
        match (from, ours) {
            (Some(from), Some(file)) => self.decide(path, base, ours, theirs).moved(from, file),
            (Some(_), None) => Verdict::StaysDeleted.into(),
            (None, _) => self.decide(path, base, ours, theirs),
        }
    }

    /// The user calls the file that was generated at `path` by another `name`.
    fn renamed(&self, path: &RelPath, name: &RelPath) -> Step {
        let Versions {
            base,
            theirs,
            others,
            ..
        } = self.versions;
        let step = self.decide(name, base.get(path), others.get(name), theirs.get(path));
        step.renamed(path)
    }

    /// Whether everything that is in the way of a file at `path` goes by this very plan.
    fn gives_way(&self, path: &RelPath, obstacle: &There) -> bool {
        match obstacle {
            There::File(_) | There::Other => false,
            There::Folder(contents) => contents.iter().all(|path| self.goes(path)),
            There::Behind(above) => above != path && self.goes(above),
        }
    }

    /// Whether the file at `path` is one that was generated, and that goes.
    fn goes(&self, path: &RelPath) -> bool {
        let Versions {
            base, ours, theirs, ..
        } = self.versions;
        let Some(There::File(ours)) = ours.get(path) else {
            return false;
        };
        let is_deleted = base.get(path) == Some(ours)
            && !theirs.contains_key(path)
            && self.rules.policy(path) != Policy::Once;
        is_deleted || self.moves.values().any(|from| *from == path)
    }

    /// The table, a row an arm.
    fn decide(
        &self,
        path: &RelPath,
        base: Option<&File>,
        ours: Option<&File>,
        theirs: Option<&File>,
    ) -> Step {
        if ours == theirs {
            return Verdict::Unchanged.into();
        }
        if base == theirs {
            return Verdict::KeepOurs.into();
        }
        let policy = self.rules.policy(path);
        let is_kept = base.is_none() && self.rules.kept.contains(path);
        let offered = self.rules.offered.get(path);
        if is_kept && offered.map(File::bytes) == theirs.map(File::bytes) {
            return Verdict::KeepOurs.into();
        }
        match (base, ours, theirs) {
            (None, None, Some(_)) if is_kept => Verdict::StaysDeleted.into(),
            (None, None, Some(theirs)) => Step::write(Verdict::Create, theirs.clone()),
            (_, None, _) => Verdict::StaysDeleted.into(),
            (_, Some(_), Some(_)) if is_kept => Verdict::Yours(Whose::Before).into(),
            (_, Some(_), None) if policy == Policy::Once => Verdict::KeepOurs.into(),
            (_, Some(_), _) if policy == Policy::Once => Verdict::Yours(Whose::Once).into(),
            (Some(base), Some(ours), None) if base == ours => Step::remove(),
            (Some(base), Some(ours), Some(theirs)) if base == ours => {
                Step::write(Verdict::Update, theirs.clone())
            }
            (_, Some(_), None) => Verdict::Stale.into(),
            (Some(_), Some(_), Some(_)) if policy == Policy::Own => {
                Verdict::Yours(Whose::Edited).into()
            }
            (Some(_), Some(_), Some(_)) if path.name() == "Cargo.lock" => {
                Verdict::Yours(Whose::Lock).into()
            }
            (None, Some(_), Some(theirs)) => self.whole(path, Cause::Unrelated, theirs),
            (Some(base), Some(ours), Some(theirs)) => self.merge(path, base, ours, theirs),
        }
    }

    fn merge(&self, path: &RelPath, base: &File, ours: &File, theirs: &File) -> Step {
        let (
            File::Regular {
                bytes: base_bytes,
                executable: was,
            },
            File::Regular {
                bytes: our_bytes,
                executable: is,
            },
            File::Regular {
                bytes: their_bytes,
                executable: becomes,
            },
        ) = (base, ours, theirs)
        else {
            return self.whole(path, Cause::Kind, theirs);
        };
        // Who has changed the mode is followed; two who changed it have changed it to the same.
        let executable = if is == was { *becomes } else { *is };
        let file = |bytes| File::Regular { bytes, executable };
        let sides = Sides {
            base: base_bytes,
            ours: our_bytes,
            theirs: their_bytes,
        };
        match merge(path, &sides) {
            Merged::Clean(bytes) if file(bytes.clone()) == *ours => Verdict::KeepOurs.into(),
            Merged::Clean(bytes) => Step::write(Verdict::Merge, file(bytes)),
            Merged::Conflict(conflict) => match (self.rules.broken, conflict.broken()) {
                (Broken::IsWritten, Some(text)) => Step::write(Verdict::Merge, file(text.to_vec())),
                _ => self.conflict(path, &conflict, theirs, &file),
            },
        }
    }

    fn conflict(
        &self,
        path: &RelPath,
        conflict: &Conflict,
        theirs: &File,
        file: &dyn Fn(Vec<u8>) -> File,
    ) -> Step {
        let cause = Cause::Contents(conflict.reason().clone());
        let places = conflict.count();
        let (base, becomes) = (&self.rules.from, &self.rules.to);
        let labels = Labels {
            ours: "ours: your file",
            base: &format!("base: {base}"),
            theirs: &format!("theirs: {becomes}"),
        };
        let marked = conflict.inline(&labels);
        let step = match (self.rules.style, &marked) {
            (Style::Inline, Some(text)) => {
                Step::write(Verdict::Conflict(cause, places), file(text.clone()))
            }
            (Style::Take(side), _) => match conflict.favouring(side) {
                Some(text) => Step::write(Verdict::Decided(side), file(text)),
                None => self.whole(path, cause, theirs),
            },
            _ => self.whole(path, cause, theirs),
        };
        Step { marked, ..step }
    }

    /// A conflict over the file as a whole.
    fn whole(&self, path: &RelPath, cause: Cause, theirs: &File) -> Step {
        match self.rules.style {
            Style::Take(Side::Ours) => Verdict::Decided(Side::Ours).into(),
            Style::Take(Side::Theirs) => {
                Step::write(Verdict::Decided(Side::Theirs), theirs.clone())
            }
            Style::Inline | Style::Sidecar => Step {
                sidecar: Some((path.beside(".theirs"), theirs.clone())),
                ..Verdict::Conflict(cause, 1).into()
            },
        }
    }

    /// No file can be at `path`. What the template has for it goes beside what is in the way.
    fn obstructed(
        &self,
        path: &RelPath,
        obstacle: &There,
        base: Option<&File>,
        theirs: Option<&File>,
    ) -> Step {
        let Some(theirs) = theirs.filter(|theirs| base != Some(*theirs)) else {
            return Verdict::KeepOurs.into();
        };
        if self.rules.policy(path) == Policy::Once {
            return Verdict::Yours(Whose::Once).into();
        }
        if self.rules.style == Style::Take(Side::Ours) {
            return Verdict::Decided(Side::Ours).into();
        }
        let sidecar = match obstacle {
            There::Behind(above) => path.below_beside(above, ".theirs"),
            _ => path.beside(".theirs"),
        };
        Step {
            sidecar: Some((sidecar, theirs.clone())),
            ..Verdict::Conflict(Cause::Kind, 1).into()
        }
    }
}
