//! Keeps what a transaction needs, and what is needed to take it back, before it begins.

use super::disk::{Bits, Disk};
use super::place::placed_bits;
use super::record::{self, Record, SCRAP, UNDO};
use super::stored::{self, private};
use super::{Change, cannot};
use crate::Result;
use crate::interrupt::Interrupt;
use crate::tree::File;

/// Writes the record and all of its files into [`SCRAP`], where they survive a power cut.
pub fn keep(
    disk: &impl Disk,
    record: &Record,
    changes: &[Change],
    interrupt: &Interrupt,
) -> Result<()> {
    let folders = [
        SCRAP.to_owned(),
        format!("{SCRAP}/before"),
        format!("{SCRAP}/after"),
    ];
    for folder in [UNDO].into_iter().chain(folders.iter().map(String::as_str)) {
        let made = disk.make_folder(folder, Some(Bits::new(0o700)));
        made.map_err(cannot(format!("create {folder}")))?;
    }
    for (index, (change, step)) in changes.iter().zip(&record.changes).enumerate() {
        interrupt.check()?;
        let cannot = cannot(format!("keep a copy of {}", change.path));
        if let Some(file) = &change.before {
            let kept = disk.write(&record::before(SCRAP, index), file, Some(private()));
            kept.map_err(&cannot)?;
        }
        let (file, bits) = match &change.after {
            Some(file) => (file, placed_bits(step, file)),
            None => (&File::text(""), Some(private())),
        };
        disk.write(&record::after(SCRAP, index), file, bits)
            .map_err(cannot)?;
    }
    let path = format!("{SCRAP}/record.toml");
    stored::write(disk, &path, record).map_err(cannot(format!("write {path}")))?;
    for folder in folders.iter().map(String::as_str).chain([UNDO, ".tac"]) {
        disk.sync(folder)
            .map_err(cannot(format!("write {folder}")))?;
    }
    Ok(())
}
