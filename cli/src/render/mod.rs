//! A template set and choices, rendered to the project that they stand for.

mod engine;
mod formats;
mod mentions;

use std::collections::{BTreeMap, BTreeSet};

use tera::Tera;
use toml::{Table, Value};

pub use formats::{Format, plain};

use crate::error::unknown;
use crate::templates::{Manifest, Source, TemplateSet};
use crate::tree::{File, RelPath, Tree};
use crate::{Error, Result, glob, lockfile};

/// What a project was made with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choices {
    /// By name; an answer that is missing takes the set's default.
    pub answers: BTreeMap<String, Value>,
    /// The options that are on; every other one is off.
    pub options: BTreeSet<String>,
}

/// Renders every file of `set` that `choices` call for.
///
/// An answer or option that the set does not know, an answer that it lacks or that does not fit, and a template that
/// cannot be parsed or mentions an unknown name are errors, whether or not the choices make use of them.
pub fn render(set: &TemplateSet, choices: &Choices) -> Result<Tree> {
    let context = context(&set.manifest, choices)?;
    let engine = engine::engine(set)?;
    let mut tree = Tree::new();
    for (path, source) in &set.files {
        if is_called_for(&set.manifest, &choices.options, path) {
            tree.insert(path.clone(), file(&engine, &context, path, source)?);
        }
    }
    prune_locks(&set.manifest, &choices.options, &mut tree)?;
    Ok(tree)
}

/// The name of an answer, of an option or of a key in an answer's table, as templates write it.
fn in_templates(name: impl AsRef<str>) -> String {
    name.as_ref().replace('-', "_")
}

fn context(manifest: &Manifest, choices: &Choices) -> Result<tera::Context> {
    let (answer, option) = ("answer of the template set", "option of the template set");
    check_known(answer, choices.answers.keys(), manifest.answers.keys())?;
    check_known(option, choices.options.iter(), manifest.options.keys())?;
    let mut answers = Table::new();
    for (name, spec) in &manifest.answers {
        let value = choices.answers.get(name).or(spec.default.as_ref());
        let value = value
            .ok_or_else(|| Error::new(format!("answer `{name}` is missing"), spec.help.clone()))?;
        spec.check(name, value)?;
        answers.insert(in_templates(name), with_template_keys(value));
    }
    let options: BTreeMap<String, bool> = manifest
        .options
        .keys()
        .map(|name| (in_templates(name), choices.options.contains(name)))
        .collect();
    let mut context = tera::Context::new();
    context.insert("answers", &answers);
    context.insert("options", &options);
    Ok(context)
}

fn check_known<'a>(
    what: &str,
    mut given: impl Iterator<Item = &'a String>,
    known: impl Iterator<Item = &'a String>,
) -> Result<()> {
    let known: Vec<&str> = known.map(String::as_str).collect();
    match given.find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(unknown(what, name, known.into_iter())),
        None => Ok(()),
    }
}

fn with_template_keys(value: &Value) -> Value {
    match value {
        Value::Table(table) => Value::Table(
            table
                .iter()
                .map(|(key, value)| (in_templates(key), with_template_keys(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn is_called_for(manifest: &Manifest, on: &BTreeSet<String>, path: &RelPath) -> bool {
    let mut off = manifest
        .options
        .iter()
        .filter(|(name, _)| !on.contains(*name));
    !off.any(|(_, option)| {
        option
            .paths
            .iter()
            .any(|pattern| glob::matches(pattern, path.as_str()))
    })
}

fn file(engine: &Tera, context: &tera::Context, path: &RelPath, source: &Source) -> Result<File> {
    match &source.file {
        File::Regular { executable, .. } if source.is_template => {
            let text = engine.render(path.as_str(), context);
            let text = text.map_err(|error| engine::explain(source.stored.as_str(), &error))?;
            Ok(File::Regular {
                bytes: text.into_bytes(),
                executable: *executable,
            })
        }
        copied => Ok(copied.clone()),
    }
}

fn prune_locks(manifest: &Manifest, on: &BTreeSet<String>, tree: &mut Tree) -> Result<()> {
    let cut = cut_edges(manifest, on);
    for (path, spec) in &manifest.files {
        let Some(cargo_toml) = spec.lock_of.as_ref().and_then(|of| tree.get(of)) else {
            continue;
        };
        let cargo_toml = String::from_utf8_lossy(cargo_toml.bytes()).into_owned();
        let Some(File::Regular { bytes, .. }) = tree.get_mut(path) else {
            continue;
        };
        let pruned = lockfile::prune(&String::from_utf8_lossy(bytes), &cargo_toml, &cut);
        *bytes = pruned
            .map_err(|error| error.within(format_args!("render {path}")))?
            .into_bytes();
    }
    Ok(())
}

/// The edges of lock files that only options list which are off.
fn cut_edges<'a>(manifest: &'a Manifest, on: &BTreeSet<String>) -> BTreeSet<(&'a str, &'a str)> {
    let edges = |is_on: bool| {
        let options = manifest
            .options
            .iter()
            .filter(move |(name, _)| on.contains(*name) == is_on);
        options
            .flat_map(|(_, option)| option.lock_edges())
            .collect::<BTreeSet<_>>()
    };
    edges(false).difference(&edges(true)).copied().collect()
}
