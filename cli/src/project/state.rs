//! `.tac/tac.toml`: how a project was made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Context;
use crate::hash::sha256;
use crate::plan::{Plan, Verdict};
use crate::render::Choices;
use crate::templates::{Policy, TemplateSet};
use crate::tree::{File, Mode, RelPath, Tree};
use crate::{Error, Result, parse};

const SCHEMA: u32 = 1;

/// What to do about anything that is wrong in `.tac/`.
pub(super) const RESTORE: &str =
    "bring it back from version control, `git checkout HEAD -- .tac`: it is not edited by hand";

const HEAD: &str = "\
# Written by tac-bootstrap: how this project was made, so that it can be brought up to date. Commit it, do not edit it.
#
# A merge conflict in .tac/ between two branches: take the whole folder from one of them, also what git has merged:
#   git rm -rqf --cached .tac
#   rm -r .tac
#   git checkout HEAD -- .tac
# takes yours, with MERGE_HEAD for HEAD theirs. Then `tac-bootstrap doctor` tells whether it is whole.
";

/// The contents of `.tac/tac.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub schema: u32,
    /// Version of the program that wrote it.
    pub tool: String,
    /// The options that are on.
    pub options: Vec<String>,
    /// Files that the user had already, and that stayed as they were. They have no base.
    pub kept: BTreeSet<RelPath>,
    /// Files that the user had edited when the template set dropped them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub stale: BTreeSet<RelPath>,
    pub templates: Templates,
    pub answers: BTreeMap<String, toml::Value>,
    /// What an upgrade has left for a person to decide, by the file that it is about.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conflicts: BTreeMap<RelPath, Left>,
    /// Every file that was generated, as it was written.
    pub files: BTreeMap<RelPath, Written>,
}

/// How a conflict shows in the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Left {
    /// As markers in the file.
    Markers,
    /// As the template's version, in a file beside it.
    Beside(RelPath),
}

/// The template set that the project was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    pub name: String,
    pub version: String,
    pub digest: String,
}

impl Templates {
    pub fn of(set: &TemplateSet) -> Self {
        Self {
            name: set.manifest.name.clone(),
            version: set.manifest.version.clone(),
            digest: set.digest().to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// SHA-256 of the contents in hex; a link's are its target.
    pub sha256: String,
    pub mode: Mode,
    pub policy: Policy,
}

impl State {
    /// What is to be remembered once `plan` is carried out: `rendered` is the new base.
    pub fn new(
        set: &TemplateSet,
        choices: &Choices,
        rendered: &Tree,
        plan: &Plan,
        before: Before<'_>,
    ) -> Self {
        let is_kept = |path: &&RelPath| {
            rendered.contains_key(*path)
                && plan
                    .0
                    .get(*path)
                    .is_some_and(|step| step.verdict != Verdict::Unchanged)
        };
        let kept: BTreeSet<RelPath> = before.kept.iter().filter(is_kept).cloned().collect();
        let is_ours = |(path, _): &(&RelPath, &File)| !kept.contains(*path);
        let written = |(path, file): (&RelPath, &File)| {
            (
                path.clone(),
                Written::new(file, set.manifest.file(path).policy),
            )
        };
        let stale = plan.with(&Verdict::Stale).chain(before.stale);
        let conflicts = plan.conflicts().map(|(path, step)| {
            let left = match &step.sidecar {
                Some((name, _)) => Left::Beside(name.clone()),
                None => Left::Markers,
            };
            (path.clone(), left)
        });
        Self {
            schema: SCHEMA,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            options: choices.options.iter().cloned().collect(),
            templates: Templates::of(set),
            answers: choices.answers.clone(),
            stale: stale
                .filter(|path| !rendered.contains_key(*path))
                .cloned()
                .collect(),
            conflicts: conflicts.collect(),
            files: rendered.iter().filter(is_ours).map(written).collect(),
            kept,
        }
    }

    /// What the project was made with.
    pub fn choices(&self) -> Choices {
        Choices {
            answers: self.answers.clone(),
            options: self.options.iter().cloned().collect(),
        }
    }

    /// Whether it differs in no more than the program that wrote it.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let tool = other.tool.clone();
        Self {
            tool,
            ..self.clone()
        } == *other
    }

    /// Parses the text of `.tac/tac.toml`, which errors call `shown`.
    pub fn parse(shown: &str, text: &str) -> Result<Self> {
        let state: Self = parse::toml_of_schema(SCHEMA, shown, text, RESTORE)?;
        match state.strange() {
            Some(path) => Err(Error::new(
                format!("read {shown}: {path} is no file of a project"),
                RESTORE,
            )),
            None => Ok(state),
        }
    }

    /// A path that no command has written here.
    fn strange(&self) -> Option<&RelPath> {
        let generated = self.files.keys().chain(&self.kept).chain(&self.stale);
        let mut paths = generated.chain(self.conflicts.keys());
        let beside = self.conflicts.values().find_map(|left| match left {
            Left::Beside(name) if name.is_reserved() || !is_beside(name) => Some(name),
            _ => None,
        });
        paths.find(|path| path.is_reserved()).or(beside)
    }

    /// Reads `.tac/tac.toml` of the project at `root`.
    pub fn read(root: &Path) -> Result<Self> {
        let path = root.join(".tac/tac.toml");
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).context(format!("read {shown}"), RESTORE)?;
        Self::parse(&shown, &text)
    }

    /// One line an answer and a file: two branches then disagree about those lines only.
    pub fn to_toml(&self) -> String {
        let table = toml::Table::try_from(self).expect("the state is plain data");
        let mut text = format!("{HEAD}\n");
        for (name, value) in &table {
            match value {
                toml::Value::Table(rows) => {
                    text += &format!("\n[{name}]\n");
                    for (key, row) in rows {
                        text += &format!("{} = {row}\n", toml_edit::Key::new(key));
                    }
                }
                value => text += &format!("{name} = {value}\n"),
            }
        }
        text
    }
}

/// What the plan went by, besides the versions of the files.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    pub kept: &'a BTreeSet<RelPath>,
    pub stale: &'a BTreeSet<RelPath>,
}

/// Whether a template's version can be called so: `resolve` removes it.
fn is_beside(name: &RelPath) -> bool {
    name.parts().any(|part| part.contains(".theirs"))
}

impl Written {
    /// Whether the file is as it was written.
    pub fn is(&self, file: &File) -> bool {
        *self == Self::new(file, self.policy)
    }

    pub(super) fn new(file: &File, policy: Policy) -> Self {
        Self {
            sha256: sha256(file.bytes()),
            mode: file.mode(),
            policy,
        }
    }
}
