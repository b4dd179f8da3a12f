//! `diff`: what the user has made of the generated files; with `--template`, what the templates would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::resolve::in_project;
use super::upgrade::refuse_unfit;
use crate::answers::again::{Wishes, again};
use crate::args;
use crate::difference::Difference;
use crate::error::one_line;
use crate::output::Format;
use crate::plan::There;
use crate::project::{self, Project, Templates, look};
use crate::render::render;
use crate::tree::{File, RelPath};
use crate::{Error, Result};

pub fn diff(args: &args::Diff, format: Format) -> Result<ExitCode> {
    let root = project::root()?;
    super::undo::tell_pending(&root)?;
    let project = Project::open(&root)?;
    let to = if args.template {
        Some(templates_change(args, &project)?)
    } else {
        None
    };
    let (to, mut files) = match to {
        Some((to, files)) => (Some(to), files),
        None => (None, user_changes(&project)?),
    };
    narrow(&mut files, &args.files, &project)?;
    files.retain(|_, difference| !difference.is_none());

    let nothing = match to {
        Some(_) => "the templates change nothing\n",
        None => "everything is as it was generated\n",
    };
    let text = if files.is_empty() {
        nothing.to_owned()
    } else {
        files.iter().map(text).collect()
    };
    super::show(format, &text, || {
        json!({
            "path": root.display().to_string(),
            "from": project.state.templates,
            "to": to,
            "files": files.iter().map(document).collect::<Vec<_>>(),
        })
    })
}

/// Of every generated file, what is on disk against what was generated.
fn user_changes(project: &Project) -> Result<BTreeMap<RelPath, Difference>> {
    let ours = look(&project.root, project.state.files.keys())?;
    let difference = |path: &RelPath| match project.base.get(path) {
        Some(base) => Difference::between(Some(base), ours.get(path)),
        None => no_base(path),
    };
    let files = project.state.files.keys();
    Ok(files.map(|path| (path.clone(), difference(path))).collect())
}

/// Of every file that was or would be generated, the template's version now against the one before. Of the user's own
/// that were kept as well: what was offered in their place.
fn templates_change(
    args: &args::Diff,
    project: &Project,
) -> Result<(Templates, BTreeMap<RelPath, Difference>)> {
    let set = super::template_set(args.templates.as_deref())?;
    if args.templates.is_none() {
        refuse_unfit(project, &set)?;
    }
    let choices = again(&project.choices(), &Wishes::default(), &set)?;
    let rendered = render(&set, &choices)?;
    let generated = |path: &RelPath| -> Option<&File> {
        let offered = || project.tac.get(&project::offered(path));
        project.base.get(path).or_else(offered)
    };
    let paths: BTreeSet<&RelPath> = project.state.files.keys().chain(rendered.keys()).collect();
    let difference = |path: &RelPath| {
        let is_known = project.state.files.contains_key(path);
        if is_known && generated(path).is_none() {
            return no_base(path);
        }
        let new = rendered.get(path).cloned().map(There::File);
        Difference::between(generated(path), new.as_ref())
    };
    let files = paths.into_iter();
    let files = files.map(|path| (path.clone(), difference(path)));
    Ok((Templates::of(&set), files.collect()))
}

fn no_base(path: &RelPath) -> Difference {
    let copy = project::base(path);
    Difference {
        words: vec![format!("{copy} is missing: it cannot be compared")],
        lines: Vec::new(),
    }
}

/// Leaves those that are named, or that lie in a folder that is.
fn narrow(
    files: &mut BTreeMap<RelPath, Difference>,
    named: &[PathBuf],
    project: &Project,
) -> Result<()> {
    let mut chosen = BTreeSet::new();
    for name in named {
        let is_root = name.canonicalize().ok() == project.root.canonicalize().ok();
        let found: Vec<RelPath> = if is_root {
            files.keys().cloned().collect()
        } else {
            let name = in_project(&project.root, name)?;
            let is_meant =
                |path: &&RelPath| **path == name || path.folders().any(|above| above == name);
            let found: Vec<RelPath> = files.keys().filter(is_meant).cloned().collect();
            if found.is_empty() {
                return Err(not_generated(&name, project));
            }
            found
        };
        chosen.extend(found);
    }
    if !named.is_empty() {
        files.retain(|path, _| chosen.contains(path));
    }
    Ok(())
}

fn not_generated(path: &RelPath, project: &Project) -> Error {
    if project.state.kept.contains(path) {
        return Error::new(
            format!("{path} was yours before anything was generated: there is nothing to compare"),
            format!(
                "what would have been generated is {}",
                project::offered(path)
            ),
        );
    }
    Error::new(
        format!("{path} is not generated, and holds nothing that is"),
        "`tac-bootstrap status` tells which files are; `git diff` compares your own",
    )
}

fn text((path, difference): (&RelPath, &Difference)) -> String {
    let bold = Style::new().bold();
    let mut text: String = difference
        .words
        .iter()
        .map(|words| format!("{bold}{path}{bold:#}: {}\n", one_line(words)))
        .collect();
    if difference.lines.is_empty() {
        return text;
    }
    text += &format!("{bold}--- a/{path}{bold:#}\n{bold}+++ b/{path}{bold:#}\n");
    for line in &difference.lines {
        let style = match line.as_bytes().first() {
            Some(b'+') => AnsiColor::Green.on_default(),
            Some(b'-') => AnsiColor::Red.on_default(),
            Some(b'@') => AnsiColor::Cyan.on_default(),
            _ => Style::new(),
        };
        // A terminal obeys control characters; a tab is only wide.
        let shown: Vec<String> = line.split('\t').map(one_line).collect();
        text += &format!("{style}{}{style:#}\n", shown.join("\t"));
    }
    text
}

fn document((path, difference): (&RelPath, &Difference)) -> Value {
    let lines = difference.lines.iter();
    let diff: String = lines.map(|line| format!("{line}\n")).collect();
    json!({
        "path": path,
        "words": difference.words,
        "added": difference.count('+'),
        "removed": difference.count('-'),
        "diff": diff,
    })
}
