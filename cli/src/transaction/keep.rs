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
    changes: &[&Change],
    interrupt: &Interrupt,
) -> Result<()> {
    let folder = record::folder(record.number);
    let within = ["before", "after"].map(|name| format!("{folder}/{name}"));
    let folders = [UNDO, &folder, &within[0], &within[1]];
    for folder in folders {
        let made = disk.make_folder(folder, Some(Bits::new(0o700)));
        made.map_err(cannot(format!("create {folder}")))?;
    }
    let mut written = Vec::new();
    for (index, (change, step)) in changes.iter().zip(&record.changes).enumerate() {
        go_on(interrupt)?;
        let mut write = |path: String, file: &File, bits| {
            let done = disk.write(&path, file, bits);
            written.push(path);
            done.map_err(cannot(format!("keep a copy of {}", change.path)))
        };
        if let Some(file) = &change.before {
            write(record::before(&folder, index), file, Some(private()))?;
        }
        let after = record::after(&folder, index);
        match &change.after {
            Some(file) => write(after, file, placed_bits(step, file))?,
            None => write(after, &File::text(""), Some(private()))?,
        }
    }
    let cannot = cannot(format!("write {folder}"));
    written.push(record.write_draft(disk).map_err(&cannot)?);
    let paths = written.iter().map(String::as_str);
    let paths: Vec<&str> = paths.chain(folders).chain([".tac"]).collect();
    disk.sync(&paths).map_err(cannot)
}
