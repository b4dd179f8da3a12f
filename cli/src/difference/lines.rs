//! Two texts, line by line.

use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

/// How many lines around a change are shown.
const AROUND: usize = 3;

/// The number of a line, from 0.
pub type Line = usize;

/// What a line was in an earlier version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Was {
    /// The same, under this number.
    There(Line),
    /// It stands for these lines; for none, where it is inserted.
    InPlaceOf(Range<Line>),
}

/// What the line `at` of `new` was in `old`. What ends a line does not count.
pub fn was(old: &[u8], new: &[u8], at: Line) -> Was {
    let operations = operations(&texts(old), &texts(new));
    let holds = |operation: &&DiffOp| operation.new_range().contains(&at);
    match operations.iter().find(holds) {
        Some(operation) if operation.tag() == DiffTag::Equal => {
            Was::There(operation.old_range().start + at - operation.new_range().start)
        }
        Some(operation) => Was::InPlaceOf(operation.old_range()),
        None => Was::InPlaceOf(0..0),
    }
}

/// Whether the line `at` of `old` is in `new` as well.
pub fn survives(old: &[u8], at: Line, new: &[u8]) -> bool {
    let operations = operations(&texts(old), &texts(new));
    let keeps = |operation: &DiffOp| {
        operation.tag() == DiffTag::Equal && operation.old_range().contains(&at)
    };
    operations.iter().any(keeps)
}

/// The hunks of a unified diff, a line an entry; none, where the two are the same.
pub(super) fn unified(old: &[u8], new: &[u8]) -> Vec<String> {
    let (old, new) = (lines(old), lines(new));
    if old == new {
        return Vec::new();
    }
    let mut text = Vec::new();
    for group in group_diff_ops(operations(&old, &new), AROUND) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        let before = first.old_range().start..last.old_range().end;
        let after = first.new_range().start..last.new_range().end;
        text.push(format!("@@ -{} +{} @@", numbers(&before), numbers(&after)));
        for operation in &group {
            let (removed, added) = (operation.old_range(), operation.new_range());
            if operation.tag() == DiffTag::Equal {
                push(&mut text, ' ', &old[removed]);
            } else {
                push(&mut text, '-', &old[removed]);
                push(&mut text, '+', &new[added]);
            }
        }
    }
    text
}

fn push(text: &mut Vec<String>, sign: char, lines: &[&[u8]]) {
    for line in lines {
        let shown = String::from_utf8_lossy(line);
        text.push(format!("{sign}{}", shown.trim_end_matches('\n')));
        if !line.ends_with(b"\n") {
            text.push("\\ No newline at end of file".to_owned());
        }
    }
}

/// As a unified diff counts: from 1, and where there are none, from the line before.
fn numbers(lines: &Range<Line>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

fn operations(old: &[&[u8]], new: &[&[u8]]) -> Vec<DiffOp> {
    capture_diff_slices(Algorithm::Myers, old, new)
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

/// The lines, without what ends them.
pub fn texts(text: &[u8]) -> Vec<&[u8]> {
    let lines = lines(text).into_iter();
    lines
        .map(|line| &line[..line.len() - ending(line)])
        .collect()
}

fn ending(line: &[u8]) -> usize {
    match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    }
}
