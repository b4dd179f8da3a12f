//! A copy of a work tree's index: to add to and to compare with, while the real one stays as it is.

use std::ffi::OsStr;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::git::Git;
use super::repository::Place;
use crate::adapters::plain;
use crate::ids::Id;
use crate::{Error, Result};

/// Removed when it is dropped.
pub struct Index {
    path: PathBuf,
    pub git: Git,
}

impl Index {
    /// In git's folder of the work tree, with which it goes if the service is killed.
    pub fn of(place: &Place) -> Result<Self> {
        Self::in_folder(&place.admin, &place.git)
    }

    pub fn in_folder(admin: &Path, git: &Git) -> Result<Self> {
        let path = admin.join(format!("orchestrator-index-{}", Id::generate()));
        let git = git.with_path("GIT_INDEX_FILE", &path);
        let this = Self { path, git };
        copy(admin, &this.path)?;
        Ok(this)
    }

    /// 409 while it holds conflicts.
    pub fn tree(&self) -> Result<String> {
        self.git.line(&["write-tree"])
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // Git may not have left it, and nothing reads it again.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Copies the index in git's folder of a work tree; without one, git begins an empty one. The copy is as
/// old as the original: by that git tells which files may have been changed right after it was written.
pub fn copy(admin: &Path, to: &Path) -> Result<()> {
    let copied = std::fs::copy(admin.join("index"), to).and_then(|_| {
        let written = admin.join("index").metadata()?.modified()?;
        File::options().write(true).open(to)?.set_modified(written)
    });
    match copied {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(anyhow::Error::new(error)
            .context("copy the index of a work tree")
            .into()),
        _ => Ok(()),
    }
}

/// Takes the work tree as it is, without what is ignored, into `git`'s index; the tree. 409 if a
/// repository of its own is in it, which git would note and not take.
pub fn take_all(git: &Git) -> Result<String> {
    git.bytes(&["add", "--all"])?;
    let entries = git.bytes(&["ls-files", "--stage", "-z"])?;
    for entry in entries
        .split(|byte| *byte == 0)
        .filter(|it| it.starts_with(b"160000 "))
    {
        let path = entry
            .splitn(2, |byte| *byte == b'\t')
            .nth(1)
            .unwrap_or_default();
        let path = Path::new(OsStr::from_bytes(path));
        if git
            .folder()
            .join(path)
            .join(".git")
            .symlink_metadata()
            .is_ok()
        {
            let path = plain(&path.to_string_lossy());
            return Err(Error::Conflict(format!(
                "{path} in the work tree is a repository of its own, which would be lost: move it away, \
                 or remove it"
            )));
        }
    }
    git.line(&["write-tree"])
}
