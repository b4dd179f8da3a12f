//! Writes files all or not at all.
//!
//! Everything is first written into a folder beside or inside the destination, on the same file system, and then
//! moved: a folder that is new by one rename, an existing one entry by entry. Any failure, an interrupt included,
//! takes back what was done. Into an existing folder the service goes first, which decides between two programs that
//! write there at once, and `.tac` last: a project with `.tac` is whole.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Components, Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};

use tempfile::{TempDir, TempPath};

use crate::destination::{Destination, SERVICE};
use crate::interrupt::Interrupt;
use crate::tree::{File, RelPath, Tree};
use crate::{Error, Result};

/// What the name of every stage begins with.
const PREFIX: &str = ".tac-new-";

/// How many files are written at once.
const WRITERS: usize = 4;

/// Files that are written but not yet in place. They vanish when this is dropped; what a killed program leaves is
/// removed by the next one.
pub struct Stage<'a> {
    folder: TempDir,
    /// Held while the stage is in use.
    _lock: fs::File,
    destination: &'a Destination,
    interrupt: &'a Interrupt,
}

impl<'a> Stage<'a> {
    pub fn new(destination: &'a Destination, interrupt: &'a Interrupt) -> Result<Self> {
        let beside = &destination.existing;
        for (leftover, _lock) in leftovers(beside) {
            // Another user's stays; `doctor` names it.
            let _ = fs::remove_dir_all(leftover);
        }
        let (folder, lock) = locked_folder(beside)
            .map_err(|cause| unwritten(&format!("write to {}", beside.display()), &cause))?;
        let stage = Self {
            folder,
            _lock: lock,
            destination,
            interrupt,
        };
        fs::create_dir_all(stage.root())
            .map_err(|cause| unwritten(&format!("create {}", destination.shown), &cause))?;
        Ok(stage)
    }

    /// The folder that stands for the root of the project.
    pub fn root(&self) -> PathBuf {
        let mut missing = self.missing();
        // The stage itself stands for the outermost folder that is missing.
        missing.next();
        self.folder.path().join(missing.as_path())
    }

    /// The folders on the way to the project that do not exist, outermost first.
    fn missing(&self) -> Components<'a> {
        let missing = self
            .destination
            .root
            .strip_prefix(&self.destination.existing);
        missing
            .expect("the root lies in what exists of it")
            .components()
    }

    /// Writes every file of `tree`, several at once: most of it is work of the system. No fsync: until the last
    /// rename nothing of it counts.
    pub fn write(&self, tree: &Tree) -> Result<()> {
        let root = &self.root();
        let files: Vec<_> = tree.iter().collect();
        let share = files.len().div_ceil(WRITERS).max(1);
        thread::scope(|scope| {
            let write = |part| {
                let write = move || self.write_part(root, part);
                thread::Builder::new().spawn_scoped(scope, write)
            };
            let parts: io::Result<Vec<_>> = files.chunks(share).map(write).collect();
            let act = format!("write {}", self.destination.shown);
            let parts = parts.map_err(|cause| unwritten(&act, &cause))?;
            let wait = |part: ScopedJoinHandle<_>| part.join().expect("nothing panics there");
            parts.into_iter().try_for_each(wait)
        })
    }

    fn write_part(&self, root: &Path, files: &[(&RelPath, &File)]) -> Result<()> {
        let mut folder = root.to_owned();
        for (path, file) in files {
            self.interrupt.check()?;
            let to = root.join(path.as_str());
            let act = format!("write {}/{path}", self.destination.shown);
            match to.parent() {
                Some(parent) if parent != folder => {
                    fs::create_dir_all(parent).map_err(|cause| unwritten(&act, &cause))?;
                    parent.clone_into(&mut folder);
                }
                _ => {}
            }
            write_file(&to, file).map_err(|cause| unwritten(&act, &cause))?;
        }
        Ok(())
    }

    /// Puts everything in its place.
    pub fn finish(self) -> Result<()> {
        self.interrupt.check()?;
        let existing = self.destination.existing.as_path();
        match self.missing().next() {
            Some(outermost) => self.become_folder(&existing.join(outermost)),
            None => self.move_into(existing),
        }
    }

    fn become_folder(self, folder: &Path) -> Result<()> {
        fs::rename(self.folder.path(), folder)
            .map_err(|cause| unwritten(&format!("create {}", self.destination.shown), &cause))?;
        // It has another name now, and is not to be removed.
        let _ = self.folder.keep();
        Ok(())
    }

    /// Moves everything into the existing folder `root`, replacing nothing.
    fn move_into(self, root: &Path) -> Result<()> {
        let mut moved = Vec::new();
        let Err((act, cause)) = self.move_entries(self.folder.path(), root, &mut moved) else {
            return Ok(());
        };
        let stayed = take_back(moved);
        if stayed.is_empty() {
            return Err(unwritten(&act, &cause));
        }
        let error = Error::new(
            format!("{act}: {cause}; what was written before could not be taken back"),
            "remove it by hand, then try again",
        );
        Err(error.details(stayed))
    }

    /// An error is what could not be done, and why.
    fn move_entries(
        &self,
        from: &Path,
        to: &Path,
        moved: &mut Vec<(PathBuf, PathBuf)>,
    ) -> Result<(), (String, io::Error)> {
        let entries = fs::read_dir(from).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = entries.map_err(|cause| (format!("read {}", from.display()), cause))?;
        entries.sort_by_key(|entry| {
            let name = entry.file_name();
            (name == ".tac", name != SERVICE, name)
        });
        for entry in entries {
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            let act = || format!("write {}", to.display());
            if self.interrupt.has_come() {
                return Err((act(), io::ErrorKind::Interrupted.into()));
            }
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && to.symlink_metadata().is_ok_and(|there| there.is_dir()) {
                self.move_entries(&from, &to, moved)?;
                continue;
            }
            move_entry(&from, &to, is_folder).map_err(|cause| (act(), cause))?;
            moved.push((from, to));
        }
        Ok(())
    }
}

