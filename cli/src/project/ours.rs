//! What is on disk where generated files belong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileType};
use std::io::ErrorKind;
use std::path::Path;

use walkdir::WalkDir;

use crate::error::Context;
use crate::plan::{Ours, There};
use crate::tree::{RelPath, Tree};
use crate::{Result, disk};

const READABLE: &str = "make it readable, or take it away";

/// Looks at `paths` of the project at `root`, following no link.
pub fn look<'a>(root: &Path, paths: impl IntoIterator<Item = &'a RelPath>) -> Result<Ours> {
    let mut folders = Folders {
        root,
        seen: BTreeMap::new(),
    };
    let mut ours = Ours::new();
    for path in paths {
        if let Some(there) = folders.at(path)? {
            ours.insert(path.clone(), there);
        }
    }
    Ok(ours)
}

struct Folders<'a> {
    root: &'a Path,
    seen: BTreeMap<RelPath, Option<FileType>>,
}

impl Folders<'_> {
    fn at(&mut self, path: &RelPath) -> Result<Option<There>> {
        for above in path.folders() {
            match self.kind(&above)? {
                None => return Ok(None),
                Some(kind) if kind.is_dir() => {}
                Some(_) => return Ok(Some(There::Behind(above))),
            }
        }
        let Some(kind) = kind(self.root, path)? else {
            return Ok(None);
        };
        let at = self.root.join(path.as_str());
        let is_readable_link =
            || fs::read_link(&at).is_ok_and(|target| target.as_os_str().to_str().is_some());
        Ok(Some(if kind.is_dir() {
            contents(self.root, path)?.map_or(There::Other, There::Folder)
        } else if kind.is_file() || kind.is_symlink() && is_readable_link() {
            There::File(disk::file(&at)?)
        } else {
            There::Other
        }))
    }

    fn kind(&mut self, folder: &RelPath) -> Result<Option<FileType>> {
        if let Some(kind) = self.seen.get(folder) {
            return Ok(*kind);
        }
        let kind = kind(self.root, folder)?;
        self.seen.insert(folder.clone(), kind);
        Ok(kind)
    }
}

fn kind(root: &Path, path: &RelPath) -> Result<Option<FileType>> {
    match root.join(path.as_str()).symlink_metadata() {
        Ok(found) => Ok(Some(found.file_type())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).context(format!("look at {path}"), READABLE),
    }
}

/// Everything in the folder that is no folder, and the folders that are empty; `None` where something has a name that
/// is no path of ours.
fn contents(root: &Path, folder: &RelPath) -> Result<Option<BTreeSet<RelPath>>> {
    let act = || format!("read {folder}");
    let mut contents = BTreeSet::new();
    for entry in WalkDir::new(root.join(folder.as_str())) {
        let entry = entry.context(act(), READABLE)?;
        let is_full = entry.file_type().is_dir()
            && fs::read_dir(entry.path())
                .context(act(), READABLE)?
                .next()
                .is_some();
        if !is_full {
            let Ok(path) = disk::relative(root, entry.path()) else {
                return Ok(None);
            };
            contents.insert(path);
        }
    }
    Ok(Some(contents))
}

/// The user's own files in `folders` of the project, those in folders of their own included. A folder that says it
/// is a cache, as cargo's `target` does, is left out, and so is what cannot be read.
pub fn others(
    root: &Path,
    folders: &BTreeSet<RelPath>,
    known: &dyn Fn(&RelPath) -> bool,
) -> BTreeSet<RelPath> {
    let mut others = BTreeSet::new();
    let tops = folders
        .iter()
        .filter(|folder| !folder.folders().any(|above| folders.contains(&above)));
    for top in tops {
        let walk = WalkDir::new(root.join(top.as_str())).into_iter();
        let walk = walk.filter_entry(|entry| {
            let is_cache = entry.path().join("CACHEDIR.TAG").exists();
            let is_hidden = entry.file_name() == ".git";
            !entry.file_type().is_dir() || !is_cache && !is_hidden
        });
        for entry in walk.flatten().filter(|entry| !entry.file_type().is_dir()) {
            match disk::relative(root, entry.path()) {
                Ok(path) if !known(&path) => drop(others.insert(path)),
                _ => {}
            }
        }
    }
    others
}

/// Reads those of `paths` that are files.
pub fn read(root: &Path, paths: &BTreeSet<RelPath>) -> Tree {
    let file = |path: &RelPath| Some((path.clone(), disk::file(&root.join(path.as_str())).ok()?));
    paths.iter().filter_map(file).collect()
}
