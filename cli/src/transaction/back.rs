//! Takes back what a record has changed, or as much of it as was done. Whatever stops this, doing it again ends it.

use std::collections::BTreeSet;

use super::disk::{Bits, Disk, Found};
use super::journal::Journal;
use super::place::{Place, placed_bits, sync};
use super::record::{self, Record, Step, Trace};
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
    let mut back = Back {
        disk,
        record: &record,
        folder: record::folder(record.number),
        journal,
        stayed: Vec::new(),
    };
    back.run(originals);
    let (journal, stayed) = (back.journal, back.stayed);
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

struct Back<'a, D> {
    disk: &'a D,
    record: &'a Record,
    /// That of the record.
    folder: String,
    journal: Journal,
    /// What could not be taken back, and why.
    stayed: Vec<(RelPath, Error)>,
}

impl<D: Disk> Back<'_, D> {
    /// New files go, then new folders; then folders come back, and then what was in them.
    fn run(&mut self, originals: &[Option<File>]) {
        let record = self.record;
        let steps = || record.changes.iter().zip(originals).enumerate();
        for (index, (step, original)) in steps() {
            let done = self.clean(step);
            self.note(&step.path, done);
            if original.is_none() {
                let done = self.take_away(index, step);
                self.note(&step.path, done);
            }
        }
        for folder in record.created.iter().rev() {
            let done = self.remove_folder(folder);
            self.note(folder, done);
        }
        for folder in record.removed.keys() {
            let done = self.bring_folder(folder.as_str());
            self.note(folder, done);
        }
        for (index, (step, original)) in steps() {
            if let Some(original) = original {
                let done = self.restore(index, step, original);
                self.note(&step.path, done);
            }
        }
    }

    fn note(&mut self, path: &RelPath, done: Result<()>) {
        if let Err(error) = done {
            self.stayed.push((path.clone(), error));
        }
    }

    fn place<'s>(&self, step: &'s Step) -> Place<'s, D>
    where
        Self: 's,
    {
        Place::new(self.disk, &step.path, self.record.number)
    }

    /// Removes what a killed command has left beside a file.
    fn clean(&self, step: &Step) -> Result<()> {
        let cleaned = self.place(step).clean();
        cleaned.map_err(cannot("delete what is beside it"))
    }

    /// Removes a file that was not there before.
    fn take_away(&mut self, index: usize, step: &Step) -> Result<()> {
        let path = step.path.as_str();
        let found = self.look(path)?;
        match self.state(step, found.as_ref()) {
            State::Before => Ok(()),
            State::After => self.disk.remove(path).map_err(cannot("delete it")),
            State::Other if self.is_staged(index)? => Ok(()),
            State::Other => self.move_aside(&step.path),
        }
    }

    /// Brings a file back that was replaced or deleted.
    fn restore(&mut self, index: usize, step: &Step, original: &File) -> Result<()> {
        let path = step.path.as_str();
        self.bring_folder(guard::parent(path))?;
        let found = self.look(path)?;
        let bits = match (self.state(step, found.as_ref()), found) {
            (State::Before, _) => return Ok(()),
            (State::After, Some(Found::File { file, bits })) => {
                // Whoever has closed it to others since wants it to stay closed.
                let is_ours = placed_bits(step, &file).is_none_or(|ours| ours == bits);
                step.bits.map(|before| {
                    if is_ours {
                        before
                    } else {
                        bits.fitting(original)
                    }
                })
            }
            (State::Other, _) if self.is_staged(index)? => return Ok(()),
            (State::Other, Some(_)) => {
                self.move_aside(&step.path)?;
                step.bits
            }
            _ => step.bits,
        };
        self.put(step, original, bits).map_err(cannot("write it"))
    }

    fn put(&self, step: &Step, original: &File, bits: Option<Bits>) -> std::io::Result<()> {
        let copy = format!("{}/restored", self.folder);
        if self.disk.look(&copy)?.is_some() {
            self.disk.remove(&copy)?;
        }
        self.disk.write(&copy, original, bits)?;
        self.place(step).put(&copy, original, bits)
    }

    /// Removes a folder that was not there before, unless somebody has put something into it.
    fn remove_folder(&self, folder: &RelPath) -> Result<()> {
        let path = folder.as_str();
        let Some(Found::Folder { .. }) = self.look(path)? else {
            return Ok(());
        };
        let names = self.disk.list(path).map_err(cannot("read it"))?;
        if names.is_empty() {
            self.disk.remove(path).map_err(cannot("delete it"))?;
        }
        Ok(())
    }

    /// Makes sure of a folder and of those above it, and of the bits of those that were removed.
    fn bring_folder(&mut self, folder: &str) -> Result<()> {
        if folder.is_empty() {
            return Ok(());
        }
        self.bring_folder(guard::parent(folder))?;
        let wanted = self.record.removed.get(folder).copied();
        match self.look(folder)? {
            Some(Found::Folder { bits }) if wanted.is_none_or(|wanted| wanted == bits) => {
                return Ok(());
            }
            None | Some(Found::Folder { .. }) => {}
            Some(link) if link.is_link() => return Err(guard::in_the_way(folder, folder, &link)),
            Some(_) => {
                let path = RelPath::try_from(folder).expect("a folder above a path is one");
                self.move_aside(&path)?;
            }
        }
        let made = self.disk.make_folder(folder, wanted);
        made.map_err(cannot(format!("create {folder}")))
    }

    /// Gives what somebody has made of a file another name.
    fn move_aside(&mut self, path: &RelPath) -> Result<()> {
        if !self.stayed.is_empty() {
            // It may be what could not be taken back.
            return Err(Error::new(
                "it comes after what stays",
                "make that writable for you",
            ));
        }
        let cannot = cannot("give it another name");
        let free = Place::new(self.disk, path, self.record.number).free_name();
        let to = free.map_err(&cannot)?;
        let pair = (path.clone(), to.clone());
        if !self.journal.saved.contains(&pair) {
            self.journal.saved.push(pair);
            self.journal.write(self.disk).map_err(&cannot)?;
        }
        self.disk.rename(path.as_str(), to.as_str()).map_err(cannot)
    }

    fn look(&self, path: &str) -> Result<Option<Found>> {
        guard::look(self.disk, path).map_err(cannot("read it"))
    }

    /// Whether a change has not been made.
    fn is_staged(&self, index: usize) -> Result<bool> {
        Ok(self.look(&record::after(&self.folder, index))?.is_some())
    }

    fn state(&self, step: &Step, found: Option<&Found>) -> State {
        let is = |trace: &Option<Trace>| match (found, trace) {
            (None, None) => true,
            (Some(Found::File { file, .. }), Some(trace)) => trace.fits(file),
            _ => false,
        };
        let is_folder = matches!(found, Some(Found::Folder { .. }));
        if is(&step.before) || is_folder && self.record.removed.contains_key(&step.path) {
            State::Before
        } else if is(&step.after) {
            State::After
        } else {
            State::Other
        }
    }
}

/// What a path is like now.
enum State {
    Before,
    After,
    /// Somebody has changed it, or removed it.
    Other,
}
