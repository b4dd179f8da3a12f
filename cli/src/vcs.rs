//! What git is asked for: an empty repository around a new project, and of an old one, what is not committed and what
//! is ignored.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::tree::RelPath;
use crate::{Error, Result};

/// What came of making a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repository {
    Made,
    /// There is no git to make it with.
    NoGit,
}

/// Runs `git init` in `folder`.
pub fn init(folder: &Path) -> Result<Repository> {
    match git(folder).args(["init", "--quiet"]).output() {
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

/// Those of `paths` below `root` that git has not committed as they are. None, where there is no repository or no git.
/// What git ignores is not its to keep, and does not count.
pub fn uncommitted(root: &Path, paths: &[RelPath]) -> Result<Vec<RelPath>> {
    if !root.ancestors().any(|folder| folder.join(".git").exists()) {
        return Ok(Vec::new());
    }
    let mut git = git(root);
    git.args(["--literal-pathspecs", "--no-optional-locks"])
        .args([
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--",
        ])
        .args(paths.iter().map(RelPath::as_str));
    let output = match git.output() {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or("it did not say why");
            return Err(Error::new(
                format!(
                    "ask git what is not committed: {}; nothing was written",
                    said.trim_start_matches("fatal: ")
                ),
                "`--allow-dirty` goes on without asking",
            ));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Error::new(
                format!("run git: {error}; nothing was written"),
                "`--allow-dirty` goes on without asking",
            ));
        }
    };
    // Each entry is `XY path`, from the top of the repository: which of ours it is, its end tells.
    let said = String::from_utf8_lossy(&output.stdout);
    let dirty: Vec<&str> = said
        .split('\0')
        .filter_map(|entry| entry.get(3..))
        .collect();
    let is_dirty = |path: &&RelPath| {
        let is_it = |entry: &&str| {
            let above = entry.strip_suffix(path.as_str());
            above.is_some_and(|above| above.is_empty() || above.ends_with('/'))
        };
        dirty.iter().any(is_it)
    };
    Ok(paths.iter().filter(is_dirty).cloned().collect())
}

/// Those of `paths` below `root` that git does not ignore. All, where git cannot tell.
pub fn not_ignored(root: &Path, paths: BTreeSet<RelPath>) -> BTreeSet<RelPath> {
    if paths.is_empty() {
        return paths;
    }
    let mut git = git(root);
    git.args(["ls-files", "-z", "--others", "--directory"])
        .args(["--ignored", "--exclude-standard"]);
    // A folder that is in no repository of git, or whose owner git does not trust, ignores nothing.
    let Some(output) = git.output().ok().filter(|it| it.status.success()) else {
        return paths;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let ignored: BTreeSet<&str> = said
        .split('\0')
        .map(|entry| entry.trim_end_matches('/'))
        .collect();
    // All of it, as the repository around it says.
    if ignored.contains(".") {
        return BTreeSet::new();
    }
    let is_ignored = |path: &RelPath| ignored.contains(path.as_str());
    paths
        .into_iter()
        .filter(|path| !is_ignored(path) && !path.folders().any(|above| is_ignored(&above)))
        .collect()
}

/// Git in `folder`, whatever repository the caller's environment points at.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            git.env_remove(name);
        }
    }
    // A repository may name a program there, which would run.
    git.args(["-c", "core.fsmonitor=false"]);
    git.env("LC_ALL", "C");
    git
}
