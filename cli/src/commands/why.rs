//! `why`: whose a file or a line is, and where a generated one comes from.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use regex_lite::Regex;

use super::resolve::in_project;
use crate::args;
use crate::difference::{self, Line, Was, was};
use crate::merge::markers;
use crate::origin::Generated;
use crate::output::Format;
use crate::plan::There;
use crate::project::{self, Condition, Left, Project, conditions, look};
use crate::report::{Origin, Owner, Ownership};
use crate::templates::TemplateSet;
use crate::templates::released::RELEASED;
use crate::tree::{File, RelPath};
use crate::{Error, Result};

pub fn why(args: &args::Why, format: Format) -> Result<ExitCode> {
    let root = project::root()?;
    super::undo::tell_pending(&root)?;
    let project = Project::open(&root)?;
    let set = made_from(&project, args.templates.as_deref())?;
    let (file, number) = place(&args.place);
    let path = in_project(&root, &file)?;
    let there = look(&root, [&path])?.remove(&path);
    let line = number
        .map(|number| line(&path, there.as_ref(), number))
        .transpose()?;
    let ownership = ownership(&project, &path, there.as_ref(), line)?;

    let mut origin = Origin {
        project: &project,
        path: &path,
        line: line.map(|(at, text)| (at + 1, text)),
        ownership,
        since: None,
        made: None,
    };
    if let (Owner::Template(at), Some(file)) = (&origin.ownership.owner, project.base.get(&path)) {
        let generated = Generated {
            path: &path,
            file,
            line: *at,
        };
        origin.since = Some(generated.since(&project.state)?);
        if let Some(set) = &set {
            origin.made = generated.made(set, &project.state.choices())?;
        }
    }
    super::show(format, &origin.text(), || origin.json())
}

/// The file, and the number of a line: `FILE`, `FILE:LINE`, or as compilers say it, `FILE:LINE:COLUMN`.
fn place(typed: &str) -> (PathBuf, Option<usize>) {
    let numbered = Regex::new(r"^(.+?):(\d+)(?::\d+)?$").expect("it is a regular expression");
    let parts = numbered.captures(typed);
    let parts = parts.filter(|_| Path::new(typed).symlink_metadata().is_err());
    match parts {
        // What is too large for a number is beyond every file.
        Some(parts) => (
            parts[1].into(),
            Some(parts[2].parse().unwrap_or(usize::MAX)),
        ),
        None => (typed.into(), None),
    }
}

/// The template set that the project was made from: the one in `folder`, or one that this program carries.
fn made_from(project: &Project, folder: Option<&Path>) -> Result<Option<TemplateSet>> {
    let templates = &project.state.templates;
    if let Some(folder) = folder {
        let set = TemplateSet::from_dir(folder)?;
        if set.digest() == templates.digest {
            return Ok(Some(set));
        }
        return Err(Error::new(
            format!(
                "{} is not what the project was made from: that was {} {}",
                folder.display(),
                templates.name,
                templates.version
            ),
            "name the folder as it was then, or leave `--templates` out",
        ));
    }
    let ours = TemplateSet::embedded()?;
    if ours.digest() == templates.digest {
        return Ok(Some(ours));
    }
    for released in &RELEASED {
        let set = released.set()?;
        if set.digest() == templates.digest {
            return Ok(Some(set));
        }
    }
    Ok(None)
}

/// The line of that number of the file, as it is.
fn line<'a>(path: &RelPath, there: Option<&'a There>, number: usize) -> Result<(Line, &'a [u8])> {
    let text = match there {
        Some(There::File(File::Regular { bytes, .. })) if !bytes.contains(&0) => bytes,
        found => {
            let what = if found.is_none() {
                "not there"
            } else {
                "no text"
            };
            return Err(Error::new(
                format!("{path} is {what}: it has no lines"),
                "name the file alone",
            ));
        }
    };
    let lines = difference::texts(text);
    let at = number.checked_sub(1);
    let found = at.and_then(|at| Some((at, *lines.get(at)?)));
    found.ok_or_else(|| {
        let count = lines.len();
        let plural = if count == 1 { "" } else { "s" };
        Error::new(
            format!("{path} has no line {number}"),
            format!("it has {count} line{plural}; the first one is number 1"),
        )
    })
}

