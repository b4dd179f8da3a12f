//! `.tac/`: what a project remembers of how it was made, and the project as it is on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Context;
use crate::hash::sha256;
use crate::plan::{Plan, Verdict};
use crate::render::Choices;
use crate::templates::{Manifest, Policy, TemplateSet, names};
use crate::tree::{File, Mode, RelPath, Tree};
use crate::{Error, Result, disk, parse};

const SCHEMA: u32 = 1;

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
    pub templates: Templates,
    pub answers: BTreeMap<String, toml::Value>,
    /// Every file that was generated, as it was written.
    pub files: BTreeMap<RelPath, Written>,
}

/// The template set that the project was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    pub name: String,
    pub version: String,
    pub digest: String,
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
    pub fn new(set: &TemplateSet, choices: &Choices, rendered: &Tree, plan: &Plan) -> Self {
        let Manifest { name, version, .. } = &set.manifest;
        let kept: BTreeSet<RelPath> = plan.with(Verdict::KeepOurs).cloned().collect();
        let is_ours = |(path, _): &(&RelPath, &File)| !kept.contains(*path);
        let written = |(path, file): (&RelPath, &File)| {
            (
                path.clone(),
                Written::new(file, set.manifest.file(path).policy),
            )
        };
        Self {
            schema: SCHEMA,
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            options: choices.options.iter().cloned().collect(),
            templates: Templates {
                name: name.clone(),
                version: version.clone(),
                digest: set.digest().to_owned(),
            },
            answers: choices.answers.clone(),
            files: rendered.iter().filter(is_ours).map(written).collect(),
            kept,
        }
    }

    /// Reads `.tac/tac.toml` of the project at `root`.
    pub fn read(root: &Path) -> Result<Self> {
        let restore = "bring it back from version control: it is not edited by hand";
        let path = root.join(".tac/tac.toml");
        let shown = path.display().to_string();
        let text = fs::read_to_string(&path).context(format!("read {shown}"), restore)?;
        let header: Header = parse::toml(&shown, &text, restore)?;
        if header.schema != SCHEMA {
            let found = header.schema;
            return Err(Error::new(
                format!("read {shown}: its schema is {found}, this program knows {SCHEMA}"),
                "use the version of tac-bootstrap that wrote it, or a later one",
            ));
        }
        parse::toml(&shown, &text, restore)
    }

    /// One line an answer and a file: two branches then disagree about those lines only.
    fn to_toml(&self) -> String {
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

/// The one line that every schema has.
#[derive(Deserialize)]
struct Header {
    schema: u32,
}

impl Written {
    fn new(file: &File, policy: Policy) -> Self {
        Self {
            sha256: sha256(file.bytes()),
            mode: file.mode(),
            policy,
        }
    }
}

/// What has become of a generated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Unedited,
    Edited,
    Missing,
}

/// Compares what is at `path` of the project with what was `written` there.
pub fn condition(root: &Path, path: &RelPath, written: &Written) -> Condition {
    let path = root.join(path.as_str());
    if path.symlink_metadata().is_err() {
        return Condition::Missing;
    }
    match disk::file(&path) {
        Ok(file) if *written == Written::new(&file, written.policy) => Condition::Unedited,
        // A folder in its place, or a file that cannot be read, is not what was written either.
        _ => Condition::Edited,
    }
}

/// The files whose copy in `.tac/base/` is missing or is not what was written.
pub fn damaged<'a>(root: &Path, state: &'a State) -> Vec<&'a RelPath> {
    let is_damaged = |(path, written): &(&RelPath, &Written)| {
        let copy = root.join(".tac/base").join(safe_name(path));
        fs::read(copy).map_or(true, |bytes| sha256(&bytes) != written.sha256)
    };
    let damaged = state.files.iter().filter(is_damaged);
    damaged.map(|(path, _)| path).collect()
}

/// Everything under `.tac/`: the state, the rendered files as the base of later merges, and those that are
/// offered beside the user's own.
pub fn tac_folder(state: &State, rendered: &Tree) -> Tree {
    let mut tree = Tree::new();
    let mut add = |path: String, file| {
        let path = RelPath::try_from(path).expect("a safe name in a folder of ours is a path");
        tree.insert(path, file);
    };
    add(".tac/tac.toml".into(), File::text(state.to_toml()));
    add(".tac/.gitattributes".into(), File::text("* -text\n"));
    add(
        ".tac/.gitignore".into(),
        // An ignore rule of a folder above hides nothing here.
        File::text("!*\n/lock\n/journal\n/undo\n"),
    );
    for (path, file) in rendered {
        // A link is kept as a file that holds its target, and no file as a program: nothing in `.tac/` is used by itself.
        let copy = File::Regular {
            bytes: file.bytes().to_vec(),
            executable: false,
        };
        let folder = if state.kept.contains(path) {
            "offered"
        } else {
            "base"
        };
        add(format!(".tac/{folder}/{}", safe_name(path)), copy);
    }
    tree
}

/// The path below `.tac/base/` and `.tac/offered/`: no tool takes a file there for one of its own (`dot_gitignore`, `Cargo.toml_`).
pub fn safe_name(path: &RelPath) -> String {
    let name = names::encode(path);
    let last = name.rsplit('/').next().unwrap_or(&name);
    let is_manifest = last.trim_end_matches('_') == "Cargo.toml";
    if is_manifest { name + "_" } else { name }
}
