//! The merge of one header, or of one key, its value and the comments above it.

use super::entries::{Entry, told};
use super::values;
use crate::merge::lines::{Line, Lines};
use crate::merge::settled;
use crate::merge::text::{self, Piece};

/// The versions of an entry in base, ours and theirs.
pub type Versions<'d, 'l, 'a> = [Option<&'d Entry<'l, 'a>>; 3];

/// What comes of an entry; nothing if it is gone. One that a side removed and the other changed is open.
pub fn merge<'a>(versions: &Versions<'_, '_, 'a>) -> Option<Vec<Piece<'a>>> {
    let [base, ours, theirs] = versions;
    if let Some(chosen) = settled(base, ours, theirs) {
        return chosen.map(|entry| vec![Piece::Settled(entry.all_lines())]);
    }
    let absent = Entry::default();
    let [base, ours, theirs] = versions.map(|entry| entry.unwrap_or(&absent));
    if versions[1..].contains(&None) {
        return Some(vec![open(
            base.all_lines(),
            ours.all_lines(),
            theirs.all_lines(),
        )]);
    }
    let mut pieces = comments(base.above, ours.above, theirs.above);
    pieces.push(match settled(base.lines, ours.lines, theirs.lines) {
        Some(lines) => Piece::Settled(lines.to_vec()),
        None => match within_line(versions[0], ours, theirs) {
            Some(line) => Piece::Settled(vec![line]),
            None => open(
                base.lines.to_vec(),
                ours.lines.to_vec(),
                theirs.lines.to_vec(),
            ),
        },
    });
    Some(pieces)
}

fn open<'a>(base: Vec<Line<'a>>, ours: Vec<Line<'a>>, theirs: Vec<Line<'a>>) -> Piece<'a> {
    Piece::Open(Lines { base, ours, theirs })
}

/// Merges comments. Blank lines are no change.
pub fn comments<'a>(base: &[Line<'a>], ours: &[Line<'a>], theirs: &[Line<'a>]) -> Vec<Piece<'a>> {
    let [was, is, new] = [base, ours, theirs].map(told);
    match settled(&was, &is, &new) {
        Some(same) if *same == is => vec![Piece::Settled(ours.to_vec())],
        Some(_) => vec![Piece::Settled(theirs.to_vec())],
        None => text::merge(&Lines {
            base: base.to_vec(),
            ours: ours.to_vec(),
            theirs: theirs.to_vec(),
        }),
    }
}

/// Our line with the changes of theirs to the value. What is around the value stays ours.
fn within_line<'a>(base: Option<&Entry>, ours: &Entry<'_, 'a>, theirs: &Entry) -> Option<Line<'a>> {
    let value = |entry: &Entry<'_, '_>| {
        let (text, at) = entry.one_line()?;
        Some(text[at].to_owned())
    };
    let base = match base {
        Some(base) => Some(value(base)?),
        None => None,
    };
    let (text, at) = ours.one_line()?;
    let merged = values::merge(base.as_deref(), &text[at.clone()], &value(theirs)?)?;
    let line = [&text[..at.start], &merged, &text[at.end..]].concat();
    Some(ours.lines[0].saying(line.into_bytes()))
}
