//! `options`: what a project can be made with, and what each choice costs.

use std::collections::BTreeSet;

use serde::Serialize;
use toml::Value;

use crate::answers::ask::Defaults;
use crate::answers::given::Given;
use crate::answers::names::Name;
use crate::render::render;
use crate::templates::{AnswerKind, TemplateSet};
use crate::tree::Tree;
use crate::{Result, answers, lockfile};

/// An option, and what a project with the default options gains by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    pub name: String,
    pub description: String,
    /// Whether a project has it unless it is declined.
    pub default: bool,
    pub files: Vec<String>,
    /// Over all files but lock files.
    pub lines: usize,
    /// The packages it brings, with those that they bring: `name version`.
    pub dependencies: Vec<String>,
}

/// The options of `set`, by name. What they add is found by rendering with and without each.
pub fn run(set: &TemplateSet) -> Result<Vec<Offer>> {
    let set = &answered(set);
    let name = Name::try_from("example")?;
    let defaults = answers::resolve(&name, &Given::default(), set, &mut Defaults)?;
    let mut offers = Vec::new();
    for (name, option) in &set.manifest.options {
        let mut choices = defaults.clone();
        choices.options.insert(name.clone());
        let with = render(set, &choices)?;
        choices.options.remove(name);
        let without = render(set, &choices)?;
        let packages_without = packages(set, &without)?;
        offers.push(Offer {
            name: name.clone(),
            description: option.description.clone(),
            default: option.default,
            files: with
                .keys()
                .filter(|path| !without.contains_key(*path))
                .map(ToString::to_string)
                .collect(),
            lines: lines(set, &with).saturating_sub(lines(set, &without)),
            dependencies: packages(set, &with)?
                .difference(&packages_without)
                .cloned()
                .collect(),
        });
    }
    Ok(offers)
}

/// The offers as a person reads them.
pub fn text(offers: &[Offer]) -> String {
    let mut text = String::new();
    for offer in offers {
        let default = if offer.default { "on" } else { "off" };
        let counts = [
            (offer.files.len(), "file", "files"),
            (offer.lines, "line", "lines"),
            (offer.dependencies.len(), "dependency", "dependencies"),
        ];
        let adds: Vec<String> = counts
            .into_iter()
            .filter(|(number, ..)| *number > 0)
            .map(counted)
            .collect();
        let adds = if adds.is_empty() {
            "nothing".to_owned()
        } else {
            adds.join(", ")
        };
        let lines = [
            format!("{} ({default} by default)", offer.name),
            offer.description.clone(),
            format!("adds {adds}"),
        ];
        text.push_str(&lines.join("\n    "));
        text.push_str("\n\n");
    }
    text.push_str("`new --with a,b --without c` chooses.\n");
    text
}

fn counted((number, one, many): (usize, &str, &str)) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The set with a default for everything that a person would have to answer. Any will do, so no pattern is asked.
fn answered(set: &TemplateSet) -> TemplateSet {
    let mut set = set.clone();
    for (name, spec) in &mut set.manifest.answers {
        spec.pattern = None;
        if answers::kind(name).is_none() {
            spec.default.get_or_insert_with(|| example(spec.kind));
        }
    }
    set
}

fn example(kind: AnswerKind) -> Value {
    match kind {
        AnswerKind::String => Value::from("example"),
        AnswerKind::Integer => Value::from(1),
        AnswerKind::List => Value::Array(Vec::new()),
        AnswerKind::Table => Value::Table(toml::Table::new()),
    }
}

fn lines(set: &TemplateSet, tree: &Tree) -> usize {
    let counted = tree
        .iter()
        .filter(|(path, _)| set.manifest.file(path).lock_of.is_none());
    counted
        .map(|(_, file)| file.bytes().split_inclusive(|byte| *byte == b'\n').count())
        .sum()
}

fn packages(set: &TemplateSet, tree: &Tree) -> Result<BTreeSet<String>> {
    let mut packages = BTreeSet::new();
    for (path, file) in tree
        .iter()
        .filter(|(path, _)| set.manifest.file(path).lock_of.is_some())
    {
        let lock = String::from_utf8_lossy(file.bytes());
        let listed =
            lockfile::packages(&lock).map_err(|error| error.within(format_args!("read {path}")));
        packages.extend(listed?);
    }
    Ok(packages)
}
