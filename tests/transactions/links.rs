//! Nothing is written through a link, nor out of the project.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use tac_bootstrap::transaction::{Lock, Project};

use super::home::{Home, change};
use super::hostile::{RECORD, pending_project, refusal};
use super::sample::{apply, folder, state};
use super::watched::Watched;

#[test]
fn links_in_the_place_of_our_folders_and_files_are_refused() {
    for (name, why) in [
        (".tac", "reach .tac/lock: .tac is a link"),
        (
            ".tac/undo",
            "reach .tac/undo/0001/record.toml: .tac/undo is a link",
        ),
        (
            ".tac/undo/0001",
            "reach .tac/undo/0001/record.toml: .tac/undo/0001 is a link",
        ),
        (
            ".tac/undo/0001/before",
            "bring src/lib.rs back from .tac/undo/0001/before/0: it is not there",
        ),
        (RECORD, "read .tac/undo/0001/record.toml: it is not a file"),
        (".tac/journal", "read .tac/journal: it is not a file"),
        ("src", "reach src/lib.rs: src is a link"),
    ] {
        let home = pending_project();
        let elsewhere = folder();
        let moved = elsewhere.path().join("moved");
        let copied = Command::new("cp")
            .arg("-a")
            .args([home.at(name), moved.clone()])
            .status();
        assert!(copied.unwrap().success());
        let removed = Command::new("rm").arg("-r").arg(home.at(name)).status();
        assert!(removed.unwrap().success());
        symlink(&moved, home.at(name)).unwrap();
        let outside = || state(&Project::new(elsewhere.path()));
        let before = outside();
        let taken = Lock::take(home.root(), "upgrade").map(drop);
        let said = taken.map_or_else(|error| error.what().to_owned(), |()| refusal(&home));
        assert_eq!(said, why);
        assert_eq!(outside(), before, "{name}");
    }
}

#[test]
fn a_change_below_a_link_is_refused() {
    for (name, why) in [
        (
            "src/lib.rs",
            "reach src/lib.rs: src is a link; nothing has changed",
        ),
        (
            ".tac/base/a.rs",
            "reach .tac/base/a.rs: .tac/base is a link; nothing has changed",
        ),
    ] {
        for (before, after) in [
            (Some("old"), Some("new")),
            (Some("old"), None),
            (None, Some("new")),
        ] {
            let home = Home::new(&[("other/lib.rs", "old"), ("other/a.rs", "old")]);
            let above = home.at(name).parent().unwrap().to_owned();
            symlink(home.at("other"), above).unwrap();
            let state = home.state();
            let error = home.apply(&[change(name, before, after)]).unwrap_err();
            assert_eq!(error.what(), why);
            assert_eq!(home.state(), state);
        }
    }
}

#[test]
fn a_folder_that_becomes_a_link_at_the_very_moment_is_not_gone_through() {
    let home = Home::new(&[
        ("a.rs", "old"),
        ("src/lib.rs", "old"),
        ("other/lib.rs", "old"),
    ]);
    let watch = |operation: &str| {
        if operation == "rename .tac/undo/0001/after/0 a.rs" {
            fs::rename(home.at("src"), home.at("src.away"))?;
            symlink("other", home.at("src"))?;
        }
        Ok(())
    };
    let lock = Lock::alone(
        Watched {
            disk: home.project(),
            watch,
        },
        "upgrade",
    );
    let changes = ["a.rs", "src/lib.rs"].map(|path| change(path, Some("old"), Some("new")));
    let error = apply(&lock, &changes).unwrap_err();
    assert!(
        error.what().contains("reach src/lib.rs: src is a link"),
        "{}",
        error.what()
    );
    assert!(
        error.next_step().contains("upgrade --abort"),
        "{}",
        error.next_step()
    );
    assert_eq!(home.read("other/lib.rs"), "old");
    fs::remove_file(home.at("src")).unwrap();
    fs::rename(home.at("src.away"), home.at("src")).unwrap();
    home.undo().unwrap();
    assert_eq!(home.read("a.rs"), "old");
    assert_eq!(home.read("src/lib.rs"), "old");
    assert!(!home.has(".tac/journal"));
}
