//! A copy of a project, changed as the project is to be.

use std::fs::{self, FileType};
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;
use walkdir::{DirEntry, WalkDir};

use crate::error::Context;
use crate::interrupt::Interrupt;
use crate::transaction::{self, Label, Lock};
use crate::upgrade::Upgrade;
use crate::{Error, Result};

const ROOM: &str = "make room there, or name another folder in `TMPDIR`";

/// Goes away when it is dropped. Only the user can look into it.
pub struct Shadow(TempDir);

impl Shadow {
    /// Lies where cargo finds no manifest above it.
    pub fn new(upgrade: &Upgrade, interrupt: &Interrupt) -> Result<Self> {
        let shadow = tempfile::Builder::new()
            .prefix("tac-verify-")
            .tempdir()
            .context("make a folder for a copy of the project", ROOM)?;
        copy(&upgrade.project.root, shadow.path(), interrupt)?;
        let lock = Lock::take(shadow.path(), "verify")?;
        let label = Label {
            command: "verify".to_owned(),
            from: String::new(),
            to: String::new(),
        };
        transaction::apply(&lock, &label, &upgrade.changes, interrupt)?;
        Ok(Self(shadow))
    }

    pub fn root(&self) -> &Path {
        self.0.path()
    }
}

/// Copies everything but caches, what git keeps, and what earlier transactions keep. Links stay links.
fn copy(from: &Path, to: &Path, interrupt: &Interrupt) -> Result<()> {
    let is_wanted = |entry: &DirEntry| {
        let path = entry.path();
        let is_records = path == from.join(".tac/undo") || path == from.join(".tac/journal");
        let is_cache = || path != from && path.join("CACHEDIR.TAG").exists();
        // The folder for temporary files may be one of the project's.
        entry.file_name() != ".git" && !is_records && path != to && !is_cache()
    };
    let walk = WalkDir::new(from).min_depth(1).into_iter();
    for entry in walk.filter_entry(is_wanted) {
        interrupt.check()?;
        let entry = entry.context(
            format!("copy {}", from.display()),
            "make all of it readable, or leave out `--verify`",
        )?;
        let below = entry.path().strip_prefix(from);
        let at = to.join(below.expect("a walk stays below its root"));
        copy_entry(entry.path(), entry.file_type(), &at)
            .map_err(|cause| uncopied(entry.path(), &cause))?;
    }
    Ok(())
}

/// Sockets and pipes are left out: they are of use to running programs only.
fn copy_entry(from: &Path, kind: FileType, to: &Path) -> io::Result<()> {
    if kind.is_dir() {
        fs::create_dir(to)
    } else if kind.is_symlink() {
        symlink(fs::read_link(from)?, to)
    } else if kind.is_file() {
        fs::copy(from, to).map(drop)
    } else {
        Ok(())
    }
}

fn uncopied(path: &Path, cause: &io::Error) -> Error {
    let hint = match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ROOM,
        _ => "make it readable, or leave out `--verify`",
    };
    let path = path.display();
    Error::new(format!("copy {path}: {cause}; nothing was written"), hint)
}
