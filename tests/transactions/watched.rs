//! A disk whose operations somebody watches: lets them fail, or does something just before.

use std::io;

use tac_bootstrap::transaction::{Bits, Disk, Found, Project};
use tac_bootstrap::tree::File;

/// Calls `watch` with what is about to be done, `remove README.md` for example. Its error is that of the operation.
pub struct Watched<W> {
    pub disk: Project,
    pub watch: W,
}

impl<W: Fn(&str) -> io::Result<()>> Disk for Watched<W> {
    fn look(&self, path: &str) -> io::Result<Option<Found>> {
        (self.watch)(&format!("look {path}"))?;
        self.disk.look(path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        (self.watch)(&format!("list {folder}"))?;
        self.disk.list(folder)
    }

    fn write(&self, path: &str, file: &File, bits: Option<Bits>) -> io::Result<()> {
        (self.watch)(&format!("write {path}")).inspect_err(|_| {
            // A full disk takes a part of it.
            self.disk.write(path, &File::text("half"), bits).unwrap();
        })?;
        self.disk.write(path, file, bits)
    }

    fn make_folder(&self, path: &str, bits: Option<Bits>) -> io::Result<()> {
        (self.watch)(&format!("make_folder {path}"))?;
        self.disk.make_folder(path, bits)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        (self.watch)(&format!("rename {from} {to}"))?;
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        (self.watch)(&format!("remove {path}"))?;
        self.disk.remove(path)
    }

    fn sync(&self, paths: &[&str]) -> io::Result<()> {
        (self.watch)(&format!("sync {}", paths.join(" ")))?;
        self.disk.sync(paths)
    }
}
