//! Keeps what a transaction needs, and what is needed to take it back, before it begins.

use super::disk::{Bits, Disk};
use super::place::placed_bits;
use super::record::{self, Record, UNDO};
use super::stored::private;
use super::{Change, cannot, go_on};
use crate::Result;
use crate::interrupt::Interrupt;
use crate::tree::File;

/// Writes the record, which does not count yet, and all of its files, so that they survive a power cut.
pub fn keep(
    disk: &impl Disk,
    record: &Record,
    changes: &[Change],
    interrupt: &Interrupt,
) -> Result<()> {
    let folder = record::folder(record.number);
    let within = ["before", "after"].map(|name| format!("{folder}/{name}"));
    let folders = [UNDO, &folder, &within[0], &within[1]];
    for folder in folders {
        let made = disk.make_folder(folder, Some(Bits::new(0o700)));
        made.map_err(cannot(format!("create {folder}")))?;
    }
    for (index, (change, step)) in changes.iter().zip(&record.changes).enumerate() {
        go_on(interrupt)?;
        let cannot = cannot(format!("keep a copy of {}", change.path));
        if let Some(file) = &change.before {
            let kept = disk.write(&record::before(&folder, index), file, Some(private()));
            kept.map_err(&cannot)?;
        }
        let (file, bits) = match &change.after {
            Some(file) => (file, placed_bits(step, file)),
            None => (&File::text(""), Some(private())),
        };
        disk.write(&record::after(&folder, index), file, bits)
            .map_err(cannot)?;
    }
    record
        .write_draft(disk)
        .map_err(cannot(format!("write {folder}")))?;
    for folder in folders.into_iter().rev().chain([".tac"]) {
        disk.sync(folder)
            .map_err(cannot(format!("write {folder}")))?;
    }
    Ok(())
}
