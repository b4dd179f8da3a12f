//! Real file systems that are full, read-only, or mounted within a project. These tests run as root.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::Path;

use tac_bootstrap::transaction::{Lock, Project, undo};

use super::home::{Home, change};
use super::sample::{apply, begin, changes, folder, kept, state};
use super::watched::Watched;
use crate::mount::Mount;

/// Does the changes on file systems of growing size until one is large enough. Returns how often it was not.
fn fail_until_it_fits(limits: impl Iterator<Item = String>) -> usize {
    let folder = folder();
    for (count, limit) in limits.enumerate() {
        let _mount = Mount::tmpfs(&limit, folder.path().to_owned());
        let disk = Project::new(folder.path());
        begin(&disk);
        let old = state(&disk);
        let lock = match Lock::take(folder.path(), "upgrade") {
            Ok(lock) => lock,
            Err(error) => {
                assert!(
                    error.what().contains("No space left"),
                    "{limit}: {}",
                    error.what()
                );
                continue;
            }
        };
        let done = apply(&lock, &changes());
        if done.is_ok() {
            undo(&lock).unwrap();
            assert_eq!(state(&disk), old, "{limit}");
            return count;
        }
        let error = done.unwrap_err();
        assert!(
            error
                .what()
                .ends_with("No space left on device (os error 28); nothing has changed"),
            "{limit}: {}",
            error.what()
        );
        assert_eq!(error.next_step(), "make room on the disk, then try again");
        assert_eq!(state(&disk), old, "{limit}");
        assert_eq!(kept(&disk), [""; 0], "{limit}");
    }
    panic!("no limit was large enough");
}

#[test]
fn no_room_for_any_one_of_the_files_changes_nothing() {
    let failed = fail_until_it_fits((33..200).map(|files| format!("nr_inodes={files}")));
    assert!(failed > 20, "only {failed} places to fail at");
}

#[test]
fn no_room_for_the_bytes_of_a_file_changes_nothing() {
    let failed = fail_until_it_fits((17..200).map(|pages| format!("size={}", pages * 4096)));
    assert!(failed > 20, "only {failed} places to fail at");
}

#[test]
fn a_file_system_within_the_project_changes_like_the_rest() {
    let home = Home::new(&[("src/lib.rs", "old")]);
    fs::create_dir(home.at("data")).unwrap();
    let _mount = Mount::tmpfs("size=1m", home.at("data"));
    home.write("data/old.md", "old");
    home.write("data/deep/gone.md", "old");
    home.set_mode("data/old.md", 0o640);
    let old = home.state();
    let changes = [
        change("src/lib.rs", Some("old"), Some("new")),
        change("data/old.md", Some("old"), Some("new")),
        change("data/deep/gone.md", Some("old"), None),
        change("data/new/new.md", None, Some("new")),
    ];
    home.apply(&changes).unwrap();
    assert_eq!(home.read("data/old.md"), "new");
    assert_eq!(home.mode("data/old.md"), 0o640);
    assert_eq!(home.read("data/new/new.md"), "new");
    assert!(!home.has("data/deep"));
    home.undo().unwrap();
    assert_eq!(home.state(), old);
}

#[test]
fn a_name_that_is_needed_beside_a_file_is_not_taken_from_anybody() {
    let home = Home::new(&[("a.md", "old"), ("a.md.tac-0001", "mine")]);
    let changes = [change("a.md", Some("old"), Some("new"))];
    let said = "write a.md: a.md.tac-0001 is in the way";
    let error = home.apply(&changes).unwrap_err();
    assert_eq!(error.what(), format!("{said}; nothing has changed"));
    fs::remove_file(home.at("a.md.tac-0001")).unwrap();
    home.apply(&changes).unwrap();
    home.write("a.md.tac-0001", "mine");
    assert_eq!(home.undo().unwrap_err().what(), said);
    assert_eq!(home.read("a.md"), "new");
    assert_eq!(home.read("a.md.tac-0001"), "mine");
    assert!(!home.has(".tac/journal"));
}

/// Mounts it again, so that nothing in it can be written, or so that it can.
fn remount(how: &str, on: &Path) {
    let status = std::process::Command::new("mount")
        .args(["-o", &format!("remount,{how}")])
        .arg(on)
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn a_part_that_may_not_be_written_leaves_the_rest_as_it_was() {
    let home = Home::new(&[("a.md", "old")]);
    fs::create_dir(home.at("data")).unwrap();
    let _mount = Mount::tmpfs("size=1m", home.at("data"));
    home.write("data/old.md", "old");
    remount("ro", &home.at("data"));
    let old = home.state();
    let changes = [
        change("a.md", Some("old"), Some("new")),
        change("data/old.md", Some("old"), Some("new")),
    ];
    let error = home.apply(&changes).unwrap_err();
    assert_eq!(
        error.what(),
        "write data/old.md: Read-only file system (os error 30); nothing has changed"
    );
    assert_eq!(home.state(), old);
    assert_eq!(kept(&home.project()), [""; 0]);
}

#[test]
fn what_cannot_be_taken_back_is_listed_and_taken_back_later() {
    let home = Home::new(&[("a.md", "old"), ("z.md", "old")]);
    fs::create_dir(home.at("data")).unwrap();
    let _mount = Mount::tmpfs("size=1m", home.at("data"));
    home.write("data/old.md", "old");
    let old = home.state();
    home.apply(&[
        change("a.md", Some("old"), Some("new")),
        change("data/old.md", Some("old"), Some("new")),
        change("data/new.md", None, Some("new")),
        change("z.md", Some("old"), None),
    ])
    .unwrap();
    remount("ro", &home.at("data"));
    let error = home.undo().unwrap_err();
    assert_eq!(error.what(), "take back `upgrade`: not all of it could be");
    assert_eq!(
        error.places(),
        [
            "data/new.md: delete it: Read-only file system (os error 30)",
            "data/old.md: write it: Read-only file system (os error 30)",
        ]
    );
    assert_eq!(
        error.next_step(),
        "make it readable and writable for you, then try again; `tac-bootstrap upgrade --abort` takes back the rest"
    );
    assert_eq!(home.read("a.md"), "old");
    assert_eq!(home.read("z.md"), "old");
    remount("rw", &home.at("data"));
    home.undo().unwrap();
    assert_eq!(home.state(), old);
}

#[test]
fn what_a_kill_leaves_beside_a_file_is_removed() {
    let home = Home::new(&[("data/a.md", "old")]);
    let old = home.state();
    let is_dead = Cell::new(false);
    let watch = |operation: &str| {
        is_dead.set(is_dead.get() || operation == "rename data/a.md.tac-0001 data/a.md");
        match operation {
            _ if is_dead.get() => Err(io::Error::other("killed")),
            "rename .tac/undo/0001/after/0 data/a.md" => Err(io::ErrorKind::CrossesDevices.into()),
            _ => Ok(()),
        }
    };
    let lock = Lock::alone(
        Watched {
            disk: home.project(),
            watch,
        },
        "upgrade",
    );
    apply(&lock, &[change("data/a.md", Some("old"), Some("new"))]).unwrap_err();
    assert!(home.has("data/a.md.tac-0001"));
    home.undo().unwrap();
    assert_eq!(home.state(), old);
}
