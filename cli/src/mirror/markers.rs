//! Markers: comments alone on their line that say which lines belong to an option.
//!
//! `// tac:if docs` … `// tac:end`, or with `#`, `--` or `<!-- … -->`. They do not nest, and there is no else.

use std::ops::Range;

use crate::{Error, Result};

const PAIRS: &str = "each `tac:if OPTION` is closed by one `tac:end`, and none lies in another";

/// A part of a file, in order: its lines between the markers, and the markers.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(Range<usize>),
    If(&'a str),
    End,
}

enum Marker<'a> {
    If(&'a str),
    End,
    /// It begins like a marker, and is none.
    Malformed,
}

/// `text`, the contents of `file`, less the lines that are markers. The lines between them stay.
pub fn without_markers(file: &str, text: &str) -> Result<String> {
    let pieces = pieces(file, text)?;
    Ok(pieces
        .into_iter()
        .filter_map(|piece| {
            if let Piece::Text(range) = piece {
                Some(&text[range])
            } else {
                None
            }
        })
        .collect())
}

pub(super) fn pieces<'a>(file: &str, text: &'a str) -> Result<Vec<Piece<'a>>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut opened = None;
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let wrong = |what: &str| Error::new(format!("mirror {file}, line {number}: {what}"), PAIRS);
        if let Some(marker) = marker(line) {
            pieces.push(Piece::Text(start..at));
            pieces.push(match (marker, opened) {
                (Marker::If(_), Some(_)) => return Err(wrong("`tac:if` inside `tac:if`")),
                (Marker::If(option), None) => {
                    opened = Some(number);
                    Piece::If(option)
                }
                (Marker::End, None) => return Err(wrong("`tac:end` without `tac:if`")),
                (Marker::End, Some(_)) => {
                    opened = None;
                    Piece::End
                }
                (Marker::Malformed, _) => {
                    return Err(wrong("a marker is `tac:if OPTION` or `tac:end`")
                        .hint("it stands alone in the comment"));
                }
            });
            start = at + line.len();
        }
        at += line.len();
    }
    if let Some(number) = opened {
        return Err(Error::new(
            format!("mirror {file}, line {number}: `tac:if` without `tac:end`"),
            PAIRS,
        ));
    }
    pieces.push(Piece::Text(start..at));
    Ok(pieces)
}

/// Where the first line begins that is a marker, or tries to be.
pub(super) fn first(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if marker(line).is_some() {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn marker(line: &str) -> Option<Marker<'_>> {
    let line = line.trim();
    let open_comment = line
        .strip_prefix("//")
        .or_else(|| line.strip_prefix('#'))
        .or_else(|| line.strip_prefix("--"));
    let closed_comment = || line.strip_prefix("<!--")?.strip_suffix("-->");
    let words = open_comment
        .or_else(closed_comment)?
        .trim()
        .strip_prefix("tac:")?;
    Some(match words.split_once(' ') {
        None if words == "end" => Marker::End,
        Some(("if", option)) if !option.contains(char::is_whitespace) => Marker::If(option),
        _ => Marker::Malformed,
    })
}
