//! The one use of git by `new`: an empty repository around a new project.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Error, Result};

/// What came of making a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repository {
    Made,
    /// There is no git to make it with.
    NoGit,
}

/// Runs `git init` in `folder`, whatever repository the caller's environment points at.
pub fn init(folder: &Path) -> Result<Repository> {
    let mut git = Command::new("git");
    git.args(["init", "--quiet"])
        .current_dir(folder)
        .stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            git.env_remove(name);
        }
    }
    match git.env("LC_ALL", "C").output() {
        Ok(output) if output.status.success() => Ok(Repository::Made),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said
                .lines()
                .next()
                .unwrap_or("it did not say why")
                .trim_start_matches("fatal: ");
            Err(Error::new(
                format!("make a git repository: {said}; nothing was written"),
                "`--vcs none` leaves git out",
            ))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Repository::NoGit),
        Err(error) => Err(Error::new(
            format!("run git: {error}; nothing was written"),
            "`--vcs none` leaves git out",
        )),
    }
}
