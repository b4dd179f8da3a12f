//! What a person has written since, or writes meanwhile, is never lost.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;

use tac_bootstrap::transaction::{Lock, recover, undo};

use super::home::{Home, change, saved};
use super::sample::{apply, kept};
use super::watched::Watched;

#[test]
fn a_file_edited_since_gets_another_name_when_its_change_is_undone() {
    let home = Home::new(&[("README.md", "old"), ("README.md.edited", "a namesake")]);
    home.apply(&[
        change("README.md", Some("old"), Some("new")),
        change("new.md", None, Some("new")),
    ])
    .unwrap();
    home.write("README.md", "new, and mine");
    home.write("new.md", "new, and mine too");
    let undone = home.undo().unwrap();
    assert_eq!(
        saved(&undone),
        [
            ("new.md", "new.md.edited"),
            ("README.md", "README.md.edited.2")
        ]
    );
    assert_eq!(home.read("README.md"), "old");
    assert_eq!(home.read("README.md.edited"), "a namesake");
    assert_eq!(home.read("README.md.edited.2"), "new, and mine");
    assert_eq!(home.read("new.md.edited"), "new, and mine too");
    assert!(!home.has("new.md"));
}

#[test]
fn a_file_that_was_deleted_and_written_again_gets_another_name() {
    let home = Home::new(&[("gone/gone.md", "old")]);
    home.apply(&[change("gone/gone.md", Some("old"), None)])
        .unwrap();
    home.write("gone/gone.md", "mine");
    let undone = home.undo().unwrap();
    assert_eq!(saved(&undone), [("gone/gone.md", "gone/gone.md.edited")]);
    assert_eq!(home.read("gone/gone.md"), "old");
    assert_eq!(home.read("gone/gone.md.edited"), "mine");
}

#[test]
fn a_folder_in_the_place_of_a_file_gets_another_name_with_all_that_is_in_it() {
    let home = Home::new(&[("notes", "old")]);
    home.apply(&[change("notes", Some("old"), Some("new"))])
        .unwrap();
    fs::remove_file(home.at("notes")).unwrap();
    home.write("notes/monday.md", "mine");
    let undone = home.undo().unwrap();
    assert_eq!(saved(&undone), [("notes", "notes.edited")]);
    assert_eq!(home.read("notes"), "old");
    assert_eq!(home.read("notes.edited/monday.md"), "mine");
}

#[test]
fn a_file_in_the_place_of_a_folder_gets_another_name() {
    let home = Home::new(&[("src/deep/lib.rs", "old")]);
    home.apply(&[change("src/deep/lib.rs", Some("old"), Some("new"))])
        .unwrap();
    fs::remove_dir_all(home.at("src")).unwrap();
    home.write("src", "mine");
    let undone = home.undo().unwrap();
    assert_eq!(saved(&undone), [("src", "src.edited")]);
    assert_eq!(home.read("src/deep/lib.rs"), "old");
    assert_eq!(home.read("src.edited"), "mine");
}

#[test]
fn a_new_folder_with_a_file_of_mine_in_it_stays() {
    let home = Home::new(&[]);
    home.apply(&[change("new/folder/new.md", None, Some("new"))])
        .unwrap();
    home.write("new/mine.md", "mine");
    let undone = home.undo().unwrap();
    assert_eq!(saved(&undone), []);
    assert_eq!(home.read("new/mine.md"), "mine");
    assert!(!home.has("new/folder"));
}

#[test]
fn a_folder_that_became_a_file_is_brought_back_beside_what_is_in_the_new_one() {
    let home = Home::new(&[("thing", "a file")]);
    home.apply(&[
        change("thing", Some("a file"), None),
        change("thing/part.md", None, Some("new")),
    ])
    .unwrap();
    home.write("thing/mine.md", "mine");
    let undone = home.undo().unwrap();
    assert_eq!(saved(&undone), [("thing", "thing.edited")]);
    assert_eq!(home.read("thing"), "a file");
    assert_eq!(home.read("thing.edited/mine.md"), "mine");
    assert!(!home.has("thing.edited/part.md"));
}

#[test]
fn a_file_that_somebody_has_deleted_since_comes_back_with_its_folder() {
    let home = Home::new(&[("src/lib.rs", "old")]);
    home.apply(&[change("src/lib.rs", Some("old"), Some("new"))])
        .unwrap();
    fs::remove_dir_all(home.at("src")).unwrap();
    assert_eq!(saved(&home.undo().unwrap()), []);
    assert_eq!(home.read("src/lib.rs"), "old");
}

#[test]
fn a_link_in_the_place_of_a_file_gets_another_name_and_is_not_followed() {
    let home = Home::new(&[("config", "old"), ("elsewhere", "mine")]);
    home.apply(&[change("config", Some("old"), Some("new"))])
        .unwrap();
    fs::remove_file(home.at("config")).unwrap();
    symlink("elsewhere", home.at("config")).unwrap();
    let undone = home.undo().unwrap();
    assert_eq!(saved(&undone), [("config", "config.edited")]);
    assert_eq!(home.read("config"), "old");
    assert_eq!(home.read("elsewhere"), "mine");
    assert_eq!(
        fs::read_link(home.at("config.edited")).unwrap().to_str(),
        Some("elsewhere")
    );
}

#[test]
fn what_has_changed_since_it_was_looked_at_stops_all_of_it() {
    for (path, before) in [
        ("README.md", Some("old")),
        ("other.md", None),
        ("gone.md", Some("x")),
    ] {
        let home = Home::new(&[("README.md", "mine"), ("other.md", "mine")]);
        let old = home.state();
        let changes = [
            change("a.md", None, Some("new")),
            change(path, before, Some("new")),
        ];
        let error = home.apply(&changes).unwrap_err();
        assert_eq!(
            error.what(),
            format!("write {path}: it has changed since it was looked at; nothing has changed")
        );
        assert_eq!(home.state(), old);
        assert_eq!(kept(&home.project()), [""; 0]);
    }
}

