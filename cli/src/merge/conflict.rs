//! What both sides changed, and the three ways out of it.

use super::lines::Frame;
use super::text::Piece;
use super::{markers, parses};
use crate::tree::RelPath;

/// A merge that a person has to finish.
#[derive(Debug)]
pub struct Conflict {
    reason: Reason,
    /// None where the file cannot be merged as text.
    text: Option<Unfinished>,
    /// The clean result that does not parse.
    broken: Option<Vec<u8>>,
}

/// A merged text with places left open.
#[derive(Debug)]
pub(super) struct Unfinished {
    pub path: RelPath,
    pub pieces: Vec<Piece<'static>>,
    pub frame: Frame,
    /// The whole files: where one parses, so must the result that favours it.
    pub ours: Vec<u8>,
    pub theirs: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Both changed the same lines or keys.
    SameLines,
    Binary,
    TooLarge,
    /// Merged without a conflict, but no longer parses although both sides did; with the parser's message.
    NoLongerParses(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Ours,
    Theirs,
}

/// What stands on the marker lines, without a line break. They begin with `ours:`, `base:` and `theirs:`, by which
/// [`markers`] knows them.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    pub ours: &'a str,
    pub base: &'a str,
    pub theirs: &'a str,
}

impl Conflict {
    /// The file as a whole.
    pub(super) fn whole(reason: Reason) -> Self {
        Self {
            reason,
            text: None,
            broken: None,
        }
    }

    /// A text that merged cleanly, but of which the parser says this.
    pub(super) fn broken_text(text: Vec<u8>, message: String) -> Self {
        Self {
            broken: Some(text),
            ..Self::whole(Reason::NoLongerParses(message))
        }
    }

    /// Places of a text.
    pub(super) fn places(text: Unfinished) -> Self {
        Self {
            reason: Reason::SameLines,
            text: Some(text),
            broken: None,
        }
    }

    /// What it merged to, where that no longer parses.
    pub fn broken(&self) -> Option<&[u8]> {
        self.broken.as_deref()
    }

    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// How many places conflict; 1 where the whole file is one.
    pub fn count(&self) -> usize {
        self.text.as_ref().map_or(1, |text| {
            text.pieces.iter().filter(|piece| piece.is_open()).count()
        })
    }

    /// The text with diff3 markers; `None` where the file cannot be merged as text.
    pub fn inline(&self, labels: &Labels<'_>) -> Option<Vec<u8>> {
        self.text.as_ref().map(|text| text.inline(labels))
    }

    /// The clean parts merged, each conflicting place decided for `side`; `None` where the file cannot be merged as
    /// text, and where the result would not parse although that side does.
    pub fn favouring(&self, side: Side) -> Option<Vec<u8>> {
        self.text.as_ref().and_then(|text| text.favouring(side))
    }
}

impl Unfinished {
    fn inline(&self, labels: &Labels<'_>) -> Vec<u8> {
        let lines = self.pieces.iter().flat_map(Piece::versions);
        let width = markers::width(&lines.map(|line| &*line.text).collect::<Vec<_>>());
        let fence = |character, label| self.frame.line(markers::fence(character, width, label));
        let mut lines = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Settled(settled) => lines.extend_from_slice(settled),
                Piece::Open(open) => {
                    lines.push(fence(b'<', Some(labels.ours)));
                    lines.extend_from_slice(&open.ours);
                    lines.push(fence(b'|', Some(labels.base)));
                    lines.extend_from_slice(&open.base);
                    lines.push(fence(b'=', None));
                    lines.extend_from_slice(&open.theirs);
                    lines.push(fence(b'>', Some(labels.theirs)));
                }
            }
        }
        self.frame.join(&lines)
    }

    fn favouring(&self, side: Side) -> Option<Vec<u8>> {
        let lines = self.pieces.iter().flat_map(|piece| piece.favouring(side));
        let bytes = self.frame.join(lines);
        let whole = match side {
            Side::Ours => &self.ours,
            Side::Theirs => &self.theirs,
        };
        let is_broken = |bytes| matches!(parses(&self.path, bytes), Some(Err(_)));
        (!is_broken(&bytes) || is_broken(whole)).then_some(bytes)
    }
}
