//! Writes files all or not at all: a new project through a [`Stage`], changes to an existing one as a transaction.
//!
//! A transaction first keeps everything that it needs in a record (`.tac/undo/NNNN/`): the files that it puts in place,
//! and those that it replaces. Then it writes `.tac/journal`, which names the record; then it makes the changes, each by
//! one rename or deletion; then it removes the journal, and is done. Each of these steps survives a power cut before the
//! next one begins. While there is a journal, whoever comes next takes back what the record says: a path that is as it
//! was before stays, one that is as it was to be is put back, and what somebody has written since gets another name.
//! Taking back can be stopped and begun again at any point. The record stays after the transaction; to undo it is to
//! write its journal again and to take it back.

mod back;
mod clock;
mod disk;
mod forward;
mod guard;
mod journal;
mod keep;
mod lock;
mod place;
mod prepare;
mod record;
mod revert;
mod stage;
mod stored;

use std::fmt;
use std::io;
use std::path::Path;

pub use disk::{Bits, Disk, Found, Project};
pub use lock::{Holder, Lock, Pending, Progress, at_work, pending};
pub use record::Record;
pub use stage::{Stage, leftovers};

use crate::interrupt::Interrupt;
use crate::tree::{File, RelPath};
use crate::{Error, Result};
use back::take_back;
use forward::Forward;
use journal::Journal;

/// One file that is to be different afterwards; `None` is no file. `before` is what the plan saw on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub path: RelPath,
    pub before: Option<File>,
    pub after: Option<File>,
    /// Where a file that was not here lay until now: it keeps its permission bits.
    pub moved_from: Option<RelPath>,
}

/// What a record says of itself, for people: `upgrade` from one version to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub command: String,
    pub from: String,
    pub to: String,
}

/// A transaction that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    pub record: Record,
    /// Files that somebody has edited since, and the names that they have now.
    pub saved: Vec<(RelPath, RelPath)>,
}

/// Makes all of the changes, or none: an error says that nothing has changed, or what could not be taken back.
/// Permission bits stay as they are, but for `x`.
pub fn apply<D: Disk>(
    lock: &Lock<D>,
    label: &Label,
    changes: &[Change],
    interrupt: &Interrupt,
) -> Result<()> {
    let is_change = |change: &&Change| change.before != change.after;
    let changes: Vec<&Change> = changes.iter().filter(is_change).collect();
    if changes.is_empty() {
        return Ok(());
    }
    if let Some(journal) = Journal::read(&lock.disk).map_err(|error| unchanged(&error))? {
        return Err(Error::new(
            format!("`{}` of {} was interrupted", journal.command, journal.when),
            "`tac-bootstrap upgrade --abort` takes it back",
        ));
    }
    make(lock, label, &changes, interrupt).map_err(|error| unmake(lock, &error))?;
    // Too many records do no harm, and the next command tries again.
    let _ = record::prune(&lock.disk);
    Ok(())
}

fn make<D: Disk>(
    lock: &Lock<D>,
    label: &Label,
    changes: &[&Change],
    interrupt: &Interrupt,
) -> Result<()> {
    let disk = &lock.disk;
    let number = record::next_number(disk)?;
    let record = prepare::record(disk, number, label, changes)?;
    record::sweep(disk)?;
    keep::keep(disk, &record, changes, interrupt)?;
    let journal = Journal::new(number, &lock.command);
    journal.write(disk).map_err(cannot("write .tac/journal"))?;
    record.count(disk)?;
    let forward = Forward {
        disk,
        record: &record,
        changes,
        interrupt,
    };
    forward.run()?;
    Journal::remove(disk).map_err(cannot("delete .tac/journal"))?;
    // It is done for whoever looks. Should a power cut bring the journal back, all of it is taken back.
    let _ = disk.sync(&[".tac"]);
    Ok(())
}

fn unmake<D: Disk>(lock: &Lock<D>, error: &Error) -> Error {
    match recover(lock) {
        Ok(None) => unchanged(error),
        Ok(Some(Undone { saved, .. })) => {
            let saved = saved.into_iter();
            let moved = |(path, name)| format!("{path} was edited meanwhile: it is {name} now");
            unchanged(error).details(saved.map(moved).collect())
        }
        Err(back) => Error::new(
            format!("{}; {}", error.what(), back.what()),
            back.next_step(),
        )
        .details(back.places().to_vec()),
    }
}

fn unchanged(error: &Error) -> Error {
    Error::new(
        format!("{}; nothing has changed", error.what()),
        error.next_step(),
    )
}

/// Takes back what a command has begun and not ended, be it to make changes or to undo them. `None` if there is nothing.
pub fn recover<D: Disk>(lock: &Lock<D>) -> Result<Option<Undone>> {
    pending_back(&lock.disk).map_err(|error| tried_again(&lock.disk, error))
}

fn pending_back<D: Disk>(disk: &D) -> Result<Option<Undone>> {
    if let Some(journal) = Journal::read(disk)? {
        return take_back(disk, journal).map(Some);
    }
    // It counts for nothing, and the next command tries again.
    let _ = record::sweep(disk);
    Ok(None)
}

/// Takes back the newest transaction, or the one that is pending. `None` if there is none.
pub fn undo<D: Disk>(lock: &Lock<D>) -> Result<Option<Undone>> {
    let disk = &lock.disk;
    if let Some(undone) = recover(lock)? {
        return Ok(Some(undone));
    }
    let Some(newest) = record::numbers(disk)?.first().copied() else {
        return Ok(None);
    };
    let undone = take_back(disk, Journal::new(newest, &lock.command));
    undone.map(Some).map_err(|error| tried_again(disk, error))
}

/// The error of taking back, which can go on if the journal is there.
fn tried_again(disk: &impl Disk, error: Error) -> Error {
    if matches!(Journal::read(disk), Ok(None)) {
        return error;
    }
    let hint = format!(
        "{}; `tac-bootstrap upgrade --abort` takes back the rest",
        error.next_step()
    );
    error.hint(hint)
}

/// What can be undone, newest first.
pub fn records(root: &Path) -> Result<Vec<Record>> {
    let disk = Project::new(root);
    let pending = Journal::read(&disk)?.map(|journal| journal.record);
    record::all(&disk, pending)
}

/// An error once somebody has asked the program to end.
fn go_on(interrupt: &Interrupt) -> Result<()> {
    if interrupt.has_come() {
        return Err(Error::new("interrupted", "the same command starts again"));
    }
    Ok(())
}

/// The error of an act that the file system refuses.
fn cannot(act: impl fmt::Display) -> impl Fn(io::Error) -> Error {
    move |cause| {
        let hint = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "make room on the disk, then try again"
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "make it readable and writable for you, then try again"
            }
            _ => "try again; if it stays, look at the disk",
        };
        Error::new(format!("{act}: {cause}"), hint)
    }
}
