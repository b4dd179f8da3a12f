//! No write goes through a link or out of the project.

use std::io;

use super::cannot;
use super::disk::{Disk, Found};
use crate::tree::RelPath;
use crate::{Error, Result};

/// The folders above `path`, outermost first, without the project itself.
pub fn above(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// The folder that `path` lies in; the empty path for the project.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// An error if one of the folders above `path` is something else. They may be missing.
pub fn parents(disk: &impl Disk, path: &str) -> Result<()> {
    for folder in above(path) {
        match disk.look(folder).map_err(cannot(format!("reach {path}")))? {
            None => return Ok(()),
            Some(Found::Folder { .. }) => {}
            Some(found) => return Err(in_the_way(path, folder, &found)),
        }
    }
    Ok(())
}

/// What is at `path`. Nothing is, where one of the folders above it is a link.
pub fn look(disk: &impl Disk, path: &str) -> io::Result<Option<Found>> {
    for folder in above(path) {
        let Some(Found::Folder { .. }) = disk.look(folder)? else {
            return Ok(None);
        };
    }
    disk.look(path)
}

/// The error for something above `path` that is no folder.
pub fn in_the_way(path: &str, above: &str, found: &Found) -> Error {
    let what = if found.is_link() {
        "a link"
    } else {
        "not a folder"
    };
    Error::new(
        format!("reach {path}: {above} is {what}"),
        format!("put a folder in the place of {above}: nothing goes through a link"),
    )
}

/// An error for paths that no project has files of its own at.
pub fn is_ours_to_change(path: &RelPath) -> Result<()> {
    let mut parts = path.parts();
    let in_tac = parts
        .next()
        .is_some_and(|part| part.eq_ignore_ascii_case(".tac"));
    let reserved = in_tac && matches!(parts.next(), Some("lock" | "journal" | "undo"));
    // What lies there may be run by git.
    let in_git = path.parts().any(|part| part.eq_ignore_ascii_case(".git"));
    if reserved || in_git {
        return Err(Error::new(
            format!("change {path}: it is no file of a project"),
            "use a template set, and a `.tac/`, that has nothing there",
        ));
    }
    Ok(())
}
