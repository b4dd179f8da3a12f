//! Where a generated file, or a line of it, comes from. Found by rendering with other options, other answers and
//! earlier template sets, and looking whether it is still there.

use toml::Value;

use crate::Result;
use crate::answers::again::{Wishes, again};
use crate::difference::{Line, survives};
use crate::project::State;
use crate::render::{Choices, render};
use crate::templates::TemplateSet;
use crate::templates::released::RELEASED;
use crate::tree::{File, RelPath};

/// A file that was generated, or one line of it.
#[derive(Debug)]
pub struct Generated<'a> {
    pub path: &'a RelPath,
    /// As it was generated.
    pub file: &'a File,
    pub line: Option<Line>,
}

/// What it is made from.
#[derive(Debug, PartialEq, Eq)]
pub struct Made {
    /// The file of the template set, as it is stored there.
    pub template: RelPath,
    /// Options without which it would not be there.
    pub options: Vec<String>,
    /// Answers that it would be different with; `commands.test` is a key of one.
    pub answers: Vec<String>,
}

impl Generated<'_> {
    /// What `set`, which the project was made from with `choices`, makes it from.
    pub fn made(&self, set: &TemplateSet, choices: &Choices) -> Result<Option<Made>> {
        let Some(source) = set.files.get(self.path) else {
            return Ok(None);
        };
        let set = &set.narrowed(self.path);
        let mut options = Vec::new();
        for option in &choices.options {
            let mut without = choices.clone();
            without.options.remove(option);
            if !self.is_in(set, &without)? {
                options.push(option.clone());
            }
        }
        let mut answers = Vec::new();
        let altered = if source.is_template {
            altered(choices)
        } else {
            Vec::new()
        };
        for (name, choices) in altered {
            // What the set refuses tells nothing of where the answer is used.
            let Ok(tree) = render(set, &choices) else {
                continue;
            };
            let is_same = match (tree.get(self.path), self.line) {
                (Some(file), Some(line)) => survives(self.file.bytes(), line, file.bytes()),
                (file, _) => file == Some(self.file),
            };
            if !is_same {
                answers.push(name);
            }
        }
        Ok(Some(Made {
            template: source.stored.clone(),
            options,
            answers,
        }))
    }

    /// The first version that generates it with the project's answers: a released one, else the project's own.
    pub fn since(&self, state: &State) -> Result<String> {
        for released in &RELEASED {
            let set = released.set()?;
            if set.manifest.name != state.templates.name || !set.files.contains_key(self.path) {
                continue;
            }
            let set = set.narrowed(self.path);
            let choices = again(&state.choices(), &Wishes::default(), &set)?;
            if self.is_in(&set, &choices)? {
                return Ok(released.version.to_owned());
            }
        }
        Ok(state.templates.version.clone())
    }

    fn is_in(&self, set: &TemplateSet, choices: &Choices) -> Result<bool> {
        let tree = render(set, choices)?;
        Ok(match (tree.get(self.path), self.line) {
            (Some(file), Some(line)) => survives(self.file.bytes(), line, file.bytes()),
            (file, _) => file.is_some(),
        })
    }
}

/// The choices with one answer changed, and the name of that answer; each in turn.
fn altered(choices: &Choices) -> Vec<(String, Choices)> {
    let mut altered = Vec::new();
    for (name, value) in &choices.answers {
        let mut push = |called: String, other: Value| {
            let mut choices = choices.clone();
            choices.answers.insert(name.clone(), other);
            altered.push((called, choices));
        };
        if let Value::Table(table) = value {
            for (key, value) in table {
                let mut table = table.clone();
                if let Some(other) = other(value) {
                    table.insert(key.clone(), other);
                    push(format!("{name}.{key}"), table.into());
                }
            }
        } else if let Some(other) = other(value) {
            push(name.clone(), other);
        }
    }
    altered
}

/// Another value of the same kind.
fn other(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(format!("{text}x").into()),
        Value::Integer(number) => Some((number ^ 1).into()),
        Value::Array(items) => {
            let mut items = items.clone();
            items.push("x".into());
            Some(items.into())
        }
        _ => None,
    }
}
