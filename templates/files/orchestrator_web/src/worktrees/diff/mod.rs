//! What a run has changed, while it goes on or afterwards.

mod parse;

use std::ffi::OsString;
use std::path::Path;

use serde::Serialize;
use utoipa::ToSchema;

use super::git::Git;
use super::index::Index;
use super::repository::Place;
use super::{Worktree, make};
use crate::config::Settings;
use crate::text;
use crate::{Error, Result};
use parse::Entry;

/// More files are counted, and not shown.
const MOST_FILES: usize = 2_000;
/// Of a file whose text is shown, in bytes.
const LARGEST: u64 = 1 << 20;
/// Of one file's text, in bytes.
const LONGEST_TEXT: usize = 256 << 10;
/// Of all texts; those that come later are left out.
const MOST_TEXT: usize = 4 << 20;
/// Of the files that a patch is made of, together.
const MOST_PATCH: u64 = 32 << 20;

/// What every comparison is asked for, whatever the user has set for his own eyes.
const ALIKE: [&str; 11] = [
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--inter-hunk-context=0",
    "--no-relative",
    "--submodule=short",
    "--diff-algorithm=myers",
    "--ignore-submodules=dirty",
    "-O/dev/null",
];

text::choices! {
    /// Where a change stands.
    pub enum Part {
        /// In commits since the base.
        Committed = "committed",
        /// In the index.
        Staged = "staged",
        /// In a file that git knows.
        Unstaged = "unstaged",
        /// A file that git does not know, and does not ignore.
        Untracked = "untracked",
    }
}

text::choices! {
    pub enum Change {
        Added = "added",
        Copied = "copied",
        Deleted = "deleted",
        Modified = "modified",
        Renamed = "renamed",
        /// From a file to a link, say.
        Type = "type_changed",
        /// In conflict.
        Unmerged = "unmerged",
    }
}

/// A file that was changed. One that was changed in several parts is there several times.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Changed {
    pub part: Part,
    /// What is not UTF-8 in it is shown as �.
    pub path: String,
    /// Before it was renamed or copied.
    #[schema(required)]
    pub old_path: Option<String>,
    pub change: Change,
    /// Bytes of the file as it is in the work tree now; null if it is not there.
    #[schema(required)]
    pub size: Option<u64>,
    /// Not text, or larger than 1 MiB: nothing of it is shown.
    pub is_binary: bool,
    /// Lines; null for a binary file.
    #[schema(required)]
    pub added: Option<u64>,
    #[schema(required)]
    pub removed: Option<u64>,
    /// The change as a unified diff.
    pub text: String,
    /// The text is longer than 256 KiB, or all texts than 4 MiB, and ends in a whole line before.
    pub is_cut: bool,
}

/// What a run has changed since the commit that it began with.
#[derive(Debug, Serialize, ToSchema)]
pub struct Diff {
    pub base: String,
    /// The commit that is checked out in the work tree.
    pub head: String,
    pub branch: String,
    /// By part, then by path; at most 2,000.
    pub files: Vec<Changed>,
    /// How many there are more.
    pub more_files: usize,
}

/// 409 if the work tree does not stand, or the repository would run programs.
pub async fn diff(settings: &Settings, worktree: Worktree) -> Result<Diff> {
    let git = Git::at(Path::new(&worktree.path), make::patience(settings));
    super::blocking(move || read(&worktree, &git)).await
}

/// The difference from the base to the files as they are, with all of them but ignored ones, as
/// `git apply` takes it. 409 as [`diff`], and if the files are larger than 32 MiB together.
pub async fn patch(settings: &Settings, worktree: Worktree) -> Result<Vec<u8>> {
    let git = Git::at(Path::new(&worktree.path), make::patience(settings));
    super::blocking(move || {
        let place = open(&worktree, &git)?;
        let index = Index::of(&place)?;
        index.git.bytes(&["add", "--all", "--intent-to-add"])?;
        let what = ["--no-renames", &worktree.base];
        let changed = parse::raw(&index.git.bytes(&words(&["--raw", "-z"], &what, &[]))?)?;
        let sizes = changed.iter().filter_map(|it| size(&place.top, &it.path));
        if MOST_PATCH < sizes.sum() {
            let path = &worktree.path;
            return Err(Error::Conflict(format!(
                "the changed files are larger than {MOST_PATCH} bytes; use git in {path}"
            )));
        }
        let git = index.git.with_setting("core.bigFileThreshold", "512m");
        git.bytes(&words(
            &["--binary", "--full-index", "--unified=3"],
            &what,
            &[],
        ))
    })
    .await
}