fn ownership(
    project: &Project,
    path: &RelPath,
    there: Option<&There>,
    line: Option<(Line, &[u8])>,
) -> Result<Ownership> {
    if path.parts().next() == Some(".tac") {
        let words = "tac-bootstrap's own: what it remembers of the project";
        return Ok(Ownership::new(Owner::Program, words));
    }
    let theirs = |(_, left): &(&RelPath, &Left)| matches!(left, Left::Beside(name) if name == path);
    if let Some((of, _)) = project.state.conflicts.iter().find(theirs) {
        let words = format!("the template's version of {of}, until `tac-bootstrap resolve`");
        return Ok(Ownership::new(Owner::Program, words));
    }
    let words = match conditions(project)?.get(path) {
        None => return foreign(path, there),
        Some(Condition::Kept) => {
            let offered = project::offered(path);
            let words = format!("yours from before; what would have been generated is {offered}");
            return Ok(Ownership::new(Owner::User, words));
        }
        Some(Condition::Stale) => {
            let words = "yours: you had edited it when the templates dropped it";
            return Ok(Ownership::new(Owner::User, words));
        }
        Some(Condition::Pristine) => "generated, and as it was",
        Some(Condition::Edited) => "generated, and edited by you: `tac-bootstrap diff` shows it",
        Some(Condition::Missing) => "generated, and deleted by you",
        Some(Condition::Once) => "generated once, and yours since",
        Some(Condition::Conflicted) => "generated, with a conflict that is not resolved",
    };
    let texts = (project.base.get(path), there, line);
    let (Some(base), Some(There::File(ours)), Some((at, _))) = texts else {
        return Ok(Ownership::new(Owner::Template(None), words));
    };
    Ok(of_line(base, ours, at))
}

fn foreign(path: &RelPath, there: Option<&There>) -> Result<Ownership> {
    let refuse = |why: &str, hint: &str| Err(Error::new(format!("{path} {why}"), hint));
    match there {
        Some(There::File(_)) => Ok(Ownership::new(
            Owner::User,
            "yours: tac-bootstrap did not write it",
        )),
        Some(There::Folder(_)) => refuse("is a folder", "name a file in it"),
        Some(There::Other | There::Behind(_)) => refuse(
            "is no file of the project, or lies behind a link",
            "name a file",
        ),
        None => refuse(
            "is not there, and was not generated",
            "`tac-bootstrap status` lists the files that are edited or missing",
        ),
    }
}

fn of_line(base: &File, ours: &File, at: Line) -> Ownership {
    let (old, new) = (base.bytes(), ours.bytes());
    if markers(new).contains(&(at + 1)) {
        let words = "a conflict marker, which goes when the conflict is decided";
        return Ownership::new(Owner::Program, words);
    }
    match was(old, new, at) {
        Was::There(line) => {
            let words = format!("generated, as line {}", line + 1);
            Ownership::new(Owner::Template(Some(line)), words)
        }
        Was::InPlaceOf(lines) if lines.is_empty() => {
            Ownership::new(Owner::User, "yours: you have inserted it")
        }
        Was::InPlaceOf(lines) => {
            let words = match lines.len() {
                1 => format!("yours, in place of line {}, which was", lines.end),
                _ => format!(
                    "yours, in place of the lines {} to {}, which were",
                    lines.start + 1,
                    lines.end
                ),
            };
            let shown = |line: &&[u8]| String::from_utf8_lossy(line).into_owned();
            Ownership {
                replaces: difference::texts(old)[lines].iter().map(shown).collect(),
                ..Ownership::new(Owner::User, words)
            }
        }
    }
}
