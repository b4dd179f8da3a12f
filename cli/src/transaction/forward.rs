//! Makes the changes of a record, one after the other.

use std::io;

use super::disk::{Disk, Found};
use super::place::{Place, placed_bits, sync};
use super::record::{self, Record, Step};
use super::{Change, cannot, go_on, guard};
use crate::interrupt::Interrupt;
use crate::tree::RelPath;
use crate::{Error, Result};

pub struct Forward<'a, D> {
    pub disk: &'a D,
    pub record: &'a Record,
    /// Those of the record, in its order.
    pub changes: &'a [&'a Change],
    pub interrupt: &'a Interrupt,
}

impl<D: Disk> Forward<'_, D> {
    /// Deletions first, then folders, then what is put in place: a file may become a folder, and the other way round.
    pub fn run(&self) -> Result<()> {
        let folder = record::folder(self.record.number);
        for (index, (step, change)) in self.steps() {
            if change.after.is_none() {
                self.check(step, change)?;
                self.remove(step.path.as_str())?;
                self.remove(&record::after(&folder, index))?;
            }
        }
        for folder in self.record.removed.keys().rev() {
            self.prune(folder)?;
        }
        for folder in &self.record.created {
            self.make_folder(folder)?;
        }
        for (index, (step, change)) in self.steps() {
            if let Some(file) = &change.after {
                self.check(step, change)?;
                let place = Place::new(self.disk, &step.path, self.record.number);
                place
                    .put(
                        &record::after(&folder, index),
                        file,
                        placed_bits(step, file),
                    )
                    .map_err(cannot(format!("write {}", step.path)))?;
            }
        }
        sync(self.disk, self.record)
    }

    fn steps(&self) -> impl Iterator<Item = (usize, (&Step, &Change))> {
        let changes = self.changes.iter().copied();
        self.record.changes.iter().zip(changes).enumerate()
    }

    /// Nobody has touched the file since it was looked at, and wants to end.
    fn check(&self, step: &Step, change: &Change) -> Result<()> {
        let path = &step.path;
        self.may_write(path)?;
        let found = self
            .disk
            .look(path.as_str())
            .map_err(cannot(format!("read {path}")))?;
        let is_as_before = match (&found, &change.before) {
            (None, None) => true,
            (Some(Found::File { file, bits }), Some(before)) => {
                file == before && step.bits.is_none_or(|before| before == *bits)
            }
            _ => false,
        };
        if is_as_before {
            return Ok(());
        }
        Err(Error::new(
            format!("write {path}: somebody has just changed it"),
            "try again: what is there now will be taken into account",
        ))
    }

    fn may_write(&self, path: &RelPath) -> Result<()> {
        go_on(self.interrupt)?;
        guard::parents(self.disk, path.as_str())
    }

    fn remove(&self, path: &str) -> Result<()> {
        self.disk
            .remove(path)
            .map_err(cannot(format!("delete {path}")))
    }

    fn prune(&self, folder: &RelPath) -> Result<()> {
        self.may_write(folder)?;
        match self.disk.remove(folder.as_str()) {
            // Somebody has just put something there: it stays.
            Err(cause) if cause.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => removed.map_err(cannot(format!("delete {folder}"))),
        }
    }

    fn make_folder(&self, folder: &RelPath) -> Result<()> {
        self.may_write(folder)?;
        let made = self.disk.make_folder(folder.as_str(), None);
        made.map_err(cannot(format!("create {folder}")))
    }
}
