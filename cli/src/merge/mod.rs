//! The three-way merge of a file: what was generated, what the user made of it, what would be generated now.
//!
//! Pure. Three layers, each for what the one before leaves in conflict: lines of text, keys of TOML, lists in Rust.
//! A result is parsed: one that is broken although both sides are not is a conflict.

mod conflict;
mod lines;
mod markers;
mod parses;
mod rust;
mod text;
mod toml;

pub use conflict::{Conflict, Labels, Reason, Side};
pub use markers::markers;
pub use parses::parses;

use crate::tree::RelPath;
use conflict::Unfinished;
use lines::Frame;
use text::Piece;

/// Three versions of one regular file's contents.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    pub base: &'a [u8],
    pub ours: &'a [u8],
    pub theirs: &'a [u8],
}

#[derive(Debug)]
pub enum Merged {
    Clean(Vec<u8>),
    Conflict(Conflict),
}

/// Bytes of one version beyond which a file is not merged.
const MOST_BYTES: usize = 4 << 20;
/// Lines of one version beyond which a file is not merged.
const MOST_LINES: usize = 100_000;

/// Merges what ours and theirs made of base. The extension of `path` tells how: `.toml` by key, `.rs` with regard to
/// lists, everything else line by line.
pub fn merge(path: &RelPath, sides: &Sides<'_>) -> Merged {
    let Sides { base, ours, theirs } = *sides;
    if let Some(bytes) = settled(base, ours, theirs) {
        return Merged::Clean(bytes.to_vec());
    }
    let versions = [base, ours, theirs];
    if versions.iter().any(|bytes| is_binary(bytes)) {
        return Merged::Conflict(Conflict::whole(Reason::Binary));
    }
    let (lines, frame) = lines::split(sides);
    let too_long = [&lines.base, &lines.ours, &lines.theirs]
        .iter()
        .any(|lines| lines.len() > MOST_LINES);
    if too_long || versions.iter().any(|bytes| bytes.len() > MOST_BYTES) {
        return Merged::Conflict(Conflict::whole(Reason::TooLarge));
    }
    let by_line = text::merge(&lines);
    let pieces = match path.extension() {
        Some("toml") => toml::merge(&lines, by_line),
        Some("rs") => rust::merge(&lines, by_line),
        _ => by_line,
    };
    finish(path, sides, pieces, frame)
}

/// Joins the pieces and looks whether the result still parses.
fn finish(path: &RelPath, sides: &Sides<'_>, pieces: Vec<Piece<'_>>, frame: Frame) -> Merged {
    let broken = |bytes| parses(path, bytes).and_then(Result::err);
    if pieces.iter().any(Piece::is_open) {
        return Merged::Conflict(Conflict::places(Unfinished {
            path: path.clone(),
            pieces: pieces.into_iter().map(Piece::into_owned).collect(),
            frame,
            ours: sides.ours.to_vec(),
            theirs: sides.theirs.to_vec(),
        }));
    }
    let bytes = frame.join(pieces.iter().flat_map(|piece| piece.favouring(Side::Ours)));
    match broken(&bytes) {
        Some(message) if broken(sides.ours).is_none() && broken(sides.theirs).is_none() => {
            Merged::Conflict(Conflict::broken_text(bytes, message))
        }
        _ => Merged::Clean(bytes),
    }
}

/// The version to take where no more than one side changed, or both to the same.
fn settled<'v, T: PartialEq + ?Sized>(base: &T, ours: &'v T, theirs: &'v T) -> Option<&'v T> {
    if ours == theirs || base == theirs {
        Some(ours)
    } else if base == ours {
        Some(theirs)
    } else {
        None
    }
}

/// Text has no byte 0, and UTF-16 is no text to tools that read it byte by byte.
fn is_binary(bytes: &[u8]) -> bool {
    bytes.contains(&0) || bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}
