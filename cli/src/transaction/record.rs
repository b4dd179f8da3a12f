//! `.tac/undo/NNNN/`: what a transaction changes, and what was there before.
//!
//! `record.toml` lists the changes, `before/0`, `before/1` … hold what each of them replaces or removes. `after/0` … are
//! the files that are to be moved into place, and empty files for deletions: one of them is there for as long as its
//! change has not been made.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::disk::{Bits, Disk, Found};
use super::journal::NEW;
use super::{cannot, guard, stored};
use crate::hash::sha256;
use crate::tree::{File, Mode, RelPath};
use crate::{Error, Result};

pub const UNDO: &str = ".tac/undo";

/// A record on its way in or out. It counts for nothing, and whoever has the lock removes it.
pub const SCRAP: &str = ".tac/undo/scrap";

/// So many transactions can be undone.
const KEPT: usize = 20;

/// `record.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub(super) schema: u32,
    pub number: u32,
    /// When it began: RFC 3339, UTC.
    pub when: String,
    pub command: String,
    pub from: String,
    pub to: String,
    /// Folders that were not there, outermost first.
    pub(super) created: Vec<RelPath>,
    /// Folders that nothing is left in.
    pub(super) removed: BTreeMap<RelPath, Bits>,
    pub(super) changes: Vec<Step>,
}

/// One path, as it was and as it is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub path: RelPath,
    /// Of the regular file that was there.
    pub bits: Option<Bits>,
    pub before: Option<Trace>,
    pub after: Option<Trace>,
}

/// Enough of a file to know it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trace {
    mode: Mode,
    sha256: String,
}

impl Trace {
    pub fn new(file: &File) -> Self {
        Self {
            mode: file.mode(),
            sha256: sha256(file.bytes()),
        }
    }

    pub fn fits(&self, file: &File) -> bool {
        *self == Self::new(file)
    }
}

pub fn folder(number: u32) -> String {
    format!("{UNDO}/{number:04}")
}

/// Where a record keeps what the change with this index replaces.
pub fn before(record: &str, index: usize) -> String {
    format!("{record}/before/{index}")
}

/// Where a record keeps what the change with this index puts in place.
pub fn after(record: &str, index: usize) -> String {
    format!("{record}/after/{index}")
}

impl Record {
    /// The paths that it changes.
    pub fn paths(&self) -> impl Iterator<Item = &RelPath> {
        self.changes.iter().map(|step| &step.path)
    }

    /// Reads the one in `folder`.
    pub(super) fn read(disk: &impl Disk, folder: &str) -> Result<Option<Self>> {
        let path = format!("{folder}/record.toml");
        guard::parents(disk, &path)?;
        stored::read(disk, &path)
    }

    /// What it keeps of each change. An error if one of them is not what was put there.
    pub(super) fn originals(&self, disk: &impl Disk) -> Result<Vec<Option<File>>> {
        let record = folder(self.number);
        let steps = self.changes.iter().enumerate();
        let originals = steps.map(|(index, step)| {
            step.before
                .as_ref()
                .map(|trace| original(disk, &before(&record, index), step, trace))
                .transpose()
        });
        originals.collect()
    }
}

fn original(disk: &impl Disk, kept: &str, step: &Step, trace: &Trace) -> Result<File> {
    let hint = "what was there before cannot be brought back: bring the files back from version control, and remove .tac/undo and .tac/journal";
    let act = format!("bring {} back from {kept}", step.path);
    let file = match disk.look(kept).map_err(cannot(&act))? {
        Some(Found::File { file, .. }) => file,
        None => return Err(Error::new(format!("{act}: it is not there"), hint)),
        Some(_) => return Err(Error::new(format!("{act}: it is no file"), hint)),
    };
    let file = match file {
        File::Regular { bytes, .. } => File::Regular {
            bytes,
            executable: trace.mode == Mode::Executable,
        },
        link @ File::Link { .. } => link,
    };
    if trace.fits(&file) {
        return Ok(file);
    }
    Err(Error::new(
        format!("{act}: its checksum is another one"),
        hint,
    ))
}

/// Newest first, without the one that is to be taken back.
pub(super) fn all(disk: &impl Disk, pending: Option<u32>) -> Result<Vec<Record>> {
    let numbers = numbers(disk)?.into_iter();
    let records = numbers
        .filter(|number| Some(*number) != pending)
        .map(|number| {
            let folder = folder(number);
            Record::read(disk, &folder)?.ok_or_else(|| missing(&folder))
        });
    records.collect()
}

pub(super) fn missing(folder: &str) -> Error {
    Error::new(
        format!("read {folder}/record.toml: it is not there"),
        format!(
            "what it tells about cannot be undone: remove {folder}, and .tac/journal if that is there"
        ),
    )
}

/// The numbers of all records, newest first.
pub(super) fn numbers(disk: &impl Disk) -> Result<Vec<u32>> {
    let cannot = cannot(format!("read {UNDO}"));
    guard::parents(disk, SCRAP)?;
    if disk.look(UNDO).map_err(&cannot)?.is_none() {
        return Ok(Vec::new());
    }
    let names = disk.list(UNDO).map_err(cannot)?;
    let number = |name: &String| {
        let number = name.parse().ok()?;
        (folder(number) == format!("{UNDO}/{name}")).then_some(number)
    };
    let mut numbers: Vec<u32> = names.iter().filter_map(number).collect();
    numbers.sort_unstable_by(|one, other| other.cmp(one));
    Ok(numbers)
}

/// Makes the record in [`SCRAP`] count.
pub(super) fn use_scrap(disk: &impl Disk, number: u32) -> Result<()> {
    let folder = folder(number);
    let renamed = disk.rename(SCRAP, &folder).and_then(|()| disk.sync(UNDO));
    renamed.map_err(cannot(format!("write {folder}")))
}

/// Makes a record scrap: from here on it does not count.
pub(super) fn discard(disk: &impl Disk, number: u32) -> Result<()> {
    let folder = folder(number);
    let cannot = cannot(format!("delete {folder}"));
    sweep(disk).map_err(&cannot)?;
    disk.rename(&folder, SCRAP).map_err(&cannot)?;
    disk.sync(UNDO).map_err(&cannot)
}

/// Removes scrap. Its journal must have gone.
pub(super) fn sweep(disk: &impl Disk) -> io::Result<()> {
    if disk.look(NEW)?.is_some() {
        disk.remove(NEW)?;
    }
    if disk.look(SCRAP)?.is_some() {
        // Otherwise a power cut could bring the journal back, and not the record.
        disk.sync(".tac")?;
        remove_all(disk, SCRAP)?;
    }
    Ok(())
}

fn remove_all(disk: &impl Disk, path: &str) -> io::Result<()> {
    if let Some(Found::Folder { .. }) = disk.look(path)? {
        for name in disk.list(path)? {
            remove_all(disk, &format!("{path}/{name}"))?;
        }
    }
    disk.remove(path)
}

/// Removes what is older than the newest [`KEPT`] records.
pub(super) fn prune(disk: &impl Disk) -> Result<()> {
    for number in numbers(disk)?.into_iter().skip(KEPT) {
        discard(disk, number)?;
    }
    sweep(disk).map_err(cannot("delete old records"))
}
