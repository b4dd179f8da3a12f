//! Projects and changes by chance: all of it is made, and all of it is undone.

use std::collections::BTreeMap;
use std::fs;

use proptest::collection::btree_map;
use proptest::prelude::*;
use tac_bootstrap::transaction::{Bits, Change, Disk, Found, Lock, Project, undo};
use tac_bootstrap::tree::File;
use tempfile::TempDir;

use super::sample::{State, apply, assert_same, folder, kept, link, path, program, state, write};
use crate::merge::cases::{cases, config};

/// A file and what it may be used for.
type Files = BTreeMap<String, (File, u32)>;

fn a_file() -> impl Strategy<Value = (File, u32)> {
    let text = "[ab]{0,2}";
    prop_oneof![
        (text, prop::sample::select(vec![0o644, 0o600, 0o444, 0o664]))
            .prop_map(|(text, mode)| (File::text(text), mode)),
        (text, prop::sample::select(vec![0o755, 0o700, 0o500]))
            .prop_map(|(text, mode)| (program(&text), mode)),
        "[abc]".prop_map(|target| (link(&target), 0o777)),
    ]
}

/// Files of which none is a folder of another.
fn files() -> impl Strategy<Value = Files> {
    btree_map("[abc](/[abc]){0,2}", a_file(), 0..7).prop_map(|mut files| {
        let paths: Vec<String> = files.keys().cloned().collect();
        let is_folder = |path: &String| {
            paths
                .iter()
                .any(|other| other.starts_with(&format!("{path}/")))
        };
        files.retain(|path, _| !is_folder(path));
        files
    })
}

/// What makes `new` of `old`, but for the files that the project does not know of.
fn difference(old: &Files, new: &Files, foreign: &str) -> Vec<Change> {
    let paths = old
        .keys()
        .chain(new.keys().filter(|path| !old.contains_key(*path)));
    let change = |name: &String| Change {
        path: path(name),
        before: old.get(name).map(|(file, _)| file.clone()),
        after: new.get(name).map(|(file, _)| file.clone()),
        moved_from: None,
    };
    paths
        .filter(|path| !path.contains(foreign))
        .map(change)
        .collect()
}

/// Every file of `new` with the bits that it is to have, and the folders in which they lie.
fn wanted(old: &State, changes: &[Change]) -> BTreeMap<String, (File, Bits)> {
    let files = old.iter().filter_map(|(path, found)| match found {
        Found::File { file, bits } => Some((path.clone(), (file.clone(), *bits))),
        _ => None,
    });
    let mut wanted: BTreeMap<_, _> = files.collect();
    for Change { path, after, .. } in changes {
        let before = wanted.remove(path.as_str());
        let Some(file) = after else { continue };
        let bits = match (before, file) {
            (_, File::Link { .. }) => Bits::new(0o777),
            (Some((File::Regular { .. }, bits)), _) => bits.fitting(file),
            _ => Bits::new(0o644).fitting(file),
        };
        wanted.insert(path.to_string(), (file.clone(), bits));
    }
    wanted
}

fn project(files: &Files, closed: &[String]) -> (TempDir, Project) {
    let folder = folder();
    let disk = Project::new(folder.path());
    disk.make_folder(".tac", None).unwrap();
    for (path, (file, mode)) in files {
        write(&disk, path, file, *mode);
    }
    for path in closed {
        if let Some(Found::Folder { .. }) = state(&disk).get(path) {
            disk.make_folder(path, Some(Bits::new(0o2750))).unwrap();
        }
    }
    (folder, disk)
}

fn check_changes(
    after: &State,
    wanted: &BTreeMap<String, (File, Bits)>,
) -> Result<(), TestCaseError> {
    for (path, found) in after {
        if let Found::File { file, bits } = found {
            prop_assert_eq!(wanted.get(path), Some(&(file.clone(), *bits)), "{}", path);
            continue;
        }
        let is_used = wanted
            .keys()
            .any(|file| file.starts_with(&format!("{path}/")));
        prop_assert!(is_used || path == ".tac", "{} is empty", path);
    }
    for path in wanted.keys() {
        prop_assert!(after.contains_key(path), "{} is not there", path);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(cases(2_000)))]

    #[test]
    fn undo_of_any_changes_is_the_identity(
        old in files(),
        new in files(),
        closed in prop::collection::vec("[abc](/[abc])?", 0..3),
        foreign in "[abc]/[abc]",
    ) {
        let (folder, disk) = project(&old, &closed);
        let before = state(&disk);
        let changes = difference(&old, &new, &foreign);
        let lock = Lock::take(folder.path(), "upgrade").unwrap();
        if apply(&lock, &changes).is_ok() {
            check_changes(&state(&disk), &wanted(&before, &changes))?;
            undo(&lock).unwrap();
            prop_assert_eq!(kept(&disk), Vec::<String>::new());
        }
        // Otherwise a file that the project does not know of lies in a folder that is to be a file.
        assert_same(&state(&disk), &before, "undone or refused");
    }

    #[test]
    fn undo_brings_everything_back_and_loses_no_edit(
        old in files(),
        new in files(),
        edits in btree_map("[abc](/[abc]){0,2}", "mine [ab]{3}", 1..4),
    ) {
        let (folder, disk) = project(&old, &[]);
        let before = state(&disk);
        let lock = Lock::take(folder.path(), "upgrade").unwrap();
        let changes = difference(&old, &new, "none");
        apply(&lock, &changes).unwrap();
        for (path, text) in &edits {
            let path = folder.path().join(path);
            // Without an edit where a folder is in its place, or a file above it.
            let _ = fs::remove_file(&path);
            let above = fs::create_dir_all(path.parent().unwrap());
            let _ = above.and_then(|()| fs::write(&path, text));
        }
        let edited = state(&disk);
        undo(&lock).unwrap();
        let after = state(&disk);
        for Change { path, before: file, after: new, .. } in &changes {
            if file != new && file.is_some() {
                let path = path.as_str();
                prop_assert_eq!(after.get(path), before.get(path), "{}", path);
            }
        }
        let is_mine = |found: &&Found| matches!(found, Found::File { file, .. } if file.bytes().starts_with(b"mine"));
        for mine in edited.values().filter(is_mine) {
            prop_assert!(after.values().any(|found| found == mine), "{mine:?} is lost");
        }
        prop_assert!(!after.contains_key(".tac/journal"));
    }
}
