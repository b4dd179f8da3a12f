//! A disk on which one operation fails, or everything from there on.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use tac_bootstrap::transaction::{Bits, Disk, Found, Project};
use tac_bootstrap::tree::File;

pub struct Faulty {
    disk: Project,
    fault: Fault,
    /// The operations up to now.
    done: Rc<Cell<usize>>,
}

#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// The first operation that fails.
    pub at: usize,
    pub lasts: Lasts,
    pub kind: io::ErrorKind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lasts {
    Once,
    Always,
}

impl Faulty {
    pub fn new(disk: Project, fault: Fault, done: &Rc<Cell<usize>>) -> Self {
        Self {
            disk,
            fault,
            done: Rc::clone(done),
        }
    }

    fn step(&self) -> io::Result<()> {
        let now = self.done.replace(self.done.get() + 1);
        let fails = match self.fault.lasts {
            Lasts::Once => now == self.fault.at,
            Lasts::Always => now >= self.fault.at,
        };
        if fails {
            Err(self.fault.kind.into())
        } else {
            Ok(())
        }
    }
}

impl Disk for Faulty {
    fn look(&self, path: &str) -> io::Result<Option<Found>> {
        self.step()?;
        self.disk.look(path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.step()?;
        self.disk.list(folder)
    }

    fn write(&self, path: &str, file: &File, bits: Option<Bits>) -> io::Result<()> {
        self.step().inspect_err(|_| {
            // A full disk takes a part of it.
            let half = File::text("half");
            self.disk.write(path, &half, bits).unwrap();
        })?;
        self.disk.write(path, file, bits)
    }

    fn make_folder(&self, path: &str, bits: Option<Bits>) -> io::Result<()> {
        self.step()?;
        self.disk.make_folder(path, bits)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step()?;
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.step()?;
        self.disk.remove(path)
    }

    fn sync(&self, folder: &str) -> io::Result<()> {
        self.step()?;
        self.disk.sync(folder)
    }
}
