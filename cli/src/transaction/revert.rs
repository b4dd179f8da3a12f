//! Goes through what a record has changed, and makes it as it was.

use super::disk::{Bits, Disk, Found};
use super::journal::Journal;
use super::place::{Place, placed_bits};
use super::record::{self, Record, Step, Trace};
use super::{cannot, guard};
use crate::tree::{File, RelPath};
use crate::{Error, Result};

/// So many files come back with one wait for the disk.
const AT_ONCE: usize = 32;

/// Returns the journal, which names what was moved away, and what could not be taken back.
pub fn revert<D: Disk>(
    disk: &D,
    record: &Record,
    originals: &[Option<File>],
    journal: Journal,
) -> (Journal, Vec<(RelPath, Error)>) {
    let mut revert = Revert {
        disk,
        record,
        folder: record::folder(record.number),
        journal,
        stayed: Vec::new(),
    };
    revert.run(originals);
    (revert.journal, revert.stayed)
}

struct Revert<'a, D> {
    disk: &'a D,
    record: &'a Record,
    /// That of the record.
    folder: String,
    journal: Journal,
    /// What could not be taken back, and why.
    stayed: Vec<(RelPath, Error)>,
}

impl<D: Disk> Revert<'_, D> {
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
        let restored = steps().filter_map(|(index, (step, original))| {
            let file = original.as_ref()?;
            Some(Original { index, step, file })
        });
        for some in restored.collect::<Vec<_>>().chunks(AT_ONCE) {
            self.restore(some);
        }
    }

    fn note(&mut self, path: &RelPath, done: Result<()>) {
        if let Err(error) = done {
            self.stayed.push((path.clone(), error));
        }
    }

    fn place<'p>(&'p self, path: &'p RelPath) -> Place<'p, D> {
        Place::new(self.disk, path, self.record.number)
    }

    /// Removes what a killed command has left beside a file.
    fn clean(&self, step: &Step) -> Result<()> {
        let cleaned = self.place(&step.path).clean();
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

    /// Brings files back that were replaced or deleted.
    fn restore(&mut self, originals: &[Original]) {
        let mut copies = Vec::new();
        for original in originals {
            match self.copy(original) {
                Ok(copy) => copies.extend(copy),
                Err(error) => self.stayed.push((original.step.path.clone(), error)),
            }
        }
        let paths: Vec<&str> = copies.iter().map(|copy| copy.path.as_str()).collect();
        let failed = self.disk.sync(&paths).err().map(|cause| cause.kind());
        for copy in &copies {
            let done = match failed {
                Some(kind) => Err(cannot("write it")(kind.into())),
                None => self.put(copy),
            };
            self.note(&copy.original.step.path, done);
        }
    }

    /// Writes what is to be in a place beside the record. `None` if nothing has to come back.
    fn copy<'o>(&mut self, original: &'o Original<'o>) -> Result<Option<Copy<'o>>> {
        let Original { index, step, file } = *original;
        self.bring_folder(guard::parent(step.path.as_str()))?;
        let mut over = self.look(step.path.as_str())?;
        let bits = match (self.state(step, over.as_ref()), &over) {
            (State::Before, _) => return Ok(None),
            (State::After, Some(Found::File { file: placed, bits })) => {
                // Whoever has closed it to others since wants it to stay closed.
                let is_ours = placed_bits(step, placed).is_none_or(|ours| ours == *bits);
                let theirs = bits.fitting(file);
                step.bits
                    .map(|before| if is_ours { before } else { theirs })
            }
            (State::Other, _) if self.is_staged(index)? => return Ok(None),
            (State::Other, Some(_)) => {
                self.move_aside(&step.path)?;
                over = None;
                step.bits
            }
            _ => step.bits,
        };
        let path = format!("{}/restored-{index}", self.folder);
        let write = || {
            if self.disk.look(&path)?.is_some() {
                self.disk.remove(&path)?;
            }
            self.disk.write(&path, file, bits)
        };
        write().map_err(cannot("write it"))?;
        Ok(Some(Copy {
            original,
            path,
            bits,
            over,
        }))
    }

    fn put(&self, copy: &Copy) -> Result<()> {
        let Copy {
            original,
            path,
            bits,
            over,
        } = copy;
        if self.look(original.step.path.as_str())? != *over {
            return Err(Error::new("somebody has just changed it", "try again"));
        }
        let place = self.place(&original.step.path);
        place
            .put(path, original.file, *bits)
            .map_err(cannot("write it"))
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
                "it has to wait for what cannot be taken back",
                "try again",
            ));
        }
        let cannot = cannot("give it another name");
        let to = self.place(path).free_name().map_err(&cannot)?;
        let pair = (path.clone(), to.clone());
        if !self.journal.saved.contains(&pair) {
            self.journal.saved.push(pair);
            self.journal.write(self.disk).map_err(&cannot)?;
        }
        let moved = self.disk.rename(path.as_str(), to.as_str());
        // Otherwise a power cut could take its new name, and not what is then put in its place.
        let kept = moved.and_then(|()| self.disk.sync(&[guard::parent(path.as_str())]));
        kept.map_err(cannot)
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

/// A file that is to be there again.
struct Original<'a> {
    index: usize,
    step: &'a Step,
    file: &'a File,
}

/// One that is ready to be moved into its place.
struct Copy<'a> {
    original: &'a Original<'a>,
    path: String,
    bits: Option<Bits>,
    /// What is in that place.
    over: Option<Found>,
}

/// What a path is like now.
enum State {
    Before,
    After,
    /// Somebody has changed it, or removed it.
    Other,
}