/// Does the changes, and writes `text` to `path` just before the operation `then`.
fn apply_and_write(
    home: &Home,
    changes: &[tac_bootstrap::transaction::Change],
    then: &str,
    path: &str,
    text: &str,
) -> tac_bootstrap::Result<()> {
    let watch = |operation: &str| -> io::Result<()> {
        if operation == then {
            home.write(path, text);
        }
        Ok(())
    };
    let disk = Watched {
        disk: home.project(),
        watch,
    };
    apply(&Lock::alone(disk, "upgrade"), changes)
}

#[test]
fn an_edit_at_the_very_moment_stays_and_stops_all_of_it() {
    for (path, before, after) in [
        ("b.md", Some("old"), Some("new")),
        ("b.md", Some("old"), None),
        ("c.md", None, Some("new")),
    ] {
        let home = Home::new(&[("a.md", "old"), ("b.md", "old"), ("z.md", "old")]);
        let changes = [
            change("a.md", Some("old"), None),
            change(path, before, after),
            change("z.md", Some("old"), Some("new")),
        ];
        let when = "remove a.md";
        let error = apply_and_write(&home, &changes, when, path, "mine").unwrap_err();
        assert_eq!(
            error.what(),
            format!("write {path}: somebody has just changed it; nothing has changed")
        );
        assert_eq!(error.places(), [""; 0]);
        assert_eq!(home.read("a.md"), "old");
        assert_eq!(home.read("z.md"), "old");
        assert_eq!(home.read(path), "mine");
        assert_eq!(kept(&home.project()), [""; 0]);
    }
}

#[test]
fn an_edit_of_what_is_in_place_already_is_named_when_the_rest_fails() {
    let home = Home::new(&[("a.md", "old"), ("b.md", "old")]);
    let changes = [
        change("a.md", Some("old"), Some("new")),
        change("b.md", Some("old"), Some("new")),
    ];
    let then = "rename .tac/undo/0001/after/1 b.md";
    let watch = |operation: &str| {
        if operation == then {
            home.write("a.md", "new, and mine");
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    };
    let disk = Watched {
        disk: home.project(),
        watch,
    };
    let error = apply(&Lock::alone(disk, "upgrade"), &changes).unwrap_err();
    assert_eq!(
        error.what(),
        "write b.md: no storage space; nothing has changed"
    );
    assert_eq!(
        error.places(),
        ["a.md was edited meanwhile: it is a.md.edited now"]
    );
    assert_eq!(home.read("a.md"), "old");
    assert_eq!(home.read("a.md.edited"), "new, and mine");
}

#[test]
fn a_folder_that_is_no_longer_empty_is_not_removed() {
    let home = Home::new(&[("old/gone.md", "old")]);
    let changes = [change("old/gone.md", Some("old"), None)];
    apply_and_write(&home, &changes, "remove old/gone.md", "old/mine.md", "mine").unwrap();
    assert_eq!(home.read("old/mine.md"), "mine");
    assert!(!home.has("old/gone.md"));
    home.undo().unwrap();
    assert_eq!(home.read("old/gone.md"), "old");
    assert_eq!(home.read("old/mine.md"), "mine");
}

#[test]
fn what_was_edited_between_a_kill_and_the_next_command_is_saved() {
    let home = Home::new(&[("a.md", "old"), ("b.md", "old"), ("c.md", "old")]);
    let changes = ["a.md", "b.md", "c.md"].map(|path| change(path, Some("old"), Some("new")));
    let is_dead = std::cell::Cell::new(false);
    let watch = |operation: &str| {
        is_dead.set(is_dead.get() || operation == "rename .tac/undo/0001/after/1 b.md");
        if is_dead.get() {
            Err(io::Error::other("killed"))
        } else {
            Ok(())
        }
    };
    let disk = Watched {
        disk: home.project(),
        watch,
    };
    apply(&Lock::alone(disk, "upgrade"), &changes).unwrap_err();
    // Of these, only the first was in its new state.
    home.write("a.md", "new, and mine");
    home.write("b.md", "old, and mine");
    let undone = recover(&home.lock()).unwrap().unwrap();
    assert_eq!(saved(&undone), [("a.md", "a.md.edited")]);
    assert_eq!(home.read("a.md"), "old");
    assert_eq!(home.read("a.md.edited"), "new, and mine");
    assert_eq!(home.read("b.md"), "old, and mine");
    assert_eq!(home.read("c.md"), "old");
    assert_eq!(undo(&home.lock()).unwrap(), None);
}

#[test]
fn an_edit_while_it_is_undone_is_not_overwritten() {
    let home = Home::new(&[("a.md", "old"), ("b.md", "old")]);
    home.apply(&["a.md", "b.md"].map(|path| change(path, Some("old"), Some("new"))))
        .unwrap();
    let watch = |operation: &str| {
        if operation.starts_with("sync .tac/undo/0001/restored-0") {
            home.write("a.md", "new, and mine");
        }
        Ok(())
    };
    let disk = Watched {
        disk: home.project(),
        watch,
    };
    let error = undo(&Lock::alone(disk, "undo")).unwrap_err();
    assert_eq!(error.places(), ["a.md: somebody has just changed it"]);
    assert_eq!(home.read("b.md"), "old");
    assert_eq!(saved(&home.undo().unwrap()), [("a.md", "a.md.edited")]);
    assert_eq!(home.read("a.md.edited"), "new, and mine");
    assert_eq!(home.read("a.md"), "old");
}
