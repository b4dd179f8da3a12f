//! The merge of lines, as git does it: what one side changed is taken from it; where both did, there is a conflict.

use std::iter::Peekable;
use std::ops::Range;
use std::vec;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::lines::{Line, Lines};
use super::{Side, settled};

/// A stretch of the merged text.
#[derive(Debug, Clone)]
pub enum Piece<'a> {
    Settled(Vec<Line<'a>>),
    /// What base says and what each side made of it.
    Open(Lines<'a>),
}

impl<'a> Piece<'a> {
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Its lines if what is open is decided for `side`.
    pub fn favouring(&self, side: Side) -> &[Line<'a>] {
        match (self, side) {
            (Self::Settled(lines), _) => lines,
            (Self::Open(open), Side::Ours) => &open.ours,
            (Self::Open(open), Side::Theirs) => &open.theirs,
        }
    }

    /// Every version of its lines.
    pub fn versions(&self) -> impl Iterator<Item = &Line<'a>> + Clone {
        let parts: [&[Line]; 3] = match self {
            Self::Settled(lines) => [lines, &[], &[]],
            Self::Open(open) => [&open.base, &open.ours, &open.theirs],
        };
        parts.into_iter().flatten()
    }

    pub fn into_owned(self) -> Piece<'static> {
        match self {
            Self::Settled(lines) => {
                Piece::Settled(lines.into_iter().map(Line::into_owned).collect())
            }
            Self::Open(open) => Piece::Open(open.into_owned()),
        }
    }
}

/// Merges line by line. Changes that touch each other conflict unless they are the same.
pub fn merge<'a>(lines: &Lines<'a>) -> Vec<Piece<'a>> {
    if lines.base.is_empty() {
        return compare(&lines.ours, &lines.theirs);
    }
    let mut ours = Walk::new(&lines.base, &lines.ours);
    let mut theirs = Walk::new(&lines.base, &lines.theirs);
    let mut pieces = Vec::new();
    while let Some(start) = [ours.start(), theirs.start()].into_iter().flatten().min() {
        settle(&mut pieces, ours.until(start));
        theirs.until(start);
        let mut end = start;
        let (ours_from, theirs_from) = (ours.at, theirs.at);
        while ours.reach(&mut end) || theirs.reach(&mut end) {}
        ours.until(end);
        theirs.until(end);
        let base = &lines.base[start..end];
        let ours = &lines.ours[ours_from..ours.at];
        let theirs = &lines.theirs[theirs_from..theirs.at];
        match settled(base, ours, theirs) {
            Some(lines) => settle(&mut pieces, lines),
            None => pieces.push(open(base, ours, theirs)),
        }
    }
    settle(&mut pieces, ours.until(lines.base.len()));
    pieces
}

/// Two texts without a common origin: a conflict wherever they differ.
fn compare<'a>(ours: &[Line<'a>], theirs: &[Line<'a>]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for edit in edits(ours, theirs) {
        settle(&mut pieces, &ours[at..edit.base.start]);
        at = edit.base.end;
        pieces.push(open(&[], &ours[edit.base], &theirs[edit.side]));
    }
    settle(&mut pieces, &ours[at..]);
    pieces
}

fn open<'a>(base: &[Line<'a>], ours: &[Line<'a>], theirs: &[Line<'a>]) -> Piece<'a> {
    Piece::Open(Lines {
        base: base.to_vec(),
        ours: ours.to_vec(),
        theirs: theirs.to_vec(),
    })
}

fn settle<'a>(pieces: &mut Vec<Piece<'a>>, lines: &[Line<'a>]) {
    match pieces.last_mut() {
        _ if lines.is_empty() => {}
        Some(Piece::Settled(before)) => before.extend_from_slice(lines),
        _ => pieces.push(Piece::Settled(lines.to_vec())),
    }
}

/// One of the two changed texts, walked through along base.
struct Walk<'l, 'a> {
    lines: &'l [Line<'a>],
    edits: Peekable<vec::IntoIter<Edit>>,
    /// The line reached, and the line of base that corresponds to it.
    at: usize,
    base_at: usize,
}

impl<'l, 'a> Walk<'l, 'a> {
    fn new(base: &[Line<'a>], lines: &'l [Line<'a>]) -> Self {
        Self {
            lines,
            edits: edits(base, lines).into_iter().peekable(),
            at: 0,
            base_at: 0,
        }
    }

    /// The line of base at which the next edit begins.
    fn start(&mut self) -> Option<usize> {
        self.edits.peek().map(|edit| edit.base.start)
    }

    /// Walks over unchanged lines to `base_line` of base.
    fn until(&mut self, base_line: usize) -> &'l [Line<'a>] {
        let from = self.at;
        self.at += base_line - self.base_at;
        self.base_at = base_line;
        &self.lines[from..self.at]
    }

    /// Walks over the next edit if it touches what ends at `end` of base, and moves that end.
    fn reach(&mut self, end: &mut usize) -> bool {
        let Some(edit) = self.edits.next_if(|edit| edit.base.start <= *end) else {
            return false;
        };
        *end = edit.base.end.max(*end);
        self.at = edit.side.end;
        self.base_at = edit.base.end;
        true
    }
}

/// Lines of base, and those that took their place.
struct Edit {
    base: Range<usize>,
    side: Range<usize>,
}

fn edits(base: &[Line], side: &[Line]) -> Vec<Edit> {
    capture_diff_slices(Algorithm::Myers, base, side)
        .into_iter()
        .map(|change| change.as_tag_tuple())
        .filter(|(tag, ..)| *tag != DiffTag::Equal)
        .map(|(_, base, side)| Edit { base, side })
        .collect()
}
