//! `resolve`: conflicts that a person has decided.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::interrupt::Interrupt;
use crate::output::Format;
use crate::plan::There;
use crate::project::{self, Left, Project, State, look};
use crate::transaction::{self, Change, Label, Lock};
use crate::tree::{File, RelPath, Tree};
use crate::{Error, Result, disk};

pub fn resolve(files: &[PathBuf], format: Format) -> Result<ExitCode> {
    let root = project::root()?;
    super::undo::recover(&root, "resolve")?;
    let project = Project::open(&root)?;
    let chosen = chosen(&project, files)?;
    let unresolved = project::unresolved(&project)?;
    let marked: Vec<String> = unresolved
        .iter()
        .filter(|conflict| chosen.contains_key(&conflict.path) && !conflict.lines.is_empty())
        .map(ToString::to_string)
        .collect();
    if !marked.is_empty() {
        return Err(Error::new(
            "there are still markers; nothing was written",
            "decide each place and take its markers out, then try again",
        )
        .details(marked));
    }

    let mut state = project.state.clone();
    state.conflicts.retain(|path, _| !chosen.contains_key(path));
    let (generated, edited) = beside(&project, chosen.values())?;
    let removed = generated.into_iter().map(|(path, file)| Change {
        path,
        before: Some(file),
        after: None,
        moved_from: None,
    });
    let mut changes: Vec<Change> = removed.collect();
    changes.push(tac_toml(&project, &state));
    let left = state.conflicts.len();
    if !chosen.is_empty() {
        let conflicts = |count| match count {
            1 => "1 conflict".to_owned(),
            count => format!("{count} conflicts"),
        };
        let label = Label {
            command: "resolve".to_owned(),
            from: conflicts(project.state.conflicts.len()),
            to: conflicts(left),
        };
        let lock = Lock::take(&root, "resolve")?;
        transaction::apply(&lock, &label, &changes, &Interrupt::default())?;
    }
    let mut text = match (chosen.len(), left) {
        (0, _) => "there is no conflict\n".to_owned(),
        (count, 0) => format!("{count} resolved, none is left\n"),
        (count, left) => format!("{count} resolved, {left} left\n"),
    };
    for name in &edited {
        text += &format!("  {name} stays: you have edited it\n");
    }
    super::show(
        format,
        &text,
        || json!({ "resolved": chosen.keys().collect::<Vec<_>>(), "left": state.conflicts.keys().collect::<Vec<_>>(), "stays": edited }),
    )
}

/// The conflicts of these files; of all, where none is named.
fn chosen(project: &Project, files: &[PathBuf]) -> Result<BTreeMap<RelPath, Left>> {
    let conflicts = &project.state.conflicts;
    if files.is_empty() {
        return Ok(conflicts.clone());
    }
    let mut chosen = BTreeMap::new();
    for file in files {
        let path = in_project(&project.root, file)?;
        let is_meant = |left: &Left| matches!(left, Left::Beside(name) if *name == path);
        let found = conflicts
            .iter()
            .find(|(of, left)| **of == path || is_meant(left));
        let (of, left) = found.ok_or_else(|| {
            Error::new(
                format!("{path} has no conflict"),
                "`tac-bootstrap status` lists the files that have",
            )
        })?;
        chosen.insert(of.clone(), left.clone());
    }
    Ok(chosen)
}

/// The path in the project of a file that the user has named from where they are.
pub fn in_project(root: &Path, file: &Path) -> Result<RelPath> {
    let outside = || {
        Error::new(
            format!(
                "{} does not lie in the project {}",
                file.display(),
                root.display()
            ),
            "name a file of the project",
        )
    };
    let absolute = std::path::absolute(file).map_err(|_| outside())?;
    let name = absolute.file_name().ok_or_else(outside)?;
    // The file itself may be a link, or gone; the folder that it lies in may be reached by one.
    let folder = absolute.parent().unwrap_or(root);
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let path = folder.join(name);
    if path == root {
        return Err(Error::new(
            format!("{} is the project itself", file.display()),
            "name a file in it",
        ));
    }
    if !path.starts_with(&root) {
        return Err(outside());
    }
    disk::relative(&root, &path)
}

/// The template's versions that lie beside: those that nobody has edited, and the names of the others.
fn beside<'a>(
    project: &Project,
    left: impl Iterator<Item = &'a Left>,
) -> Result<(Tree, Vec<RelPath>)> {
    let names: Vec<&RelPath> = left
        .filter_map(|left| match left {
            Left::Beside(name) => Some(name),
            Left::Markers => None,
        })
        .collect();
    let (mut generated, mut edited) = (Tree::new(), Vec::new());
    for (name, there) in look(&project.root, names)? {
        match there {
            There::File(file) if project.base.values().any(|base| *base == file) => {
                generated.insert(name, file);
            }
            _ => edited.push(name),
        }
    }
    Ok((generated, edited))
}

fn tac_toml(project: &Project, state: &State) -> Change {
    let path = RelPath::try_from(".tac/tac.toml").expect("it is a path");
    Change {
        before: project.tac.get(&path).cloned(),
        after: Some(File::text(state.to_toml())),
        moved_from: None,
        path,
    }
}
