//! The answers and options of a project that exists already, with changes.

use std::collections::BTreeMap;

use toml::Value;

use super::ask::Defaults;
use super::given::{Answer, Given, Place};
use super::names::Name;
use super::resolve;
use crate::error::unknown;
use crate::render::Choices;
use crate::templates::{AnswerKind, Manifest, TemplateSet};
use crate::{Error, Result};

/// Those that follow from others where nobody gave them, each after what it follows from.
const FOLLOWING: [&str; 6] = [
    "title",
    "description",
    "framework",
    "package_manager",
    "commands",
    "cors_origins",
];

/// What a person wants to be different.
#[derive(Debug, Default)]
pub struct Wishes {
    pub with: Vec<String>,
    pub without: Vec<String>,
    /// Each as it was typed: `KEY=VALUE`.
    pub set: Vec<String>,
}

/// What the project that was made with `before` is to be made with now. What the set knows no more is left out; what
/// is new in it takes its default, an option is off. An answer that followed from one that is set follows it again.
pub fn again(before: &Choices, wishes: &Wishes, set: &TemplateSet) -> Result<Choices> {
    let manifest = &set.manifest;
    let mut given = Given::default();
    for (key, value) in &before.answers {
        if manifest.answers.contains_key(key) || key == "name" {
            let answer = Answer {
                value: value.clone(),
                place: Place::Project,
            };
            given.answers.insert(key.clone(), answer);
        }
    }
    let options = before.options.iter();
    let options = options.filter(|name| manifest.options.contains_key(*name));
    given.options = Some(options.map(|name| (name.clone(), Place::Project)).collect());

    let changes = changes(&wishes.set, &given, manifest)?;
    // What the set did not ask for before may have no default.
    let is_new = |key: &String| !before.answers.contains_key(key);
    for (key, value) in changes.iter().filter(|(key, _)| is_new(key)) {
        given.flag(key, "set", Some(value.clone()));
    }
    if !changes.is_empty() {
        loosen(&mut given, &changes, set)?;
    }
    for (key, value) in changes {
        given.flag(&key, "set", Some(value));
    }
    given.option_flags(wishes.with.clone(), wishes.without.clone());
    answers(&given, set)
}

fn answers(given: &Given, set: &TemplateSet) -> Result<Choices> {
    let name = given.answers.get("name");
    let name = name.and_then(|name| name.value.as_str());
    let name = name.ok_or_else(|| {
        Error::new(
            "the project has no name among its answers",
            "give it one: `tac-bootstrap set name=NAME`",
        )
    })?;
    resolve(&Name::try_from(name)?, given, set, &mut Defaults)
}

/// Takes those answers out of `given` that come back by themselves.
fn loosen(given: &mut Given, changes: &BTreeMap<String, Value>, set: &TemplateSet) -> Result<()> {
    let as_it_is = answers(given, set)?.answers;
    for key in FOLLOWING.iter().filter(|key| !changes.contains_key(**key)) {
        let Some(answer) = given.answers.remove(*key) else {
            continue;
        };
        let comes_back = answers(given, set).is_ok_and(|choices| choices.answers == as_it_is);
        if !comes_back {
            given.answers.insert((*key).to_owned(), answer);
        }
    }
    Ok(())
}

/// The wished answers by key, each of the type that the set asks for.
fn changes(set: &[String], given: &Given, manifest: &Manifest) -> Result<BTreeMap<String, Value>> {
    let mut changes = BTreeMap::new();
    for wish in set {
        let (key, text) = wish.split_once('=').ok_or_else(|| {
            Error::new(
                format!("`{wish}` sets nothing"),
                "write it as KEY=VALUE, such as `port=9000`",
            )
        })?;
        let (key, member) = match key.split_once('.') {
            Some((key, member)) => (key, Some(member)),
            None => (key, None),
        };
        let Some(spec) = manifest.answers.get(key) else {
            let known = manifest.answers.keys().map(String::as_str);
            return Err(unknown("answer of the template set", key, known));
        };
        let value = match (spec.kind, member) {
            (AnswerKind::Table, Some(member)) => {
                let mut table = changes
                    .get(key)
                    .or(given.answers.get(key).map(|answer| &answer.value))
                    .and_then(Value::as_table)
                    .cloned()
                    .unwrap_or_default();
                table.insert(member.to_owned(), literal(wish, text)?);
                Value::Table(table)
            }
            (_, Some(member)) => {
                return Err(Error::new(
                    format!("answer `{key}` is {}: it has no `{member}`", spec.kind),
                    format!("set it as a whole: `{key}=…`"),
                ));
            }
            (AnswerKind::String, None) => text.into(),
            (AnswerKind::List, None) if !text.trim_start().starts_with('[') => {
                let items = text
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty());
                Value::Array(items.map(Value::from).collect())
            }
            _ => literal(wish, text)?,
        };
        changes.insert(key.to_owned(), value);
    }
    Ok(changes)
}

/// The value that `text` is in TOML.
fn literal(wish: &str, text: &str) -> Result<Value> {
    let table: Result<toml::Table, _> = format!("value = {text}").parse();
    match table.map(|mut table| (table.remove("value"), table.is_empty())) {
        Ok((Some(value), true)) => Ok(value),
        _ => Err(Error::new(
            format!("`{wish}`: the value cannot be read"),
            "write it as in TOML: 9000, [\"cargo\", \"test\"]",
        )),
    }
}
