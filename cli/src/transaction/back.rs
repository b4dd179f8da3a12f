//! Takes back what a record has changed, or as much of it as was done. Whatever stops this, doing it again ends it.

use super::disk::{Bits, Disk, Found};
use super::journal::Journal;
use super::place::{Place, placed_bits, sync};
use super::record::{self, Record, SCRAP, Step, Trace};
use super::{Undone, cannot, guard};
use crate::tree::{File, RelPath};
use crate::{Error, Result};

/// Takes back the record that `journal` names. The journal is written if it is not there.
pub fn take_back<D: Disk>(disk: &D, journal: Journal) -> Result<Undone> {
    let folder = record::folder(journal.record);
    let Some(record) = Record::read(disk, &folder)? else {
        // Nothing of it has begun, or all of it is taken back.
        let scrap = Record::read(disk, SCRAP)?.filter(|record| record.number == journal.record);
        let record = scrap.ok_or_else(|| record::missing(&folder))?;
        return end(disk, record, journal);
    };
    let originals = record.originals(disk)?;
    for path in record.paths() {
        guard::links(disk, path.as_str())?;
    }
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
    let Back {
        journal, stayed, ..
    } = back;
    if !stayed.is_empty() {
        let what = format!(
            "take back `{}`: not every file could be taken back",
            record.command
        );
        return Err(Error::new(what, "make them writable for you").details(stayed));
    }
    sync(disk, &record)?;
    record::discard(disk, record.number)?;
    end(disk, record, journal)
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
    stayed: Vec<String>,
}

impl<D: Disk> Back<'_, D> {
    /// New files go, then new folders; then folders come back, and then what was in them.
    fn run(&mut self, originals: &[Option<File>]) {
        let record = self.record;
        let steps = || record.changes.iter().zip(originals).enumerate();
        for (index, (step, original)) in steps() {
            let cleaned = self.place(step).clean();
            self.note(
                &step.path,
                cleaned.map_err(cannot("delete what is beside it")),
            );
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
            self.stayed.push(format!("{path}: {}", error.what()));
        }
    }

    fn place<'s>(&self, step: &'s Step) -> Place<'s, D>
    where
        Self: 's,
    {
        Place::new(self.disk, &step.path, self.record.number)
    }

    /// Removes a file that was not there before.
    fn take_away(&mut self, index: usize, step: &Step) -> Result<()> {
        let path = step.path.as_str();
        guard::links(self.disk, path)?;
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
        for folder in guard::above(path) {
            self.bring_folder(folder)?;
        }
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
        guard::links(self.disk, path)?;
        let Some(Found::Folder { .. }) = self.look(path)? else {
            return Ok(());
        };
        let names = self.disk.list(path).map_err(cannot("read it"))?;
        if names.is_empty() {
            self.disk.remove(path).map_err(cannot("delete it"))?;
        }
        Ok(())
    }

    /// Makes sure of a folder, and of the bits of one that was removed.
    fn bring_folder(&mut self, folder: &str) -> Result<()> {
        guard::links(self.disk, folder)?;
        let wanted = self.record.removed.get(folder).copied();
        match self.look(folder)? {
            Some(Found::Folder { bits }) if wanted.is_none_or(|wanted| wanted == bits) => {
                return Ok(());
            }
            None | Some(Found::Folder { .. }) => {}
            Some(
                found @ Found::File {
                    file: File::Link { .. },
                    ..
                },
            ) => {
                return Err(guard::in_the_way(folder, folder, &found));
            }
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
        self.disk.look(path).map_err(cannot("read it"))
    }

    /// Whether a change has not been made.
    fn is_staged(&self, index: usize) -> Result<bool> {
        let staged = self.disk.look(&record::after(&self.folder, index));
        Ok(staged.map_err(cannot("read the record"))?.is_some())
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
