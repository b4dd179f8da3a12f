//! Generated cases: a text, and two edits of it.

use std::env;

use proptest::prelude::*;
use proptest::sample::Index;

/// Lines of base, ours and theirs.
#[derive(Debug, Clone)]
pub struct Triple {
    pub base: Vec<String>,
    pub ours: Vec<String>,
    pub theirs: Vec<String>,
}

/// How many cases a test goes through: as many as `TAC_CASES` says, else `usual`.
pub fn cases(usual: u32) -> u32 {
    env::var("TAC_CASES").map_or(usual, |number| number.parse().unwrap())
}

pub fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Triples of texts whose lines are drawn by `line`.
pub fn triples(line: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = Triple> {
    let base = proptest::collection::vec(line.clone(), 0..24);
    (base, edits(line.clone()), edits(line)).prop_map(|(base, ours, theirs)| Triple {
        ours: edited(&base, &ours),
        theirs: edited(&base, &theirs),
        base,
    })
}

/// Letters, some of which occur several times in a text, and blank lines.
pub fn letters() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        6 => "[a-z]",
        2 => "[A-Z][a-z]",
        1 => Just(String::new()),
    ]
}

#[derive(Debug, Clone)]
enum Edit {
    Insert(Index, Vec<String>),
    Remove(Index, usize),
    Replace(Index, Vec<String>),
    Move(Index, Index),
}

fn edits(line: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = Vec<Edit>> {
    let lines = proptest::collection::vec(line, 1..4);
    let edit = prop_oneof![
        4 => (any::<Index>(), lines.clone()).prop_map(|(at, lines)| Edit::Insert(at, lines)),
        3 => (any::<Index>(), 1..4_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        4 => (any::<Index>(), lines).prop_map(|(at, lines)| Edit::Replace(at, lines)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Edit::Move(from, to)),
    ];
    proptest::collection::vec(edit, 0..4)
}

fn edited(base: &[String], edits: &[Edit]) -> Vec<String> {
    let mut lines = base.to_vec();
    for edit in edits {
        match edit {
            Edit::Insert(at, new) => {
                let at = at.index(lines.len() + 1);
                lines.splice(at..at, new.iter().cloned());
            }
            _ if lines.is_empty() => {}
            Edit::Remove(at, count) => {
                let at = at.index(lines.len());
                let end = lines.len().min(at + count);
                lines.drain(at..end);
            }
            Edit::Replace(at, new) => {
                let at = at.index(lines.len());
                let end = lines.len().min(at + new.len());
                lines.splice(at..end, new.iter().cloned());
            }
            Edit::Move(from, to) => {
                let line = lines.remove(from.index(lines.len()));
                lines.insert(to.index(lines.len() + 1), line);
            }
        }
    }
    lines
}

/// The text of those lines, each ended by a newline.
pub fn text(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}
