//! Whether what lies on the disk is the work tree that was made for a run: its path, its pointer to
//! git's folder, that folder's pointer back, and a token in it must agree.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Worktree;
use super::git::Git;
use super::repository::{Place, real};
use crate::adapters::plain;
use crate::{Error, Result};

/// How git's own commands show whose the work tree is; they leave a locked one alone.
pub const LOCKED: &str = "a run of the agent orchestrator works here";
/// In git's folder of the work tree; holds the id of the run that it was made for.
const TOKEN: &str = "orchestrator";

impl Worktree {
    /// The folder that git keeps of it.
    pub fn admin(&self) -> PathBuf {
        Path::new(&self.repository)
            .join("worktrees")
            .join(self.id.as_str())
    }

    /// Notes in git's folder that the work tree is ours.
    pub fn mark(&self) -> Result<()> {
        let token = self.admin().join(TOKEN);
        let written = std::fs::write(&token, self.id.as_str());
        Ok(written.with_context(|| format!("write {}", token.display()))?)
    }

    /// The work tree, if everything that is known of it agrees: 409 with the reason otherwise, and
    /// nothing may be done with it.
    pub fn open(&self, git: &Git) -> Result<Place> {
        let path = Path::new(&self.path);
        if path.symlink_metadata().is_err() {
            return Err(Error::Conflict(format!(
                "the work tree {} is gone",
                self.path
            )));
        }
        if real(path)? != path {
            return Err(self.is_not_ours("its path leads elsewhere"));
        }
        let is_file = |path: PathBuf| path.symlink_metadata().is_ok_and(|about| about.is_file());
        if !is_file(path.join(".git")) || !is_file(self.admin().join(TOKEN)) {
            return Err(self.is_not_ours("what tells it from others is missing"));
        }
        self.check_remains()?;
        let place = Place::find(&git.in_folder(path))?;
        if place.top != path || place.common != Path::new(&self.repository) {
            return Err(self.is_not_ours("git finds another one there"));
        }
        Ok(place)
    }

    /// 409 unless what is left of it, where anything is, can only be its own. A part may be missing: it
    /// was not made in full, or it is half removed.
    pub fn check_remains(&self) -> Result<()> {
        let (path, admin) = (Path::new(&self.path), self.admin());
        let parent = path.parent().context("a work tree lies in a folder")?;
        let leads_elsewhere = |path: &Path| Ok::<_, Error>(path.exists() && real(path)? != path);
        if leads_elsewhere(parent)? || leads_elsewhere(&admin)? {
            return Err(self.is_not_ours("its path leads elsewhere"));
        }
        if path.symlink_metadata().is_ok_and(|about| !about.is_dir()) {
            return Err(self.is_not_ours("it is no folder"));
        }
        let pointers = [
            (path.join(".git"), format!("gitdir: {}", admin.display())),
            (admin.join("gitdir"), format!("{}/.git", self.path)),
            (admin.join(TOKEN), self.id.to_string()),
        ];
        for (file, expected) in pointers {
            if !holds(&file, &expected) {
                let file = file.display();
                return Err(self.is_not_ours(&format!("{file} says otherwise")));
            }
        }
        match std::fs::read_to_string(admin.join("locked")) {
            Ok(why) if why.trim_end() != LOCKED => {
                let (path, why) = (&self.path, plain(why.trim_end()));
                Err(Error::Conflict(format!(
                    "somebody has locked {path} ({why}): `git worktree unlock` it first"
                )))
            }
            _ => Ok(()),
        }
    }

    fn is_not_ours(&self, why: &str) -> Error {
        Error::Conflict(format!(
            "{} is not the work tree that was made for the run: {why}",
            self.path
        ))
    }
}

/// Whether the file holds this line, or is not there.
fn holds(file: &Path, line: &str) -> bool {
    match std::fs::read_to_string(file) {
        Err(error) => error.kind() == ErrorKind::NotFound,
        Ok(text) => text.trim_end_matches('\n') == line,
    }
}
