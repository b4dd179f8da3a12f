//! `mirror.toml`: how the reference becomes a template set.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Value;

use crate::render::{Format, plain};
use crate::templates::{AnswerSpec, FileSpec, OptionSpec};
use crate::tree::RelPath;
use crate::{Error, Result, glob, parse};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub name: String,
    pub version: String,
    /// The only files in which markers are legal; each of them has some.
    #[serde(default)]
    pub seams: BTreeSet<RelPath>,
    /// Globs over names: files and folders so called are no part of the reference.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The answers that the reference stands for.
    #[serde(default)]
    pub reference: BTreeMap<String, Value>,
    #[serde(default)]
    pub answers: BTreeMap<String, AnswerSpec>,
    #[serde(default)]
    pub options: BTreeMap<String, OptionSpec>,
    #[serde(default)]
    pub files: BTreeMap<RelPath, FileSpec>,
    #[serde(default, rename = "substitution")]
    pub substitutions: Vec<Substitution>,
}

/// Text of the reference that an answer takes the place of.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Substitution {
    /// The name of an answer, or of a key in an answer's table: `title`, `commands.start`.
    pub answer: String,
    pub format: Option<Format>,
    /// The answer, as `@`, and the text around it.
    #[serde(default = "only_the_answer")]
    pub pattern: String,
    /// How often it occurs in which file.
    pub files: BTreeMap<RelPath, usize>,
}

fn only_the_answer() -> String {
    "@".to_owned()
}

impl Config {
    pub fn parse(text: &str) -> Result<Self> {
        parse::toml("mirror.toml", text, "docs/templates.md tells its format")
    }

    /// Whether the file or folder at `path` is no part of the reference.
    pub fn ignores(&self, path: &RelPath) -> bool {
        self.ignore
            .iter()
            .any(|pattern| glob::matches(pattern, path.name()))
    }

    /// The reference's answer to `answer`, as the file spells it.
    pub(super) fn spelt(&self, answer: &str, format: Option<Format>) -> Result<String> {
        let (name, key) = answer.split_once('.').unwrap_or((answer, ""));
        let value = self
            .reference
            .get(name)
            .filter(|_| self.answers.contains_key(name));
        let value = if key.is_empty() {
            value
        } else {
            value.and_then(|table| table.get(key))
        };
        let value = value.ok_or_else(|| {
            Error::new(
                format!("mirror.toml: the reference has no answer `{answer}`"),
                "give it under both [answers] and [reference]",
            )
        })?;
        let spelt = format.map_or_else(|| plain(value), |format| format.apply(value));
        spelt.map_err(|cause| {
            Error::new(
                format!("mirror.toml: answer `{answer}`: {cause}"),
                "choose another `format`",
            )
        })
    }
}
