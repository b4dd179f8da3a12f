//! The permission bits that a person has set stay, but for `x`.

use std::fs;
use std::os::unix::fs::MetadataExt;

use tac_bootstrap::transaction::Change;
use tac_bootstrap::tree::File;

use super::home::{Home, change};
use super::sample::{link, path, program};

fn turn(name: &str, before: File, after: File) -> Change {
    Change {
        path: path(name),
        before: Some(before),
        after: Some(after),
        moved_from: None,
    }
}

#[test]
fn a_file_that_only_its_owner_reads_stays_so_and_so_do_its_copies() {
    let home = Home::new(&[(".env", "TOKEN=secret")]);
    home.set_mode(".env", 0o600);
    home.apply(&[change(
        ".env",
        Some("TOKEN=secret"),
        Some("TOKEN=secret\nPORT=1"),
    )])
    .unwrap();
    assert_eq!(home.mode(".env"), 0o600);
    assert_eq!(home.mode(".tac/undo"), 0o700);
    assert_eq!(home.mode(".tac/undo/0001"), 0o700);
    assert_eq!(home.mode(".tac/undo/0001/before/0"), 0o600);
    assert_eq!(home.mode(".tac/undo/0001/record.toml"), 0o600);
    home.undo().unwrap();
    assert_eq!(home.mode(".env"), 0o600);
}

#[test]
fn only_x_follows_the_change() {
    for (before, after, mode, wanted) in [
        (File::text("a"), program("a"), 0o644, 0o755),
        (File::text("a"), program("b"), 0o640, 0o750),
        (File::text("a"), program("b"), 0o600, 0o700),
        (program("a"), File::text("b"), 0o775, 0o664),
        (program("a"), File::text("a"), 0o4755, 0o4644),
        (program("a"), program("b"), 0o710, 0o710),
        (File::text("a"), File::text("b"), 0o444, 0o444),
        (File::text("a"), File::text("b"), 0o606, 0o606),
    ] {
        let home = Home::new(&[("run", "a")]);
        home.set_mode("run", mode);
        home.apply(&[turn("run", before, after)]).unwrap();
        assert_eq!(home.mode("run"), wanted, "from {mode:o}");
        home.undo().unwrap();
        assert_eq!(home.mode("run"), mode, "undone");
    }
}

#[test]
fn a_new_file_gets_what_the_umask_leaves() {
    let home = Home::new(&[]);
    let run = Change {
        path: path("new/run"),
        before: None,
        after: Some(program("new")),
        moved_from: None,
    };
    home.apply(&[change("new/text", None, Some("new")), run])
        .unwrap();
    home.write("usual/text", "made by the test");
    assert_eq!(home.mode("new/text"), home.mode("usual/text"));
    assert_eq!(home.mode("new"), home.mode("usual"));
    let executable = home.mode("usual/text") | home.mode("usual/text") >> 2 & 0o111;
    assert_eq!(home.mode("new/run"), executable);
}

#[test]
fn a_file_that_was_closed_to_others_since_stays_closed_when_it_is_undone() {
    let home = Home::new(&[("run", "old")]);
    home.set_mode("run", 0o644);
    home.apply(&[turn("run", File::text("old"), program("new"))])
        .unwrap();
    home.set_mode("run", 0o700);
    home.undo().unwrap();
    assert_eq!(home.read("run"), "old");
    assert_eq!(home.mode("run"), 0o600);
}

#[test]
fn a_link_is_replaced_as_a_link() {
    let home = Home::new(&[("target", "old"), ("other", "old")]);
    std::os::unix::fs::symlink("target", home.at("link")).unwrap();
    let changes = [
        turn("link", link("target"), File::text("a file now")),
        turn("other", File::text("old"), link("target")),
    ];
    home.apply(&changes).unwrap();
    assert_eq!(home.read("link"), "a file now");
    assert_eq!(home.read("target"), "old");
    assert_eq!(
        fs::read_link(home.at("other")).unwrap().to_str(),
        Some("target")
    );
    home.undo().unwrap();
    assert_eq!(
        fs::read_link(home.at("link")).unwrap().to_str(),
        Some("target")
    );
    assert_eq!(home.read("other"), "old");
}

#[test]
fn emptied_folders_go_and_come_back_as_they_were() {
    let home = Home::new(&[
        ("a/b/c.md", "old"),
        ("a/b/d.md", "old"),
        ("e/f.md", "old"),
        ("e/mine.md", "mine"),
    ]);
    home.set_mode("a", 0o2775);
    home.set_mode("a/b", 0o700);
    let changes = ["a/b/c.md", "a/b/d.md", "e/f.md"].map(|path| change(path, Some("old"), None));
    home.apply(&changes).unwrap();
    assert!(!home.has("a"));
    assert!(home.has("e/mine.md"));
    home.undo().unwrap();
    assert_eq!(home.mode("a"), 0o2775);
    assert_eq!(home.mode("a/b"), 0o700);
    assert_eq!(home.read("a/b/d.md"), "old");
}

#[test]
fn what_does_not_change_is_not_written() {
    let home = Home::new(&[("same.md", "same")]);
    let touched = || {
        fs::metadata(home.at("same.md"))
            .map(|found| (found.ino(), found.mtime_nsec()))
            .unwrap()
    };
    let before = touched();
    home.apply(&[change("same.md", Some("same"), Some("same"))])
        .unwrap();
    assert_eq!(touched(), before);
    assert!(!home.has(".tac/undo"), "there is nothing to undo");
}
