//! What a transaction leaves for later.

use tac_bootstrap::transaction::{Lock, Project, records, undo};
use tac_bootstrap::tree::RelPath;

use super::home::{Home, change};
use super::sample::{apply, begin, changes, folder, kept, state};

/// Writes 1, 2, 3 … into a file, each by a transaction.
fn count(home: &Home, to: usize) {
    for number in 1..=to {
        let (before, after) = ((number - 1).to_string(), number.to_string());
        home.apply(&[change("count", Some(&before), Some(&after))])
            .unwrap();
    }
}

#[test]
fn records_tell_what_was_done_newest_first() {
    let home = Home::new(&[("count", "0")]);
    assert_eq!(records(home.root()).unwrap(), []);
    count(&home, 2);
    let records = records(home.root()).unwrap();
    let numbers: Vec<u32> = records.iter().map(|record| record.number).collect();
    assert_eq!(numbers, [2, 1]);
    let newest = &records[0];
    assert_eq!(
        (
            newest.command.as_str(),
            newest.from.as_str(),
            newest.to.as_str()
        ),
        ("upgrade", "0.1.0", "0.2.0")
    );
    assert_eq!(
        newest.paths().map(RelPath::as_str).collect::<Vec<_>>(),
        ["count"]
    );
    assert_eq!(newest.when.len(), "2026-11-21T07:00:00Z".len());
    assert!(newest.when.ends_with('Z'), "{}", newest.when);
}

#[test]
fn undo_goes_back_as_often_as_there_are_records() {
    let home = Home::new(&[("count", "0")]);
    count(&home, 3);
    for number in [3, 2, 1] {
        assert_eq!(home.undo().unwrap().record.number, number);
        assert_eq!(home.read("count"), (number - 1).to_string());
    }
    assert_eq!(undo(&home.lock()).unwrap(), None);
    count(&home, 1);
    assert_eq!(home.read("count"), "1");
}

#[test]
fn the_newest_twenty_records_are_kept() {
    let home = Home::new(&[("count", "0")]);
    count(&home, 23);
    let mut names = kept(&home.project());
    names.sort();
    assert_eq!(names.len(), 20);
    assert_eq!(names.first().unwrap(), "0004");
    assert_eq!(names.last().unwrap(), "0023");
}

#[test]
fn undo_brings_back_contents_modes_links_and_folders() {
    let folder = folder();
    let disk = Project::new(folder.path());
    begin(&disk);
    let old = state(&disk);
    let lock = Lock::take(folder.path(), "upgrade").unwrap();
    apply(&lock, &changes()).unwrap();
    assert_ne!(state(&disk), old);
    let undone = undo(&lock).unwrap().unwrap();
    assert_eq!(undone.record.number, 1);
    assert_eq!(undone.saved, []);
    assert_eq!(state(&disk), old);
    assert_eq!(kept(&disk), [""; 0]);
    assert_eq!(records(folder.path()).unwrap(), []);
    assert_eq!(undo(&lock).unwrap(), None);
}
