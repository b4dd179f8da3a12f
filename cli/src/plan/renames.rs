//! Generated files that the user calls by another name.

use std::collections::{BTreeMap, HashMap};

use super::{Ours, Versions};
use crate::templates::Policy;
use crate::tree::{File, RelPath, Tree};

/// The least part of their lines that two files share which are taken for one.
const ALIKE: f64 = 0.6;

/// For each generated file that is missing and that the template changes: the one file of the user's own that is
/// like it. Two that are equally like it, or one that is like two, are none.
pub fn found<'a>(
    versions: &Versions<'a>,
    policy: impl Fn(&RelPath) -> Policy,
) -> BTreeMap<&'a RelPath, &'a RelPath> {
    let mut found = BTreeMap::new();
    let mut taken: HashMap<&RelPath, usize> = HashMap::new();
    for (path, base) in versions.base {
        if policy(path) == Policy::Merge
            && is_wanted(path, base, versions.ours, versions.theirs)
            && let Some(name) = likest(versions, path, base)
        {
            found.insert(path, name);
            *taken.entry(name).or_default() += 1;
        }
    }
    found.retain(|_, name| taken[name] == 1);
    found
}

/// Whether the file is missing, and the template has something new for it.
pub fn is_wanted(path: &RelPath, base: &File, ours: &Ours, theirs: &Tree) -> bool {
    let theirs = theirs.get(path);
    !ours.contains_key(path) && theirs.is_some_and(|theirs| theirs != base)
}

fn likest<'a>(versions: &Versions<'a>, path: &RelPath, base: &File) -> Option<&'a RelPath> {
    let candidates = versions
        .others
        .iter()
        .filter(|(name, _)| name.extension() == path.extension() || name.name() == path.name());
    let mut scored: Vec<(f64, &RelPath)> = candidates
        .map(|(name, file)| (likeness(base, file), name))
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    match scored.as_slice() {
        [(first, _), (second, _), ..] if first.total_cmp(second).is_eq() => None,
        [(_, name), ..] => Some(name),
        [] => None,
    }
}

/// The part of their lines, from 0 to 1, that two files have in common; blank lines do not count.
pub fn likeness(one: &File, other: &File) -> f64 {
    let (File::Regular { bytes: one, .. }, File::Regular { bytes: other, .. }) = (one, other)
    else {
        return 0.0;
    };
    let lines = |bytes: &[u8]| {
        let mut lines: HashMap<Vec<u8>, u32> = HashMap::new();
        for line in bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            if !line.is_empty() {
                *lines.entry(line.to_vec()).or_default() += 1;
            }
        }
        lines
    };
    let (one, other) = (lines(one), lines(other));
    let count = |lines: &HashMap<Vec<u8>, u32>| f64::from(lines.values().sum::<u32>());
    let shared = one
        .iter()
        .map(|(line, count)| other.get(line).map_or(0, |other| (*other).min(*count)))
        .sum::<u32>();
    let all = count(&one) + count(&other);
    if all == 0.0 {
        return 0.0;
    }
    2.0 * f64::from(shared) / all
}
