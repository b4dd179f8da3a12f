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

/// In a record that counts.
const RECORD: &str = "record.toml";

/// In its place in one that does not count yet, or no more. Whoever has the lock may remove all of it.
const DRAFT: &str = "draft.toml";

/// So many transactions can be undone.
const KEPT: usize = 20;

const NO_WAY_BACK: &str =
    "bring the project back from version control, and remove .tac/undo and .tac/journal";

/// What is written into `record.toml`.
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
    /// Of the regular file that was there, or that was moved from elsewhere.
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

    /// `None` if none with this number counts.
    pub(super) fn read(disk: &impl Disk, number: u32) -> Result<Option<Self>> {
        Self::read_file(disk, number, RECORD)
    }

    /// One that does not count.
    pub(super) fn read_draft(disk: &impl Disk, number: u32) -> Result<Option<Self>> {
        Self::read_file(disk, number, DRAFT)
    }

    fn read_file(disk: &impl Disk, number: u32, name: &str) -> Result<Option<Self>> {
        let path = format!("{}/{name}", folder(number));
        let Some(record) = stored::read::<Self>(disk, &path)? else {
            return Ok(None);
        };
        if record.number != number {
            return Err(Error::new(
                format!("read {path}: it calls itself number {}", record.number),
                NO_WAY_BACK,
            ));
        }
        for path in record
            .paths()
            .chain(&record.created)
            .chain(record.removed.keys())
        {
            guard::is_ours_to_change(path)?;
        }
        Ok(Some(record))
    }

    /// Writes it as one that does not count yet. Returns where.
    pub(super) fn write_draft(&self, disk: &impl Disk) -> io::Result<String> {
        let path = format!("{}/{DRAFT}", folder(self.number));
        stored::write(disk, &path, self)?;
        Ok(path)
    }

    pub(super) fn count(&self, disk: &impl Disk) -> Result<()> {
        rename(disk, self.number, DRAFT, RECORD)
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
    let act = format!("bring {} back from {kept}", step.path);
    let damaged = |how: &str| Error::new(format!("{act}: {how}"), NO_WAY_BACK);
    let file = match guard::look(disk, kept).map_err(cannot(&act))? {
        Some(Found::File { file, .. }) => file,
        None => return Err(damaged("it is not there")),
        Some(_) => return Err(damaged("it is not a file")),
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
    Err(damaged("its checksum is not the recorded one"))
}

/// Newest first, without the one that is to be taken back.
pub(super) fn all(disk: &impl Disk, pending: Option<u32>) -> Result<Vec<Record>> {
    let numbers = numbers(disk)?.into_iter();
    let records = numbers.filter(|number| Some(*number) != pending);
    let records = records.map(|number| Record::read(disk, number).transpose());
    records.flatten().collect()
}

pub(super) fn missing(number: u32) -> Error {
    let path = format!("{}/{RECORD}", folder(number));
    Error::new(format!("read {path}: it is not there"), NO_WAY_BACK)
}

/// The numbers of those that count, newest first.
pub(super) fn numbers(disk: &impl Disk) -> Result<Vec<u32>> {
    let cannot = cannot(format!("read {UNDO}"));
    let mut numbers = Vec::new();
    for number in folders(disk)? {
        let record = format!("{}/{RECORD}", folder(number));
        if disk.look(&record).map_err(&cannot)?.is_some() {
            numbers.push(number);
        }
    }
    numbers.sort_unstable_by(|one, other| other.cmp(one));
    Ok(numbers)
}

/// Of the next one.
pub(super) fn next_number(disk: &impl Disk) -> Result<u32> {
    let newest = numbers(disk)?.first().copied().unwrap_or(0);
    let next = newest.checked_add(1);
    next.ok_or_else(|| {
        let what = format!("read {UNDO}: {newest} is the last number that there is");
        Error::new(what, format!("remove {}", folder(newest)))
    })
}

fn folders(disk: &impl Disk) -> Result<Vec<u32>> {
    let cannot = cannot(format!("read {UNDO}"));
    guard::parents(disk, NEW)?;
    if disk.look(UNDO).map_err(&cannot)?.is_none() {
        return Ok(Vec::new());
    }
    let names = disk.list(UNDO).map_err(cannot)?.into_iter();
    let number = |name: String| {
        let number = name.parse().ok()?;
        (folder(number) == format!("{UNDO}/{name}")).then_some(number)
    };
    Ok(names.filter_map(number).collect())
}

/// From here on the record does not count.
pub(super) fn discard(disk: &impl Disk, number: u32) -> Result<()> {
    rename(disk, number, RECORD, DRAFT)
}

/// Not by moving the folder: an overlay file system refuses that where it comes from the layer below.
fn rename(disk: &impl Disk, number: u32, from: &str, to: &str) -> Result<()> {
    let folder = folder(number);
    let renamed = disk.rename(&format!("{folder}/{from}"), &format!("{folder}/{to}"));
    let renamed = renamed.and_then(|()| disk.sync(&[&folder]));
    renamed.map_err(cannot(format!("rename {folder}/{from}")))
}

/// Removes the records that do not count. A journal must not name them any more.
pub(super) fn sweep(disk: &impl Disk) -> Result<()> {
    let counted = numbers(disk)?;
    let mut rest: Vec<String> = folders(disk)?
        .into_iter()
        .filter(|number| !counted.contains(number))
        .map(folder)
        .collect();
    if disk
        .look(NEW)
        .map_err(cannot(format!("read {NEW}")))?
        .is_some()
    {
        rest.push(NEW.to_owned());
    }
    if !rest.is_empty() {
        // Otherwise a power cut could bring the journal back, and not the record.
        disk.sync(&[".tac"]).map_err(cannot("write .tac"))?;
    }
    for path in rest {
        remove_all(disk, &path).map_err(cannot(format!("delete {path}")))?;
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
    sweep(disk)
}
