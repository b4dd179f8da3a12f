//! Takes back what a record has changed, or as much of it as was done. Whatever stops this, doing it again ends it.

use std::collections::BTreeSet;

use super::disk::{Disk, Found};
use super::journal::Journal;
use super::place::{Place, sync};
use super::record::{self, Record};
use super::revert::revert;
use super::{Undone, cannot, guard};
use crate::tree::{File, RelPath};
use crate::{Error, Result};

/// Takes back the record that `journal` names. The journal is written if it is not there.
pub fn take_back<D: Disk>(disk: &D, journal: Journal) -> Result<Undone> {
    let number = journal.record;
    let Some(record) = Record::read(disk, number)? else {
        // Nothing of it has begun, or all of it is taken back.
        let draft = Record::read_draft(disk, number)?;
        return end(disk, draft.ok_or_else(|| record::missing(number))?, journal);
    };
    let originals = record.originals(disk)?;
    refuse_links(disk, &record)?;
    if Journal::read(disk)?.is_none() {
        for path in record.paths() {
            Place::new(disk, path, record.number).expect_free()?;
        }
        journal.write(disk).map_err(cannot("write .tac/journal"))?;
    }
    take_all_back(disk, record, &originals, journal)
}

fn take_all_back<D: Disk>(
    disk: &D,
    record: Record,
    originals: &[Option<File>],
    journal: Journal,
) -> Result<Undone> {
    let (journal, stayed) = revert(disk, &record, originals, journal);
    if let Some((_, first)) = stayed.first() {
        let what = format!("take back `{}`: not all of it could be", record.command);
        let stayed = stayed
            .iter()
            .map(|(path, error)| format!("{path}: {}", error.what()));
        return Err(Error::new(what, first.next_step()).details(stayed.collect()));
    }
    sync(disk, &record)?;
    record::discard(disk, record.number)?;
    end(disk, record, journal)
}

/// An error if a folder has become a link. The record may have made it one: that goes first.
fn refuse_links(disk: &impl Disk, record: &Record) -> Result<()> {
    let ours: BTreeSet<&str> = record.paths().map(RelPath::as_str).collect();
    for path in &ours {
        for folder in guard::above(path).filter(|folder| !ours.contains(folder)) {
            let found = guard::look(disk, folder).map_err(cannot(format!("read {folder}")))?;
            if let Some(link) = found.filter(Found::is_link) {
                return Err(guard::in_the_way(path, folder, &link));
            }
        }
    }
    Ok(())
}

fn end<D: Disk>(disk: &D, record: Record, journal: Journal) -> Result<Undone> {
    Journal::remove(disk).map_err(cannot("delete .tac/journal"))?;
    // What is left of the record counts for nothing, and the next command tries again.
    let _ = record::sweep(disk);
    Ok(Undone {
        record,
        saved: journal.saved,
    })
}