/// The stages in `folder` that no program uses any more, each with the lock that keeps it so.
pub fn leftovers(folder: &Path) -> Vec<(PathBuf, fs::File)> {
    // What cannot be read is left alone.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_stage = |entry: &fs::DirEntry| {
        entry.file_name().as_bytes().starts_with(PREFIX.as_bytes())
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
    };
    let locked = |path: PathBuf| {
        let lock = fs::File::open(&path).ok()?;
        lock.try_lock().ok().map(|()| (path, lock))
    };
    entries
        .filter(is_stage)
        .filter_map(|entry| locked(entry.path()))
        .collect()
}

fn locked_folder(beside: &Path) -> io::Result<(TempDir, fs::File)> {
    loop {
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(0o777))
            .tempdir_in(beside)?;
        let lock = fs::File::open(folder.path());
        // On a file system without locks, none is taken for a leftover either.
        let _ = lock.as_ref().map(fs::File::lock);
        // Before it was locked, another program may have taken it for a leftover.
        if folder.path().exists() {
            return Ok((folder, lock?));
        }
    }
}

/// Undoes the moves, the last one first, as far as that goes. Returns what stayed, and why.
fn take_back(moved: Vec<(PathBuf, PathBuf)>) -> Vec<String> {
    let stays = |(from, to): (PathBuf, PathBuf)| {
        let cause = fs::rename(&to, from).err()?;
        Some(format!("{}: {cause}", to.display()))
    };
    moved.into_iter().rev().filter_map(stays).collect()
}

/// Neither call replaces a file that has appeared meanwhile, nor a folder with something in it.
fn move_entry(from: &Path, to: &Path, is_folder: bool) -> io::Result<()> {
    if is_folder {
        return fs::rename(from, to);
    }
    Ok(TempPath::try_from_path(from)?.persist_noclobber(to)?)
}

fn write_file(to: &Path, file: &File) -> io::Result<()> {
    match file {
        File::Link { target } => symlink(target, to),
        File::Regular { bytes, executable } => {
            let mode = if *executable { 0o777 } else { 0o666 };
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).mode(mode);
            options.open(to)?.write_all(bytes)
        }
    }
}

/// An I/O failure before anything counted.
fn unwritten(act: &str, cause: &io::Error) -> Error {
    let hint = match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "make room on the disk, then try again"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write to"
        }
        io::ErrorKind::InvalidFilename => "choose a shorter name or place",
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
            "something has appeared there meanwhile: look at it, then choose another place"
        }
        _ => "try again, or choose another place",
    };
    Error::new(format!("{act}: {cause}; nothing was written"), hint)
}