fn open(worktree: &Worktree, git: &Git) -> Result<Place> {
    worktree.require_standing()?;
    let place = worktree.open(git)?;
    place.refuse_programs()?;
    Ok(place)
}

fn read(worktree: &Worktree, git: &Git) -> Result<Diff> {
    let place = open(worktree, git)?;
    let head = place.head()?;
    let index = Index::of(&place)?;
    let compare = |part, what: &[&str]| compare(&index.git, part, what);
    let committed = compare(Part::Committed, &["--find-renames", &worktree.base, &head])?;
    let staged = compare(Part::Staged, &["--find-renames", "--cached", &head])?;
    let unstaged = compare(Part::Unstaged, &["--no-renames"])?;
    // Notes the names of new files alone, so that they are compared with nothing.
    index.git.bytes(&["add", "--all", "--intent-to-add"])?;
    let mut untracked = compare(Part::Untracked, &["--no-renames", "--diff-filter=A"])?;
    untracked.retain(|new| unstaged.iter().all(|known| known.path != new.path));
    let mut files = [committed, staged, unstaged, untracked].concat();
    for file in &mut files {
        file.size = size(&place.top, Path::new(&file.path));
    }
    let more_files = files.len().saturating_sub(MOST_FILES);
    files.truncate(MOST_FILES);
    limit(&mut files);
    let (base, branch) = (worktree.base.clone(), worktree.branch.clone());
    Ok(Diff {
        base,
        head,
        branch,
        files,
        more_files,
    })
}

fn compare(git: &Git, part: Part, what: &[&str]) -> Result<Vec<Changed>> {
    let entries = parse::raw(&git.bytes(&words(&["--raw", "-z"], what, &[]))?)?;
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    // Git would read all of a large file to name it.
    let is_large = |path: &Path| size(git.folder(), path).is_some_and(|size| LARGEST < size);
    let (large, small): (Vec<_>, Vec<_>) = entries.into_iter().partition(|it| is_large(&it.path));
    let counts = parse::counts(&git.bytes(&words(&["--numstat", "-z"], what, &large))?)?;
    let patch = git.bytes(&words(&["--patch", "--unified=3"], what, &large))?;
    let texts = parse::texts(&patch, &small);
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    let changed = |(entry, text): (Entry, String)| {
        let lines = counts.get(&entry.path).copied().flatten();
        Changed {
            part,
            path: shown(&entry.path),
            old_path: entry.old_path.as_deref().map(shown),
            change: entry.change,
            size: None,
            is_binary: lines.is_none() && entry.change != Change::Unmerged,
            added: lines.map(|it| it.0),
            removed: lines.map(|it| it.1),
            text,
            is_cut: false,
        }
    };
    let large = large.into_iter().map(|entry| (entry, String::new()));
    let mut files: Vec<_> = small
        .into_iter()
        .zip(texts)
        .chain(large)
        .map(changed)
        .collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

/// The arguments for a comparison `what`, shown so, without some files.
fn words(how: &[&str], what: &[&str], without: &[Entry]) -> Vec<OsString> {
    let words = [&["diff"], how, &ALIKE, what, &["--", "."]].concat();
    let mut words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    for entry in without {
        let mut word = OsString::from(":(exclude,literal)");
        word.push(&entry.path);
        words.push(word);
    }
    words
}

fn size(top: &Path, path: &Path) -> Option<u64> {
    top.join(path)
        .symlink_metadata()
        .ok()
        .map(|about| about.len())
}

fn limit(files: &mut [Changed]) {
    let mut room = MOST_TEXT;
    for file in files {
        let most = LONGEST_TEXT.min(room);
        if most < file.text.len() {
            let end = file.text.floor_char_boundary(most);
            let end = file.text[..end].rfind('\n').map_or(0, |end| end + 1);
            file.text.truncate(end);
            file.is_cut = true;
        }
        room -= file.text.len();
    }
}
