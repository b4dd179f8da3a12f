//! What a transaction will do, found out before it does anything.

use std::collections::{BTreeMap, BTreeSet};

use super::disk::{Bits, Disk, Found};
use super::place::Place;
use super::record::{Record, Step, Trace};
use super::stored::SCHEMA;
use super::{Change, Label, cannot, clock, guard};
use crate::tree::{File, RelPath};
use crate::{Error, Result};

/// Compares the disk with what the plan saw, and writes nothing. An error if they differ, or if something is in the way.
pub fn record(disk: &impl Disk, number: u32, label: &Label, changes: &[&Change]) -> Result<Record> {
    let (mut deleted, mut needed) = (BTreeSet::new(), BTreeSet::new());
    for Change { path, after, .. } in changes {
        if after.is_some() {
            needed.extend(guard::above(path.as_str()));
        } else {
            deleted.insert(path.as_str());
        }
    }
    let removed = emptied(disk, &deleted, &needed)?;
    let mut created = BTreeSet::new();
    let mut steps = Vec::new();
    for change in changes {
        guard::is_ours_to_change(&change.path)?;
        for folder in guard::above(change.path.as_str()) {
            match look(disk, folder)? {
                Some(Found::Folder { .. }) => {}
                Some(found) if !deleted.contains(folder) => {
                    return Err(guard::in_the_way(change.path.as_str(), folder, &found));
                }
                _ => {
                    created.insert(folder);
                }
            }
        }
        Place::new(disk, &change.path, number).expect_free()?;
        steps.push(step(disk, change, &removed)?);
    }
    let path = |folder: &str| RelPath::try_from(folder).expect("a folder above a path is one");
    Ok(Record {
        schema: SCHEMA,
        number,
        when: clock::now(),
        command: label.command.clone(),
        from: label.from.clone(),
        to: label.to.clone(),
        created: created.into_iter().map(path).collect(),
        removed: removed
            .into_iter()
            .map(|(folder, bits)| (path(folder), bits))
            .collect(),
        changes: steps,
    })
}

fn step(disk: &impl Disk, change: &Change, removed: &BTreeMap<&str, Bits>) -> Result<Step> {
    let path = change.path.as_str();
    let bits = match (look(disk, path)?, &change.before) {
        (None, None) => bits_of(disk, change.moved_from.as_ref())?,
        (Some(Found::Folder { .. }), None) if removed.contains_key(path) => None,
        (Some(Found::File { file, bits }), Some(before)) if file == *before => {
            matches!(file, File::Regular { .. }).then_some(bits)
        }
        _ => {
            return Err(Error::new(
                format!("write {path}: it has changed since it was looked at"),
                "try again: what is there now will be taken into account",
            ));
        }
    };
    Ok(Step {
        path: change.path.clone(),
        bits,
        before: change.before.as_ref().map(Trace::new),
        after: change.after.as_ref().map(Trace::new),
    })
}

fn bits_of(disk: &impl Disk, file: Option<&RelPath>) -> Result<Option<Bits>> {
    let Some(path) = file else {
        return Ok(None);
    };
    Ok(match look(disk, path.as_str())? {
        Some(Found::File {
            file: File::Regular { .. },
            bits,
        }) => Some(bits),
        _ => None,
    })
}

/// The folders that hold nothing but what is deleted, with their bits.
fn emptied<'a>(
    disk: &impl Disk,
    deleted: &BTreeSet<&'a str>,
    needed: &BTreeSet<&'a str>,
) -> Result<BTreeMap<&'a str, Bits>> {
    let above: BTreeSet<&str> = deleted.iter().flat_map(|path| guard::above(path)).collect();
    let mut emptied: BTreeMap<&str, Bits> = BTreeMap::new();
    // A folder sorts before those in it, which are looked at first.
    for folder in above
        .into_iter()
        .rev()
        .filter(|folder| !needed.contains(folder))
    {
        let Some(Found::Folder { bits }) = look(disk, folder)? else {
            continue;
        };
        let names = disk
            .list(folder)
            .map_err(cannot(format!("read {folder}")))?;
        let goes = |name: &String| {
            let path = format!("{folder}/{name}");
            deleted.contains(path.as_str()) || emptied.contains_key(path.as_str())
        };
        if names.iter().all(goes) {
            emptied.insert(folder, bits);
        }
    }
    Ok(emptied)
}

fn look(disk: &impl Disk, path: &str) -> Result<Option<Found>> {
    guard::look(disk, path).map_err(cannot(format!("read {path}")))
}
