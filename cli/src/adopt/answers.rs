//! The answers of a project, read back from its settings.
//!
//! The set is rendered with values that occur nowhere else. Where one of them is the value of a key in a TOML file, the
//! project's own value of that key is the answer.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::answers::given::{Answer, Given, Place};
use crate::plan::{Ours, There};
use crate::render::{Choices, render};
use crate::templates::{AnswerKind, AnswerSpec, TemplateSet};
use crate::tree::{File, RelPath};

/// Adds to `given` what stands in the files of the project, and returns why some of it cannot be an answer.
pub fn read(set: &TemplateSet, ours: &Ours, given: &mut Given, folder: &str) -> Vec<String> {
    let mut found = found(set, ours);
    found.retain(|key, _| !given.answers.contains_key(key));
    let mut all = given.clone();
    all.answers.extend(found.clone());
    if super::choices(set, &all, folder).is_ok() {
        *given = all;
        return Vec::new();
    }
    let mut refused = Vec::new();
    for (key, answer) in found {
        let mut with = given.clone();
        with.answers.insert(key, answer);
        match super::choices(set, &with, folder) {
            Ok(_) => *given = with,
            Err(error) => refused.push(error.what().to_owned()),
        }
    }
    refused
}

/// The values that stand where the set writes answers.
fn found(set: &TemplateSet, ours: &Ours) -> BTreeMap<String, Answer> {
    let marks = marks(set);
    let choices = Choices {
        answers: marked(&marks),
        options: set.manifest.options.keys().cloned().collect(),
    };
    // The answers of a set that no mark satisfies cannot be read back: they are asked for by flags.
    let rendered = render(set, &choices).unwrap_or_default();
    let mut found = BTreeMap::new();
    for (path, file) in &rendered {
        let theirs = match ours.get(path) {
            Some(There::File(theirs)) => table(path, theirs),
            _ => None,
        };
        if let (Some(rendered), Some(theirs)) = (table(path, file), theirs) {
            let place = Place::File(path.clone());
            collect(&rendered, &theirs, &marks, &place, &mut found);
        }
    }
    found
}

fn table(path: &RelPath, file: &File) -> Option<Table> {
    let text = std::str::from_utf8(file.bytes()).ok()?;
    let is_toml = path.extension() == Some("toml");
    is_toml.then(|| text.parse().ok()).flatten()
}

fn collect(
    rendered: &Table,
    theirs: &Table,
    marks: &[Mark],
    place: &Place,
    found: &mut BTreeMap<String, Answer>,
) {
    for (key, value) in rendered {
        match (value, theirs.get(key)) {
            (Value::Table(rendered), Some(Value::Table(theirs))) => {
                collect(rendered, theirs, marks, place, found);
            }
            (value, Some(own)) => {
                for mark in marks.iter().filter(|mark| mark.value == *value) {
                    mark.answer(own, place, found);
                }
            }
            _ => {}
        }
    }
}

/// A value that stands for an answer, or for a key of one that is a table.
struct Mark {
    answer: String,
    key: Option<String>,
    value: Value,
}

impl Mark {
    /// Takes `own` for the answer, unless an earlier file has told it.
    fn answer(&self, own: &Value, place: &Place, found: &mut BTreeMap<String, Answer>) {
        let answer = |value| Answer {
            value,
            place: place.clone(),
        };
        let Some(key) = &self.key else {
            found
                .entry(self.answer.clone())
                .or_insert_with(|| answer(own.clone()));
            return;
        };
        let empty = || answer(Table::new().into());
        let of = found.entry(self.answer.clone()).or_insert_with(empty);
        if let Value::Table(table) = &mut of.value {
            table.entry(key).or_insert_with(|| own.clone());
        }
    }
}

/// A mark for every answer of the set that one fits.
fn marks(set: &TemplateSet) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (number, (name, spec)) in (987_654_000..).zip(&set.manifest.answers) {
        let word = format!("tac-mark-{name}");
        let whole = |value: Value| {
            let mark = Mark {
                answer: name.clone(),
                key: None,
                value,
            };
            let fits = spec.check(name, &mark.value).is_ok();
            fits.then_some(mark).into_iter().collect()
        };
        let of: Vec<Mark> = match spec.kind {
            AnswerKind::String => whole(word.into()),
            AnswerKind::Integer => whole(Value::Integer(number)),
            AnswerKind::List => whole(vec![word].into()),
            AnswerKind::Table => keys(name, spec),
        };
        marks.extend(of);
    }
    marks
}

/// A mark for each key of a table: a word where the default has one, else a list of one.
fn keys(name: &str, spec: &AnswerSpec) -> Vec<Mark> {
    let default = spec.default.as_ref();
    let mark = |key: &str| {
        let word = format!("tac-mark-{name}-{key}");
        let is_word = default.and_then(|default| default.get(key)?.as_str());
        Mark {
            answer: name.to_owned(),
            key: Some(key.to_owned()),
            value: match is_word {
                Some(_) => word.into(),
                None => vec![word].into(),
            },
        }
    };
    let keys = spec.keys(name).unwrap_or_default();
    keys.into_iter().map(mark).collect()
}

/// The answers that the marks are.
fn marked(marks: &[Mark]) -> BTreeMap<String, Value> {
    let mut answers = BTreeMap::new();
    for Mark { answer, key, value } in marks {
        let Some(key) = key else {
            answers.insert(answer.clone(), value.clone());
            continue;
        };
        let empty = || Value::Table(Table::new());
        if let Value::Table(table) = answers.entry(answer.clone()).or_insert_with(empty) {
            table.insert(key.clone(), value.clone());
        }
    }
    answers
}
