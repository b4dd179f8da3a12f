//! No write goes through a link or out of the project.

use super::cannot;
use super::disk::{Disk, Found};
use crate::tree::{File, RelPath};
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
        match disk.look(folder).map_err(cannot(format!("write {path}")))? {
            None => return Ok(()),
            Some(Found::Folder { .. }) => {}
            Some(found) => return Err(in_the_way(path, folder, &found)),
        }
    }
    Ok(())
}

/// An error if one of the folders above `path` is a link.
pub fn links(disk: &impl Disk, path: &str) -> Result<()> {
    for folder in above(path) {
        let found = disk.look(folder).map_err(cannot(format!("write {path}")))?;
        if let Some(
            found @ Found::File {
                file: File::Link { .. },
                ..
            },
        ) = found
        {
            return Err(in_the_way(path, folder, &found));
        }
    }
    Ok(())
}

pub fn in_the_way(path: &str, folder: &str, found: &Found) -> Error {
    let is = match found {
        Found::File {
            file: File::Link { .. },
            ..
        } => "a link",
        _ => "not a folder",
    };
    Error::new(
        format!("write {path}: {folder} is {is}"),
        format!("put a folder in the place of {folder}: nothing is written through a link"),
    )
}

/// An error for what only transactions write.
pub fn own(path: &RelPath) -> Result<()> {
    let mut parts = path.parts();
    match (parts.next(), parts.next()) {
        (Some(".tac"), Some(name @ ("lock" | "journal" | "undo"))) => Err(Error::new(
            format!("write {path}: .tac/{name} is not for files of a project"),
            "take it out of the template set",
        )),
        _ => Ok(()),
    }
}
