//! One command at a time writes to a project.

use std::fs::{self, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process;

use rustix::fs::OFlags;

use super::disk::{Disk, Project};
use super::guard;
use super::journal::Journal;
use crate::error::Context;
use crate::{Error, Result};

const LOCK: &str = ".tac/lock";

/// The right to write to a project. The system takes it back when the process ends, however that happens.
pub struct Lock<D = Project> {
    pub(super) disk: D,
    pub(super) command: String,
    file: Option<fs::File>,
}

impl Lock {
    /// An error says which command has the lock, and in which process.
    pub fn take(root: &Path, command: &str) -> Result<Self> {
        let act = "lock the project";
        let writable = "make `.tac` a folder that you may write to";
        let disk = Project::new(root);
        guard::parents(&disk, LOCK)?;
        disk.make_folder(".tac", None).context(act, writable)?;
        let mut file =
            open(&disk, OpenOptions::new().write(true).create(true)).context(act, writable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let Holder { command, process } = holder(&mut file);
                return Err(Error::new(
                    format!("{act}: `{command}` is at work in it (process {process})"),
                    "wait until that has ended, then try again",
                ));
            }
            Err(TryLockError::Error(cause)) => {
                let elsewhere = "put the project on a file system that has locks";
                return Err(cause).context(act, elsewhere);
            }
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{} {command}", process::id()))
            .context(act, "make room on the disk, then try again")?;
        Ok(Self {
            disk,
            command: command.to_owned(),
            file: Some(file),
        })
    }
}

impl<D: Disk> Lock<D> {
    /// For a disk that nobody else has: there is nothing to lock.
    pub fn alone(disk: D, command: &str) -> Self {
        Self {
            disk,
            command: command.to_owned(),
            file: None,
        }
    }
}

impl<D> Drop for Lock<D> {
    fn drop(&mut self) {
        // To close the file is not enough where a child that is about to start has it open as well. An error leaves that.
        let _ = self.file.as_ref().map(fs::File::unlock);
    }
}

/// A transaction that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub command: String,
    /// When it began: RFC 3339, UTC.
    pub when: String,
    pub state: Progress,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Its command is at work.
    Running,
    /// Its command was killed, or could not take back what it had done.
    Interrupted,
}

/// What somebody who only reads has to know about `.tac/journal`. Whoever has the lock asks as well: what is pending
/// then was interrupted.
pub fn pending(root: &Path) -> Result<Option<Pending>> {
    let disk = Project::new(root);
    let seen = |journal: Option<Journal>, state| {
        journal.map(|journal| Pending {
            command: journal.command,
            when: journal.when,
            state,
        })
    };
    let journal = Journal::read(&disk)?;
    if journal.is_none() {
        return Ok(None);
    }
    // A journal without a lock: nobody is at work.
    let Ok(mut file) = open(&disk, &mut OpenOptions::new()) else {
        return Ok(seen(journal, Progress::Interrupted));
    };
    if file.try_lock_shared().is_ok() || holder(&mut file).process == process::id().to_string() {
        // Its command may have ended since; nobody begins another one now.
        return Ok(seen(Journal::read(&disk)?, Progress::Interrupted));
    }
    Ok(seen(journal, Progress::Running))
}

fn open(disk: &Project, options: &mut OpenOptions) -> std::io::Result<fs::File> {
    // Neither does a link lead elsewhere, nor does a pipe make anybody wait.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(disk.path(LOCK))
}

/// Who has the lock, as it says in it. It may be about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub command: String,
    pub process: String,
}

/// Who writes to the project at this moment.
pub fn at_work(root: &Path) -> Option<Holder> {
    let disk = Project::new(root);
    let parents = guard::parents(&disk, LOCK);
    // Where there is no lock that can be read, nobody holds it.
    let mut file = parents
        .ok()
        .and_then(|()| open(&disk, &mut OpenOptions::new()).ok())?;
    let is_held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    is_held.then(|| holder(&mut file))
}

fn holder(file: &mut fs::File) -> Holder {
    let mut text = String::new();
    // What cannot be read names nobody, as an empty file does.
    let _ = file.read_to_string(&mut text);
    let (process, command) = text
        .trim_end()
        .split_once(' ')
        .unwrap_or(("unknown", "another command"));
    Holder {
        command: command.to_owned(),
        process: process.to_owned(),
    }
}
