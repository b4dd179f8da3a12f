//! Texts, and what people and templates make of them: edits of what was there, rarely something else.

use proptest::collection::vec;
use proptest::prelude::*;

/// What a line is about; its number tells it from others of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Base,
    Mine,
    Theirs,
    /// Both may come up with it.
    Anybody,
}

#[derive(Debug, Clone, Copy)]
pub enum Edit {
    Insert(usize, u8),
    Delete(usize),
    Replace(usize, u8),
    Move(usize, usize),
    Copy(usize, usize),
    Indent,
    WindowsEndings,
    NoLastNewline,
}

pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = 0..12usize;
    let edit = prop_oneof![
        4 => (at.clone(), 0..5u8).prop_map(|(at, number)| Edit::Insert(at, number)),
        3 => at.clone().prop_map(Edit::Delete),
        3 => (at.clone(), 0..5u8).prop_map(|(at, number)| Edit::Replace(at, number)),
        1 => (at.clone(), at.clone()).prop_map(|(from, to)| Edit::Move(from, to)),
        1 => (at.clone(), at).prop_map(|(from, to)| Edit::Copy(from, to)),
        1 => Just(Edit::Indent),
        1 => Just(Edit::WindowsEndings),
        1 => Just(Edit::NoLastNewline),
    ];
    vec(edit, 1..5)
}

/// The numbers of a base's lines; some repeat.
pub fn numbers() -> impl Strategy<Value = Vec<u8>> {
    vec(0..16u8, 0..10)
}

/// A line as the file's kind has them.
pub fn line(path: &str, whose: Whose, number: u8) -> String {
    let word = match whose {
        Whose::Base => "base",
        Whose::Mine => "mine",
        Whose::Theirs => "theirs",
        Whose::Anybody => "shared",
    };
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    match (extension, number % 4) {
        ("toml", 0) => format!("[{word}{number}]"),
        ("toml", 1) => format!("# {word} {number}"),
        ("toml", _) => format!("{word}{number} = {number}"),
        ("rs", 0) => format!("mod {word}{number};"),
        ("rs", 1) => format!("fn {word}{number}() {{}}"),
        ("rs", _) => format!("use {word}::a{number};"),
        _ => format!("{word} {number}"),
    }
}

/// What `whose` edits make of a base with these lines.
pub fn edited(path: &str, numbers: &[u8], whose: Whose, edits: &[Edit]) -> Vec<u8> {
    let mut lines: Vec<String> = numbers
        .iter()
        .map(|number| line(path, Whose::Base, *number))
        .collect();
    let (mut ending, mut is_ended) = ("\n", true);
    let new = |number| {
        let whose = if number == 0 { Whose::Anybody } else { whose };
        line(path, whose, number)
    };
    for edit in edits {
        let count = lines.len();
        match *edit {
            Edit::Insert(at, number) => lines.insert(at % (count + 1), new(number)),
            Edit::WindowsEndings => ending = "\r\n",
            Edit::NoLastNewline => is_ended = false,
            Edit::Indent => lines.iter_mut().for_each(|line| line.insert_str(0, "    ")),
            _ if count == 0 => {}
            Edit::Delete(at) => drop(lines.remove(at % count)),
            Edit::Replace(at, number) => lines[at % count] = new(number),
            Edit::Move(from, to) => {
                let line = lines.remove(from % count);
                lines.insert(to % count, line);
            }
            Edit::Copy(from, to) => {
                let line = lines[from % count].clone();
                lines.insert(to % count, line);
            }
        }
    }
    let mut text = lines.join(ending);
    if is_ended && !lines.is_empty() {
        text += ending;
    }
    text.into_bytes()
}
