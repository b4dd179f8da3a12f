//! `set.toml`: what a template set asks for, offers and says about its files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use crate::error::unknown;
use crate::parse;
use crate::tree::RelPath;
use crate::{Error, Result, answers};

/// The contents of `set.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub name: String,
    pub version: String,
    #[serde(default)]
    pub answers: BTreeMap<String, AnswerSpec>,
    #[serde(default)]
    pub options: BTreeMap<String, OptionSpec>,
    /// Only the files that differ from [`FileSpec::default`], by the path they are written to.
    #[serde(default)]
    pub files: BTreeMap<RelPath, FileSpec>,
}

/// A value that the templates put into the project.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerSpec {
    #[serde(rename = "type")]
    pub kind: AnswerKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<toml::Value>,
    /// A regular expression that the whole of a string must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    pub help: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerKind {
    String,
    Integer,
    /// Strings.
    List,
    Table,
}

impl fmt::Display for AnswerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::List => "a list of strings",
            Self::Table => "a table",
        })
    }
}

/// A part of the project that can be left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OptionSpec {
    pub description: String,
    #[serde(default)]
    pub default: bool,
    /// Globs over the paths of the project: these files exist only with the option.
    #[serde(default)]
    pub paths: Vec<String>,
    /// `winnow -> memchr`: in a lock file, the first package needs the second only because this option turns on a
    /// feature of the first. No manifest says so, and the lock file has to be right without the option too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lock_edges: Vec<String>,
}

/// What is said of one file; the default is said of every file that `set.toml` does not name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    #[serde(default, skip_serializing_if = "Policy::is_default")]
    pub policy: Policy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Where earlier versions of the set wrote the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<RelPath>,
    /// The manifest that this `Cargo.lock` belongs to: packages that it does not reach are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock_of: Option<RelPath>,
}

/// Whose a file is after it was first written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Both edit it: an upgrade merges.
    #[default]
    Merge,
    /// The user's: it is created where it is absent, then left alone.
    Once,
    /// The template's: an edited one is kept and reported.
    Own,
}

impl Policy {
    // By reference, as serde calls it.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Mode {
    #[serde(rename = "644")]
    Plain,
    #[serde(rename = "755")]
    Executable,
}

impl Manifest {
    /// Parses and checks the text of a `set.toml`.
    pub fn parse(text: &str) -> Result<Self> {
        let manifest: Self = parse::toml("set.toml", text, "docs/templates.md tells its format")?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Checks what types cannot say: the grammar of names, defaults against their types.
    pub fn check(&self) -> Result<()> {
        check_names(self.answers.keys())?;
        check_names(self.options.keys())?;
        for (name, answer) in &self.answers {
            answer.check_pattern(name)?;
            if answer.keys(name).is_some_and(|keys| keys.is_empty()) {
                return Err(Error::new(
                    format!("answer `{name}` is a table without a key in its default"),
                    "templates may use the keys that the default has, and no others",
                ));
            }
            if let Some(default) = &answer.default {
                answer.check(name, default)?;
            }
        }
        answers::check_specs(&self.answers)?;
        for (name, option) in &self.options {
            if option.lock_edges().count() < option.lock_edges.len() {
                return Err(Error::new(
                    format!(
                        "option `{name}`: an entry of `lock_edges` is not of the form `a -> b`"
                    ),
                    "an edge is like `winnow -> memchr`",
                ));
            }
        }
        Ok(())
    }

    /// What the set says of the file at `path`.
    pub fn file(&self, path: &RelPath) -> FileSpec {
        self.files.get(path).cloned().unwrap_or_default()
    }
}

impl OptionSpec {
    /// `lock_edges` as pairs of names.
    pub fn lock_edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lock_edges
            .iter()
            .filter_map(|edge| edge.split_once(" -> "))
    }
}

impl AnswerSpec {
    /// The keys of a table called `name`, sorted: those of its default, and those that this program knows.
    pub fn keys(&self, name: &str) -> Option<BTreeSet<&str>> {
        let of_default = self.default.as_ref().and_then(toml::Value::as_table);
        let of_default = of_default.into_iter().flat_map(toml::Table::keys);
        let known = answers::keys(name).iter().copied();
        (self.kind == AnswerKind::Table)
            .then(|| of_default.map(String::as_str).chain(known).collect())
    }

    /// Checks `value` against the type and the pattern of the answer called `name`.
    pub fn check(&self, name: &str, value: &toml::Value) -> Result<()> {
        let fits = match self.kind {
            AnswerKind::String => value.is_str(),
            AnswerKind::Integer => value.is_integer(),
            AnswerKind::List => value
                .as_array()
                .is_some_and(|items| items.iter().all(toml::Value::is_str)),
            AnswerKind::Table => value.is_table(),
        };
        if !fits {
            return Err(Error::new(
                format!("answer `{name}` must be {}", self.kind),
                self.help.clone(),
            ));
        }
        for key in value.as_table().into_iter().flat_map(toml::Table::keys) {
            let keys = self.keys(name).unwrap_or_default();
            if !keys.contains(key.as_str()) {
                return Err(unknown(
                    &format!("key of the answer `{name}`"),
                    key,
                    keys.into_iter(),
                ));
            }
        }
        match (&self.pattern, value.as_str()) {
            (Some(pattern), Some(text)) if !whole(name, pattern)?.is_match(text) => {
                Err(Error::new(
                    format!("answer `{name}` is {text:?}, which does not match `{pattern}`"),
                    self.help.clone(),
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_pattern(&self, name: &str) -> Result<()> {
        let Some(pattern) = &self.pattern else {
            return Ok(());
        };
        if self.kind != AnswerKind::String {
            return Err(Error::new(
                format!("answer `{name}` has a pattern, but only a string can have one"),
                "take the pattern out, or make the type `string`",
            ));
        }
        whole(name, pattern).map(drop)
    }
}

fn whole(name: &str, pattern: &str) -> Result<Regex> {
    let unusable = |error| {
        Error::new(
            format!(
                "answer `{name}`: its pattern `{pattern}` is not a regular expression: {error}"
            ),
            "write it as the Rust crate `regex-lite` reads it",
        )
    };
    Regex::new(&format!("^(?:{pattern})$")).map_err(unusable)
}

/// A name is `[a-z][a-z0-9_-]*`; templates write `-` as `_`, so no two names may differ in that alone.
fn check_names<'a>(names: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase());
        let is_plain = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
        if !starts_well || !is_plain {
            return Err(Error::new(
                format!("`{name}` cannot name an answer or an option"),
                "a name starts with a lower-case letter and holds lower-case letters, digits, `_` and `-`",
            ));
        }
        if !seen.insert(name.replace('-', "_")) {
            return Err(Error::new(
                format!("two names differ from `{name}` only in `-` and `_`"),
                "rename one of them: templates write both as `_`",
            ));
        }
    }
    Ok(())
}
