//! The merge of TOML by key.
//!
//! The merge of the lines is taken where it says what a merge of the keys must say: it keeps order and comments best. Else
//! each entry is merged by itself. Arrays, arrays of tables among them, are one value.

mod entries;
mod entry;
mod keys;
mod leaves;
mod values;

use leaves::Leaves;

use super::Side;
use super::lines::Lines;
use super::text::Piece;

/// `by_line`, the merge of the lines, if it says what the merge of the keys must say; else the merge of the keys.
pub fn merge<'a>(lines: &Lines<'a>, by_line: Vec<Piece<'a>>) -> Vec<Piece<'a>> {
    let leaves = [&lines.base, &lines.ours, &lines.theirs].map(Leaves::of);
    let [Some(base), Some(ours), Some(theirs)] = leaves else {
        return by_line;
    };
    let meant = Leaves::merged(&base, &ours, &theirs);
    if says(&by_line, meant.as_ref()) && !by_line.iter().any(Piece::is_open) {
        return by_line;
    }
    match keys::merge(lines) {
        Some(pieces) if says(&pieces, meant.as_ref()) => pieces,
        _ if by_line.iter().any(Piece::is_open) => by_line,
        _ => vec![Piece::Open(lines.clone())],
    }
}

/// Whether the pieces say what is meant, or can be made TOML where something is open.
fn says(pieces: &[Piece], meant: Option<&Leaves>) -> bool {
    let favouring = |side| Leaves::of(pieces.iter().flat_map(|piece| piece.favouring(side)));
    if pieces.iter().any(Piece::is_open) {
        favouring(Side::Ours).is_some() && favouring(Side::Theirs).is_some()
    } else {
        meant.is_some() && favouring(Side::Ours).as_ref() == meant
    }
}
