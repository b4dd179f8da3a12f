//! What the answers that this program knows may hold. A template set can narrow them further, by a pattern.
//! `docs/templates.md` lists them.

use std::collections::BTreeMap;

use clap::ValueEnum;
use toml::Value;

use super::commands;
use super::given::strings;
use super::names::Name;
use super::stacks::{Framework, Language, PackageManager, Stack};
use crate::error::{quoted, unknown};
use crate::templates::{AnswerKind, AnswerSpec};
use crate::{Error, Result};

const LONGEST_TITLE: usize = 200;
const LONGEST_DESCRIPTION: usize = 1000;

/// The type of the answer called `key`, if this program knows it: such an answer is asked for, or follows from others.
pub fn kind(key: &str) -> Option<AnswerKind> {
    match key {
        "name" | "title" | "description" | "language" | "framework" | "package_manager" => {
            Some(AnswerKind::String)
        }
        "port" | "ui_port" => Some(AnswerKind::Integer),
        "cors_origins" => Some(AnswerKind::List),
        "commands" => Some(AnswerKind::Table),
        _ => None,
    }
}

/// The keys of the table called `key`, if this program knows it.
pub fn keys(key: &str) -> &'static [&'static str] {
    if key == "commands" {
        &commands::NAMES
    } else {
        &[]
    }
}

/// Checks that what a set says of the answers that this program knows can be answered.
pub fn check_specs(specs: &BTreeMap<String, AnswerSpec>) -> Result<()> {
    for (key, spec) in specs {
        if let Some(known) = kind(key).filter(|known| *known != spec.kind) {
            return Err(Error::new(
                format!("answer `{key}` is {known}, whatever the set"),
                "correct its type; an answer of the set's own takes a name that means nothing yet",
            ));
        }
        if let Some(default) = &spec.default {
            let checked = check(key, default);
            checked.map_err(|error| error.within(format_args!("the default of answer `{key}`")))?;
        }
    }
    let default = |key: &str| specs.get(key)?.default.as_ref();
    let stack = Stack::infer(
        word(default("language")),
        word(default("framework")),
        word(default("package_manager")),
    );
    stack.map_err(|error| error.within("the defaults of the answers"))?;
    Ok(())
}

/// Checks the answer called `key`, whose type is right. An answer of the template set's own passes.
pub fn check(key: &str, value: &Value) -> Result<()> {
    match (key, value) {
        ("name", Value::String(name)) => Name::try_from(name.as_str()).map(drop),
        ("title", Value::String(text)) => prose("title", LONGEST_TITLE, text),
        ("description", Value::String(text)) => prose("description", LONGEST_DESCRIPTION, text),
        ("language", Value::String(word)) => parse_word::<Language>("language", word).map(drop),
        ("framework", Value::String(word)) => parse_word::<Framework>("framework", word).map(drop),
        ("package_manager", Value::String(word)) => {
            parse_word::<PackageManager>("package manager", word).map(drop)
        }
        ("port" | "ui_port", Value::Integer(number)) => port(&number.to_string()).map(drop),
        ("cors_origins", Value::Array(origins)) => origins
            .iter()
            .filter_map(Value::as_str)
            .try_for_each(origin),
        ("commands", Value::Table(table)) => table
            .iter()
            .try_for_each(|(name, argv)| command(name, argv)),
        _ => Ok(()),
    }
}

fn prose(what: &str, longest: usize, text: &str) -> Result<()> {
    let count = text.chars().count();
    let control = text.chars().find(|&c| c.is_control() && c != '\n');
    if text.trim().is_empty() {
        return Err(Error::new(
            format!("the {what} is empty"),
            format!("leave it out to get a {what} made from the name"),
        ));
    }
    if count > longest {
        return Err(Error::new(
            format!("the {what} has {count} characters, {longest} are the most"),
            "say it shorter",
        ));
    }
    if let Some(control) = control {
        let odd = quoted(&control.to_string());
        return Err(Error::new(
            format!("the {what} holds the control character {odd}"),
            "line breaks are fine, other control characters are not",
        ));
    }
    Ok(())
}

pub fn port(text: &str) -> Result<u16> {
    let number = text.parse::<u16>().ok().filter(|&number| number > 0);
    number.ok_or_else(|| {
        Error::new(
            format!("{} is no port", quoted(text)),
            "a port is a number from 1 to 65535",
        )
    })
}

/// `http` or `https`, a host, perhaps a port, as browsers send it in the header `Origin`.
fn origin(text: &str) -> Result<()> {
    let host = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._:[]".contains(c);
    if host.is_some_and(|host| {
        host.starts_with(|c: char| c != ':' && plain(c)) && host.chars().all(plain)
    }) {
        return Ok(());
    }
    Err(Error::new(
        format!("{} is no origin", quoted(text)),
        "an origin is like `http://localhost:5173`: scheme, host in lower case and port, no path",
    ))
}

fn command(name: &str, argv: &Value) -> Result<()> {
    if !commands::NAMES.contains(&name) {
        return Err(unknown("command", name, commands::NAMES.into_iter()));
    }
    let words = strings(argv)?;
    match words.iter().find(|word| word.chars().any(char::is_control)) {
        Some(odd) => Err(Error::new(
            format!("{} holds a control character", quoted(odd)),
            "a command is a list of its program and its arguments",
        )),
        None => Ok(()),
    }
}

pub fn parse_word<T: ValueEnum>(what: &str, word: &str) -> Result<T> {
    let ids: Vec<String> = T::value_variants().iter().map(super::stacks::id).collect();
    T::from_str(word, false).map_err(|_| unknown(what, word, ids.iter().map(String::as_str)))
}

/// The language, framework or package manager that a checked answer names.
pub fn word<T: ValueEnum>(answer: Option<&Value>) -> Option<T> {
    T::from_str(answer?.as_str()?, false).ok()
}
