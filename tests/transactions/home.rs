//! A project in a folder of its own, for stories: what people do to its files, and what becomes of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tac_bootstrap::Result;
use tac_bootstrap::transaction::{self, Change, Lock, Project, Undone};
use tac_bootstrap::tree::File;
use tempfile::TempDir;

use super::sample::{self, State, folder, path};

pub struct Home(TempDir);

impl Home {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let home = Self(folder());
        home.write(".tac/tac.toml", "version = 1");
        for (path, text) in files {
            home.write(path, text);
        }
        home
    }

    pub fn root(&self) -> &Path {
        self.0.path()
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap()
    }

    pub fn has(&self, path: &str) -> bool {
        self.at(path).symlink_metadata().is_ok()
    }

    pub fn mode(&self, path: &str) -> u32 {
        let found = self.at(path).symlink_metadata().unwrap();
        found.permissions().mode() & 0o7777
    }

    pub fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub fn project(&self) -> Project {
        Project::new(self.root())
    }

    pub fn state(&self) -> State {
        sample::state(&self.project())
    }

    pub fn lock(&self) -> Lock {
        Lock::take(self.root(), "upgrade").unwrap()
    }

    pub fn apply(&self, changes: &[Change]) -> Result<()> {
        sample::apply(&self.lock(), changes)
    }

    /// The newest transaction, which is there.
    pub fn undo(&self) -> Result<Undone> {
        transaction::undo(&self.lock()).map(Option::unwrap)
    }
}

/// Contents that change; none are no file.
pub fn change(name: &str, before: Option<&str>, after: Option<&str>) -> Change {
    Change {
        path: path(name),
        before: before.map(File::text),
        after: after.map(File::text),
        moved_from: None,
    }
}

/// The paths and their new names, as text.
pub fn saved(undone: &Undone) -> Vec<(&str, &str)> {
    let saved = undone.saved.iter();
    saved
        .map(|(path, name)| (path.as_str(), name.as_str()))
        .collect()
}
