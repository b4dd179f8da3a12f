//! What happens to one file.

use crate::merge::{Reason, Side};
use crate::tree::{File, RelPath};

/// A verdict, and what carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub verdict: Verdict,
    pub effect: Effect,
    /// The path that this file had: the template set, or the user, has moved it from there.
    pub from: Option<RelPath>,
    /// Where the file at `from` is to go away.
    pub leaves: bool,
    /// The template's version, written beside the user's.
    pub sidecar: Option<(RelPath, File)>,
    /// The text of a conflict with the three versions between markers.
    pub marked: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    Nothing,
    Write(File),
    Remove,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The file is as it is to be.
    Unchanged,
    /// The template did not move: what the user made of the file stays, its absence too.
    KeepOurs,
    Create,
    Update,
    Delete,
    /// Both changed it, in different places.
    Merge,
    /// The template changed it, the user has deleted it.
    StaysDeleted,
    /// The user changed it, the template has it no more.
    Stale,
    /// The template changed it, and it is not the template's to change.
    Yours(Whose),
    /// Decided for one side in every place where the two disagree.
    Decided(Side),
    /// Why, and in how many places.
    Conflict(Cause, usize),
}

/// Why a file is the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// It is generated once.
    Once,
    /// It was there before anything was generated.
    Before,
    /// It was not meant to be edited, and is.
    Edited,
    /// A lock file that was edited: cargo brings it up to date.
    Lock,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    Contents(Reason),
    /// Two files that have nothing in common but their name.
    Unrelated,
    /// A file, a folder, a link: each side has another of them there.
    Kind,
}

impl Verdict {
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(..))
    }
}

impl From<Verdict> for Step {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            effect: Effect::Nothing,
            from: None,
            leaves: false,
            sidecar: None,
            marked: None,
        }
    }
}

impl Step {
    pub(super) fn write(verdict: Verdict, file: File) -> Self {
        Self {
            effect: Effect::Write(file),
            ..verdict.into()
        }
    }

    pub(super) fn remove() -> Self {
        Self {
            effect: Effect::Remove,
            ..Verdict::Delete.into()
        }
    }

    /// Takes `ours`, or what has become of it, away from where it was.
    pub(super) fn moved(self, from: &RelPath, ours: &File) -> Self {
        let effect = match self.effect {
            Effect::Nothing => Effect::Write(ours.clone()),
            effect => effect,
        };
        Self {
            effect,
            from: Some(from.clone()),
            leaves: true,
            ..self
        }
    }

    pub(super) fn renamed(self, from: &RelPath) -> Self {
        Self {
            from: Some(from.clone()),
            ..self
        }
    }
}
