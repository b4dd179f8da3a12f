//! What `git diff` prints, read.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::Change;
use crate::{Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub change: Change,
    pub old_path: Option<PathBuf>,
    pub path: PathBuf,
}

/// `--raw -z`: `:MODE MODE OID OID LETTER`, NUL, a path, NUL, and another where it was renamed.
pub fn raw(bytes: &[u8]) -> Result<Vec<Entry>> {
    let mut fields = bytes.split(|byte| *byte == 0);
    let mut entries = Vec::new();
    while let Some(about) = fields.next().filter(|about| !about.is_empty()) {
        let letter = about
            .rsplit(|byte| *byte == b' ')
            .next()
            .and_then(<[u8]>::first);
        let change = match letter {
            Some(b'A') => Change::Added,
            Some(b'C') => Change::Copied,
            Some(b'D') => Change::Deleted,
            Some(b'M') => Change::Modified,
            Some(b'R') => Change::Renamed,
            Some(b'T') => Change::Type,
            Some(b'U') => Change::Unmerged,
            _ => return Err(strange()),
        };
        let mut next = || fields.next().map(path).ok_or_else(strange);
        let old_path = match change {
            Change::Copied | Change::Renamed => Some(next()?),
            _ => None,
        };
        let path = next()?;
        entries.push(Entry {
            change,
            old_path,
            path,
        });
    }
    // A file in conflict is listed a second time, as it differs from one of its sides.
    let unmerged: Vec<_> = of(&entries, Change::Unmerged)
        .map(|it| it.path.clone())
        .collect();
    entries.retain(|it| it.change == Change::Unmerged || !unmerged.contains(&it.path));
    entries.dedup();
    Ok(entries)
}

fn of(entries: &[Entry], change: Change) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(move |it| it.change == change)
}

/// `--numstat -z`: `ADDED TAB REMOVED TAB PATH` NUL, or where it was renamed, an empty path, NUL, and
/// two paths. Lines by path; `None` for a binary file.
pub fn counts(bytes: &[u8]) -> Result<HashMap<PathBuf, Option<(u64, u64)>>> {
    let mut fields = bytes.split(|byte| *byte == 0);
    let mut counts = HashMap::new();
    while let Some(about) = fields.next().filter(|about| !about.is_empty()) {
        let mut parts = about.splitn(3, |byte| *byte == b'\t');
        let mut part = || parts.next().ok_or_else(strange);
        let (added, removed, name) = (part()?, part()?, part()?);
        let name = match name {
            b"" => fields.nth(1).ok_or_else(strange)?,
            name => name,
        };
        counts.insert(path(name), number(added).zip(number(removed)));
    }
    Ok(counts)
}

/// `--patch`: the text of each entry, in their order. A change of type is two texts, of the file that
/// goes and of the one that comes; a file in conflict has none that would be of use.
pub fn texts(patch: &[u8], entries: &[Entry]) -> Vec<String> {
    let patch = String::from_utf8_lossy(patch);
    let mut found: Vec<String> = Vec::new();
    let mut is_wanted = false;
    for line in patch.split_inclusive('\n') {
        // Lines of files begin with a space, a sign or a backslash.
        if line.starts_with("diff --git ") {
            found.push(String::new());
            is_wanted = true;
        } else if line.starts_with("* Unmerged path ") || line.starts_with("diff --cc ") {
            is_wanted = false;
        }
        if let Some(text) = found.last_mut().filter(|_| is_wanted) {
            text.push_str(line);
        }
    }
    let mut found = found.into_iter();
    let mut take = |count| found.by_ref().take(count).collect::<String>();
    let count = |entry: &Entry| match entry.change {
        Change::Type => 2,
        Change::Unmerged => 0,
        _ => 1,
    };
    entries.iter().map(|entry| take(count(entry))).collect()
}

fn path(bytes: &[u8]) -> PathBuf {
    Path::new(OsStr::from_bytes(bytes)).to_owned()
}

fn number(digits: &[u8]) -> Option<u64> {
    str::from_utf8(digits).ok()?.parse().ok()
}

fn strange() -> Error {
    anyhow::anyhow!("git prints a difference that is not understood").into()
}
