//! `.tac/journal`: while it is there, a transaction is to be taken back.

use std::io;

use serde::{Deserialize, Serialize};

use super::clock;
use super::disk::Disk;
use super::stored::{self, SCHEMA};
use crate::Result;
use crate::tree::RelPath;

const JOURNAL: &str = ".tac/journal";

/// The journal until it is in its place.
pub const NEW: &str = ".tac/undo/journal";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    schema: u32,
    /// The record of what is to be taken back.
    pub record: u32,
    /// The command that began it, and when.
    pub command: String,
    pub when: String,
    /// Files that somebody has edited, and where they are moved to. A move stands here before it is made.
    pub saved: Vec<(RelPath, RelPath)>,
}

impl Journal {
    pub fn new(record: u32, command: &str) -> Self {
        Self {
            schema: SCHEMA,
            record,
            command: command.to_owned(),
            when: clock::now(),
            saved: Vec::new(),
        }
    }

    pub fn read(disk: &impl Disk) -> Result<Option<Self>> {
        stored::read(disk, JOURNAL)
    }

    pub fn write(&self, disk: &impl Disk) -> io::Result<()> {
        if disk.look(NEW)?.is_some() {
            disk.remove(NEW)?;
        }
        stored::write(disk, NEW, self)?;
        disk.sync(&[NEW])?;
        disk.rename(NEW, JOURNAL)?;
        disk.sync(&[".tac"])
    }

    /// From here on nothing is to be taken back. An error means that it still is.
    pub fn remove(disk: &impl Disk) -> io::Result<()> {
        match disk.remove(JOURNAL) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}
