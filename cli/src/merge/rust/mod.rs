//! The merge of Rust: where both sides only added to a list, at one place, both additions are taken.
//!
//! Lists are declarations (`use`, `mod`), the routes of a router, and what stands in braces or brackets with a comma
//! after each: fields, variants, match arms, elements.

mod item;
mod parse;
mod place;

pub use parse::parse;

use item::{Item, items};
use place::Place;

use super::Side;
use super::lines::{Line, Lines, text};
use super::text::Piece;

/// Longer additions are no list that somebody keeps by hand.
const MOST_LINES: usize = 1_000;

/// `by_line`, the merge of the lines, with additions to lists decided; itself if that is no Rust.
pub fn merge<'a>(lines: &Lines<'a>, by_line: Vec<Piece<'a>>) -> Vec<Piece<'a>> {
    // Without a base nobody knows whether one side added or the other removed.
    if lines.base.is_empty() || !by_line.iter().any(is_addition) {
        return by_line;
    }
    let pieces = decided(&by_line).filter(|pieces| {
        let lines = pieces.iter().flat_map(|piece| piece.favouring(Side::Ours));
        text(lines).is_some_and(|text| parse(&text).is_ok())
    });
    pieces.unwrap_or(by_line)
}

fn is_addition(piece: &Piece) -> bool {
    matches!(piece, Piece::Open(open) if open.base.is_empty())
}

fn decided<'a>(by_line: &[Piece<'a>]) -> Option<Vec<Piece<'a>>> {
    let mut signed = String::new();
    for (number, piece) in by_line.iter().enumerate() {
        if is_addition(piece) {
            signed.push_str(&place::sign(number));
        }
        signed.push_str(&text(piece.favouring(Side::Ours))?);
    }
    let places = place::find_signs(&signed);
    let decide = |number: usize, piece: &Piece<'a>| {
        let (Piece::Open(open), Some(place)) = (piece, places.get(&number)) else {
            return None;
        };
        let last = |piece: &Piece<'a>| piece.favouring(Side::Ours).last().cloned();
        let first = |piece: &Piece<'a>| piece.favouring(Side::Ours).first().cloned();
        let before = number
            .checked_sub(1)
            .and_then(|before| last(&by_line[before]));
        let after = by_line.get(number + 1).and_then(first);
        both(open, *place, [before, after]).map(Piece::Settled)
    };
    let pieces = by_line.iter().enumerate();
    let decided =
        pieces.map(|(number, piece)| decide(number, piece).unwrap_or_else(|| piece.clone()));
    Some(decided.collect())
}

/// What both sides added, between two lines: ours first, or sorted if the list is.
fn both<'a>(
    added: &Lines<'a>,
    place: Place,
    [before, after]: [Option<Line<'a>>; 2],
) -> Option<Vec<Line<'a>>> {
    if added.ours.len().max(added.theirs.len()) > MOST_LINES {
        return None;
    }
    let ours = items(&added.ours, place)?;
    let theirs = items(&added.theirs, place)?;
    let clash = |one: &Item| ours.iter().any(|two| one.name == two.name && one != two);
    if theirs.iter().any(clash) {
        return None;
    }
    let name = |line: Option<Line<'a>>| Some(items(&[line?], place)?.pop()?.name);
    let (before, after) = (name(before), name(after));
    let is_sorted = |items: &[Item]| {
        let names = items.iter().map(|item| &item.name);
        before.iter().chain(names).chain(&after).is_sorted()
    };
    let knows_neighbours = before.is_some() || after.is_some();
    let is_sorted = knows_neighbours && is_sorted(&ours) && is_sorted(&theirs);
    let new = theirs.into_iter().filter(|item| !ours.contains(item));
    let mut items: Vec<Item> = ours.iter().cloned().chain(new).collect();
    if is_sorted {
        items.sort_by(|one, other| one.name.cmp(&other.name));
    }
    Some(items.into_iter().flat_map(|item| item.lines).collect())
}
