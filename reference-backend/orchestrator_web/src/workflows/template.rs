//! Prompts with places for what is known only when a step begins.
//!
//! `{input}` is what the start brought, `{input.NAME}` a part of it; `{steps.NAME.text}` is what the
//! agent of a step answered, `{steps.NAME.output}` what the command of a step printed, and
//! `{steps.NAME.error}` why a step failed. Of a step that has not run there is nothing to insert.
//! `{{input}}` stands for the text `{input}`; any other brace is an ordinary character. What is
//! inserted is never read again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What one place holds at most, in characters.
pub const LONGEST: usize = 64 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// Without its braces.
    Place(String),
}

/// What a place asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    Input,
    InputPart(&'a str),
    Step { step: &'a str, part: StepPart },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepPart {
    Text,
    Output,
    Error,
}

impl Template {
    /// The names of its places; `None` for one that is no place that there is.
    pub fn places(&self) -> impl Iterator<Item = (&str, Option<Place<'_>>)> {
        let names = self.parts.iter().filter_map(|part| match part {
            Part::Place(name) => Some(name.as_str()),
            Part::Text(_) => None,
        });
        names.map(|name| (name, Place::parse(name)))
    }

    /// The text with each place filled by `value`, which is cut where it is too long.
    pub fn fill(&self, value: impl Fn(Place) -> String) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Place(name) => Place::parse(name).map_or_else(String::new, |it| cut(value(it))),
        });
        parts.collect()
    }
}

impl From<String> for Template {
    fn from(source: String) -> Self {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source.as_str();
        while let Some(brace) = rest.find('{') {
            text.push_str(&rest[..brace]);
            rest = &rest[brace..];
            if let Some(name) = enclosed(rest, "{{", "}}") {
                text.push_str(&rest[1..name.len() + 3]);
                rest = &rest[name.len() + 4..];
            } else if let Some(name) = enclosed(rest, "{", "}") {
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Place(name.to_owned()));
                rest = &rest[name.len() + 2..];
            } else {
                text.push('{');
                rest = &rest[1..];
            }
        }
        parts.push(Part::Text(text + rest));
        Self { source, parts }
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.source
    }
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

impl<'a> Place<'a> {
    fn parse(name: &'a str) -> Option<Self> {
        let mut words = name.split('.');
        let place = match (words.next()?, words.next(), words.next()) {
            ("input", None, None) => Self::Input,
            ("input", Some(key), None) => Self::InputPart(key),
            ("steps", Some(step), Some(part)) => {
                let part = match part {
                    "text" => StepPart::Text,
                    "output" => StepPart::Output,
                    "error" => StepPart::Error,
                    _ => return None,
                };
                Self::Step { step, part }
            }
            _ => return None,
        };
        words.next().is_none().then_some(place)
    }
}

/// What stands between `open` and `close` at the start of `text`, if it looks like the name of a place.
fn enclosed<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let inner = text.strip_prefix(open)?;
    let is_named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let end = inner
        .bytes()
        .position(|byte| !is_named(byte) && !b"._-".contains(&byte))?;
    let name = &inner[..end];
    let is_word = name.starts_with(|first: char| first.is_ascii_lowercase());
    (is_word && inner[end..].starts_with(close)).then_some(name)
}

/// The first [`LONGEST`] characters, with a mark where there were more.
pub fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{} … [cut: {more} more characters]", &text[..end])
        }
    }
}

/// The last [`LONGEST`] characters, with a mark where there were more: what a program says last tells how
/// it ended.
pub fn cut_start(text: String) -> String {
    match text.char_indices().rev().nth(LONGEST - 1) {
        None | Some((0, _)) => text,
        Some((start, _)) => format!("[cut: only the end is kept] … {}", &text[start..]),
    }
}
