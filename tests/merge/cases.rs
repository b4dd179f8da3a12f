//! Generated cases: a text, and two edits of it.

use std::env;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Three versions of a file by their lines.
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

/// Letters, some of which occur several times in a text, and blank lines.
pub fn letters() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        6 => "[a-z]",
        2 => "[A-Z][a-z]",
        1 => Just(String::new()),
    ]
}

/// Letters, and lines that look like markers, ours among them.
pub fn marks() -> impl Strategy<Value = String> + Clone {
    let mark = |character: char| {
        let label = select(vec!["", " HEAD", " ours: mine", " base: x", " theirs: y"]);
        (6..10_usize, label).prop_map(move |(width, label)| {
            format!("{}{label}", character.to_string().repeat(width))
        })
    };
    prop_oneof![
        4 => "[a-z]",
        1 => select(vec!['<', '|', '=', '>']).prop_flat_map(mark),
    ]
}

/// Two edits of a text of at most that many lines.
pub fn triples(
    line: impl Strategy<Value = String> + Clone,
    most: usize,
) -> impl Strategy<Value = Triple> {
    let base = vec(line.clone(), 0..=most);
    (base, edits(line.clone(), most), edits(line, most)).prop_map(|(base, ours, theirs)| Triple {
        ours: edited(&base, &ours),
        theirs: edited(&base, &theirs),
        base,
    })
}

#[derive(Debug, Clone)]
pub enum Edit {
    Insert(Index, Vec<String>),
    Remove(Index, usize),
    Replace(Index, Vec<String>),
    Move(Index, Index),
}

/// Some edits of a text of that many lines.
pub fn edits(
    line: impl Strategy<Value = String> + Clone,
    of: usize,
) -> impl Strategy<Value = Vec<Edit>> {
    let lines = vec(line, 1..4);
    let edit = prop_oneof![
        4 => (any::<Index>(), lines.clone()).prop_map(|(at, lines)| Edit::Insert(at, lines)),
        3 => (any::<Index>(), 1..4_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        4 => (any::<Index>(), lines).prop_map(|(at, lines)| Edit::Replace(at, lines)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Edit::Move(from, to)),
    ];
    vec(edit, 0..=1.max(of / 8))
}

pub fn edited(base: &[String], edits: &[Edit]) -> Vec<String> {
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

/// How lines are written to a file.
#[derive(Debug, Clone)]
pub struct Dress {
    byte_order_mark: bool,
    /// Of each line, over and over.
    endings: Vec<&'static str>,
    ended: bool,
}

pub fn dresses() -> impl Strategy<Value = Dress> {
    let endings = prop_oneof![
        4 => Just(vec!["\n"]),
        2 => Just(vec!["\r\n"]),
        1 => Just(vec!["\n", "\r\n", "\r\n"]),
    ];
    (
        prop::bool::weighted(0.2),
        endings,
        prop::bool::weighted(0.8),
    )
        .prop_map(|(byte_order_mark, endings, ended)| Dress {
            byte_order_mark,
            endings,
            ended,
        })
}

impl Dress {
    pub fn of(&self, lines: &[String]) -> Vec<u8> {
        let mut text = String::new();
        if self.byte_order_mark {
            text.push('\u{feff}');
        }
        for (number, line) in lines.iter().enumerate() {
            text.push_str(line);
            if self.ended || number + 1 < lines.len() {
                text.push_str(self.endings[number % self.endings.len()]);
            }
        }
        text.into_bytes()
    }
}

/// The text of those lines, each ended by a newline.
pub fn text(lines: &[String]) -> Vec<u8> {
    lines
        .iter()
        .map(|line| format!("{line}\n"))
        .collect::<String>()
        .into_bytes()
}
