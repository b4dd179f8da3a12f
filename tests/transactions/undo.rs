//! To undo a transaction brings back what was there before, to the bit.

use tac_bootstrap::transaction::{Lock, Project, records, undo};

use super::sample::{apply, begin, changes, folder, kept, state};

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
