//! A TOML file as stretches of whole lines, each with the key that it defines.

use std::ops::Range;

use toml_edit::{Item, Table};

use crate::merge::lines::{Line, text};

/// The names from the root to a value or a table.
pub type Path = Vec<String>;

#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    kind: Kind,
    path: Path,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    #[default]
    Header,
    Key,
}

pub struct Document<'l, 'a> {
    /// In their order: a header and the keys under it. The first header is empty: keys may stand before any.
    pub sections: Vec<Vec<Entry<'l, 'a>>>,
    /// The comments after the last key.
    pub end: &'l [Line<'a>],
}

/// A header, or a key with its value. An array of tables is one header with all that it holds, and merged as a value.
#[derive(Default)]
pub struct Entry<'l, 'a> {
    pub name: Name,
    /// The comments and the blank lines before it.
    pub above: &'l [Line<'a>],
    pub lines: &'l [Line<'a>],
    /// Where its value is, from the start of the first line; a header has none.
    pub value: Option<Range<usize>>,
}

/// Blank lines tell nothing apart.
impl PartialEq for Entry<'_, '_> {
    fn eq(&self, other: &Self) -> bool {
        told(self.above) == told(other.above) && self.lines == other.lines
    }
}

impl<'l, 'a> Entry<'l, 'a> {
    pub fn all_lines(&self) -> Vec<Line<'a>> {
        [self.above, self.lines].concat()
    }

    /// Its line and where the value is in it, if it is one line.
    pub fn one_line(&self) -> Option<(&'l str, Range<usize>)> {
        match self.lines {
            [line] => Some((str::from_utf8(&line.text).ok()?, self.value.clone()?)),
            _ => None,
        }
    }
}

impl<'l, 'a> Document<'l, 'a> {
    /// `None` if the lines are no TOML, or the tables of an array do not stand together.
    pub fn parse(lines: &'l [Line<'a>]) -> Option<Self> {
        let text = text(lines)?;
        let document = toml_edit::Document::parse(&*text).ok()?;
        let mut found = Vec::new();
        collect(document.as_table(), &[], &mut found)?;
        found.sort_by_key(|found| found.bytes.start);

        let line_ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line_at = |byte: usize| line_ends.partition_point(|end| *end < byte);
        let mut sections = vec![vec![Entry::default()]];
        let mut done = 0;
        for found in found {
            let (first, last) = (line_at(found.bytes.start), line_at(found.bytes.end));
            let start = first
                .checked_sub(1)
                .map_or(0, |before| line_ends[before] + 1);
            let entry = Entry {
                name: found.name,
                // None if the entry begins before the last one ends.
                above: lines.get(done..first)?,
                lines: &lines[first..=last],
                value: found
                    .value
                    .map(|value| value.start - start..value.end - start),
            };
            done = last + 1;
            match entry.name.kind {
                Kind::Header => sections.push(vec![entry]),
                Kind::Key => sections.last_mut()?.push(entry),
            }
        }
        Some(Self {
            sections,
            end: &lines[done..],
        })
    }
}

/// The lines that are not blank.
pub fn told<'l, 'a>(lines: &'l [Line<'a>]) -> Vec<&'l Line<'a>> {
    let is_blank = |line: &Line| line.text.trim_ascii().is_empty();
    lines.iter().filter(|line| !is_blank(line)).collect()
}

/// Where the text has a header or a pair.
struct Found {
    name: Name,
    bytes: Range<usize>,
    value: Option<Range<usize>>,
}

/// Finds what `table`, which is at `path`, says; it came from a text and so knows where everything was.
fn collect(table: &Table, path: &[String], found: &mut Vec<Found>) -> Option<()> {
    for (key, item) in table {
        let path = [path, &[key.to_owned()]].concat();
        let name = |kind| Name {
            kind,
            path: path.clone(),
        };
        match item {
            Item::None => {}
            Item::Value(value) => found.push(Found {
                name: name(Kind::Key),
                bytes: table.key(key)?.span()?.start..value.span()?.end,
                value: value.span(),
            }),
            Item::Table(inner) => {
                if !inner.is_dotted() && !inner.is_implicit() {
                    found.push(Found {
                        name: name(Kind::Header),
                        bytes: inner.span()?,
                        value: None,
                    });
                }
                collect(inner, &path, found)?;
            }
            Item::ArrayOfTables(tables) => {
                let mut inside = Vec::new();
                for table in tables {
                    collect(table, &path, &mut inside)?;
                }
                let header = tables.span()?;
                let ends = inside.iter().map(|found| found.bytes.end);
                found.push(Found {
                    name: name(Kind::Header),
                    bytes: header.start..ends.fold(header.end, usize::max),
                    value: None,
                });
            }
        }
    }
    Some(())
}
