//! The answers that a person has given, by flag or by file, each with the place where it stands.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use toml::Value;
use toml::de::DeTable;

use crate::error::Context;
use crate::tree::RelPath;
use crate::{Error, Result, parse};

const SUCH_AS: &str = "an answers file is TOML, such as `title = \"My agents\"`";

/// What is given, by key; a flag wins over the file.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub answers: BTreeMap<String, Answer>,
    /// Options to add to, and to take from, the template set's default ones.
    pub with: Vec<(String, Place)>,
    pub without: Vec<(String, Place)>,
    /// Exactly these options, in place of the template set's default ones.
    pub options: Option<Vec<(String, Place)>>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub value: Value,
    pub place: Place,
}

/// Where an answer was given; errors begin with it.
#[derive(Debug, Clone)]
pub enum Place {
    Flag(&'static str),
    /// What the project was made with.
    Project,
    /// A file of the project, where it has this answer.
    File(RelPath),
    Line {
        file: String,
        line: usize,
        key: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Project => f.write_str(".tac/tac.toml"),
            Self::File(path) => path.fmt(f),
            Self::Line { file, line, key } => write!(f, "{file}, line {line}: {key}"),
        }
    }
}

impl Given {
    /// Reads an answers file: TOML, the answers at the top level, and `options`, `with` and `without` as lists.
    pub fn from_file(path: &Path) -> Result<Self> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .context(format!("read the answers file {file}"), SUCH_AS)?;
        Self::from_toml(&file, &text)
    }

    /// As [`Given::from_file`]; `file` is the name that errors show.
    pub fn from_toml(file: &str, text: &str) -> Result<Self> {
        let mut values: toml::Table = parse::toml(file, text, SUCH_AS)?;
        let spans = DeTable::parse(text).expect("the text has been parsed before");

        let mut given = Self::default();
        for key in spans.get_ref().keys() {
            let value = values
                .remove(key.get_ref().as_ref())
                .expect("both parsers read the same text");
            let line = parse::line_of(text, key.span().start);
            let place = Place::Line {
                file: file.to_owned(),
                line,
                key: key.get_ref().to_string(),
            };
            match key.get_ref().as_ref() {
                "options" => given.options = Some(names(&value, &place)?),
                "with" => given.with = names(&value, &place)?,
                "without" => given.without = names(&value, &place)?,
                name => {
                    given
                        .answers
                        .insert(name.to_owned(), Answer { value, place });
                }
            }
        }
        Ok(given)
    }

    /// Sets the answer of a flag. `None` is a flag that was not typed.
    pub fn flag(&mut self, key: &str, flag: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let answer = Answer {
                value: value.into(),
                place: Place::Flag(flag),
            };
            self.answers.insert(key.to_owned(), answer);
        }
    }

    /// Adds the options of `--with` and `--without`. One that is named by a flag is no longer ruled by the file.
    pub fn option_flags(&mut self, with: Vec<String>, without: Vec<String>) {
        let named = |list: &[String], name: &str| list.iter().any(|n| n == name);
        self.with.retain(|(name, _)| !named(&without, name));
        self.without.retain(|(name, _)| !named(&with, name));
        self.with
            .extend(with.into_iter().map(|name| (name, Place::Flag("with"))));
        self.without.extend(
            without
                .into_iter()
                .map(|name| (name, Place::Flag("without"))),
        );
    }
}

fn names(value: &Value, place: &Place) -> Result<Vec<(String, Place)>> {
    let list = strings(value).map_err(|error| error.within(place))?;
    Ok(list.into_iter().map(|name| (name, place.clone())).collect())
}

pub fn strings(value: &Value) -> Result<Vec<String>> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let words: Vec<String> = items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if value.is_array() && words.len() == items.len() {
        return Ok(words);
    }
    Err(Error::new(
        "a list of strings is wanted",
        "write it in brackets: `[\"one\", \"two\"]`",
    ))
}
