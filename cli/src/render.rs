//! A template set and choices, rendered to the project that they stand for.

use std::collections::{BTreeMap, BTreeSet};

use crate::Result;
use crate::templates::TemplateSet;
use crate::tree::Tree;

/// What a project was made with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// By name; an answer that is missing takes the set's default.
    pub answers: BTreeMap<String, toml::Value>,
    /// The options that are on; every other one is off.
    pub options: BTreeSet<String>,
}

/// Renders every file of `set` that `choices` call for.
pub fn render(set: &TemplateSet, _choices: &Choices) -> Result<Tree> {
    Ok(set
        .files
        .iter()
        .map(|(path, source)| (path.clone(), source.file.clone()))
        .collect())
}
