//! Puts one file in its place, also where that is on another file system than the record.

use std::collections::BTreeSet;
use std::io;

use super::disk::{Bits, Disk, Found};
use super::record::{self, Record, Step};
use super::{cannot, guard};
use crate::tree::{File, RelPath};
use crate::{Error, Result};

pub struct Place<'a, D> {
    disk: &'a D,
    path: &'a RelPath,
    /// A name beside it, for a file that cannot be moved from elsewhere.
    beside: String,
}

impl<'a, D: Disk> Place<'a, D> {
    /// Of a file that the record `number` changes.
    pub fn new(disk: &'a D, path: &'a RelPath, number: u32) -> Self {
        let beside = format!("{path}.tac-{number:04}");
        Self { disk, path, beside }
    }

    /// Moves the file at `staged` here, over what is there; `file` and `bits` are what it is.
    pub fn put(&self, staged: &str, file: &File, bits: Option<Bits>) -> io::Result<()> {
        let path = self.path.as_str();
        match self.disk.rename(staged, path) {
            // Something is mounted within the project.
            Err(cause) if cause.kind() == io::ErrorKind::CrossesDevices => {
                self.disk.write(&self.beside, file, bits)?;
                self.disk.sync(&[&self.beside])?;
                self.disk.rename(&self.beside, path)?;
                self.disk.remove(staged)
            }
            moved => moved,
        }
    }

    /// An error if the name beside it belongs to somebody.
    pub fn expect_free(&self) -> Result<()> {
        let act = format!("write {}", self.path);
        match guard::look(self.disk, &self.beside).map_err(cannot(&act))? {
            None => Ok(()),
            Some(_) => Err(Error::new(
                format!("{act}: {} is in the way", self.beside),
                format!("give {} another name", self.beside),
            )),
        }
    }

    /// Removes what a killed command has left beside it.
    pub fn clean(&self) -> io::Result<()> {
        match guard::look(self.disk, &self.beside)? {
            None => Ok(()),
            Some(_) => self.disk.remove(&self.beside),
        }
    }

    /// A name beside it that is free, for what somebody has made of it.
    pub fn free_name(&self) -> io::Result<RelPath> {
        for count in 1_u32.. {
            let name = match count {
                1 => format!("{}.edited", self.path),
                _ => format!("{}.edited.{count}", self.path),
            };
            if guard::look(self.disk, &name)?.is_none() {
                return Ok(RelPath::try_from(name).expect("a path stays one with more letters"));
            }
        }
        unreachable!("no folder holds so many files")
    }
}

/// The bits of the file that a step puts in place: those of a regular one that it replaces, but for `x`.
pub fn placed_bits(step: &Step, file: &File) -> Option<Bits> {
    let is_regular = matches!(file, File::Regular { .. });
    step.bits
        .filter(|_| is_regular)
        .map(|bits| bits.fitting(file))
}

/// Makes the names of all that a record changes survive a power cut. What is in the files does already.
pub fn sync(disk: &impl Disk, record: &Record) -> Result<()> {
    let after = format!("{}/after", record::folder(record.number));
    let above = record.paths().flat_map(|path| guard::above(path.as_str()));
    let mut folders: BTreeSet<&str> = above.chain(["", &after]).collect();
    let act = || cannot("write the folders of the project");
    for folder in folders.clone() {
        let found = guard::look(disk, folder).map_err(act())?;
        if !matches!(found, Some(Found::Folder { .. })) {
            folders.remove(folder);
        }
    }
    let folders: Vec<&str> = folders.into_iter().collect();
    disk.sync(&folders).map_err(act())
}
