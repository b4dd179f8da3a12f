//! The lines that fence a conflict: written, and found again.

use std::iter;

use super::lines::texts;

/// How many characters a fence begins with, unless the text has such lines of its own.
const SHORTEST: usize = 7;

/// The first line of a conflict, for example; `=` has no label.
pub fn fence(character: u8, width: usize, label: Option<&str>) -> Vec<u8> {
    let mut line = vec![character; width];
    if let Some(label) = label {
        line.push(b' ');
        line.extend(label.bytes());
    }
    line
}

/// The width of fences for which no line of `texts` can be taken.
pub fn width(texts: &[&[u8]]) -> usize {
    let mut width = widest(texts.iter().copied()).map_or(SHORTEST, |widest| widest + 1);
    while texts.iter().any(|line| read(line) == Some((b'=', width))) {
        width += 1;
    }
    width
}

/// The numbers, from 1, of the lines that [`Conflict::inline`](super::Conflict::inline) has put around conflicts.
///
/// These are runs of at least seven `<`, `|` or `>` followed by ` ours:`, ` base:` or ` theirs:`, each kind by itself,
/// and lines of nothing but `=` between one of the first two and the third. Only the longest runs of a text count:
/// where the user's text has such lines of its own, `inline` writes longer ones.
pub fn markers(text: &[u8]) -> Vec<usize> {
    let Some(widest) = widest(texts(text)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut inside = false;
    let mut dividers = Vec::new();
    for (number, line) in iter::zip(1.., texts(text)) {
        let Some((character, _)) = read(line).filter(|(_, width)| *width == widest) else {
            continue;
        };
        match character {
            b'=' if inside => dividers.push(number),
            b'=' => {}
            b'>' => {
                found.append(&mut dividers);
                found.push(number);
                inside = false;
            }
            _ => {
                dividers.clear();
                found.push(number);
                inside = true;
            }
        }
    }
    found
}

/// The width of the widest fence that bears a label.
fn widest<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Option<usize> {
    texts
        .filter_map(read)
        .filter(|(character, _)| *character != b'=')
        .map(|(_, width)| width)
        .max()
}

/// The character and the width of the fence that `line` may be, also once a newline has followed a carriage return.
fn read(line: &[u8]) -> Option<(u8, usize)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let character = *line.first()?;
    let width = line.iter().take_while(|byte| **byte == character).count();
    let label = &line[width..];
    let is_fence = match character {
        b'<' => label.starts_with(b" ours:"),
        b'|' => label.starts_with(b" base:"),
        b'>' => label.starts_with(b" theirs:"),
        b'=' => label.is_empty(),
        _ => false,
    };
    (is_fence && width >= SHORTEST).then_some((character, width))
}
