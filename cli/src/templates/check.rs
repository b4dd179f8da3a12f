//! What a template set must hold before anything of it is written.

use std::collections::BTreeMap;

use super::{Manifest, Source};
use crate::tree::{File, RelPath};
use crate::{Error, Result, glob};

pub(super) fn check(manifest: &Manifest, files: &BTreeMap<RelPath, Source>) -> Result<()> {
    for (path, source) in files {
        check_place(path)?;
        if let Some(above) = folders(path).find(|above| files.contains_key(above.as_str())) {
            return Err(Error::new(
                format!("`{above}` cannot be a file and, for `{path}`, a folder"),
                "rename one of the two",
            ));
        }
        if let File::Link { target } = &source.file {
            check_link(path, target)?;
            if source.is_template {
                return Err(Error::new(
                    format!(
                        "`{}` is a link, and a link cannot be a template",
                        source.stored
                    ),
                    "store the file that it points at, or take `.tera` off its name",
                ));
            }
        }
    }
    for (path, spec) in &manifest.files {
        for named in [Some(path), spec.lock_of.as_ref()].into_iter().flatten() {
            if !files.contains_key(named) {
                return Err(Error::new(
                    format!("set.toml says something of `{named}`, which the set does not hold"),
                    "files are named by the path they are rendered to, such as `.gitignore` for `dot_gitignore`",
                ));
            }
        }
    }
    for (name, option) in &manifest.options {
        for pattern in &option.paths {
            if !files
                .keys()
                .any(|path| glob::matches(pattern, path.as_str()))
            {
                return Err(Error::new(
                    format!("option `{name}`: no file matches `{pattern}`"),
                    "`paths` are globs over the paths that files are rendered to",
                ));
            }
        }
    }
    Ok(())
}

/// Git's own folders and ours are no place for a template: what git finds in `.git` it runs.
fn check_place(path: &RelPath) -> Result<()> {
    if path.is_reserved() {
        return Err(Error::new(
            format!("a template set cannot write `{path}`"),
            "`.git` and `.tac` belong to git and to tac-bootstrap",
        ));
    }
    Ok(())
}

/// A link may point at what the project holds, nowhere else. `..` is for the start of a target only: after a name that
/// is a link itself it would lead where this text does not say.
fn check_link(path: &RelPath, target: &str) -> Result<()> {
    let up = target.split('/').take_while(|part| *part == "..").count();
    let stays_inside = up < path.parts().count();
    let goes_down = target
        .split('/')
        .skip(up)
        .all(|part| !matches!(part, "" | ".."));
    if stays_inside && goes_down {
        return Ok(());
    }
    Err(Error::new(
        format!(
            "the link `{path}` points outside the project, or in a roundabout way, at `{target}`"
        ),
        "write a relative target that lies in the project, with `..` at its start only",
    ))
}

/// The folders that `path` lies in, innermost first.
fn folders(path: &RelPath) -> impl Iterator<Item = String> {
    let text = path.as_str();
    text.rmatch_indices('/')
        .map(|(at, _)| text[..at].to_owned())
}
