//! `new` writes everything or nothing, whatever fails and whenever. These tests mount file systems: they run as root.

use std::fs;

use crate::mount::Mount;
use crate::program::{Scratch, listing};

/// Writes a project on file systems of growing size until one is large enough. Returns how often it was not.
fn fail_until_it_fits(
    limits: impl Iterator<Item = String>,
    before: &[(&str, &str)],
    path: &str,
) -> usize {
    let scratch = Scratch::new();
    for (count, limit) in limits.enumerate() {
        let mount = Mount::tmpfs(&limit, scratch.work());
        for (path, text) in before {
            scratch.write(path, text);
        }
        let listed = scratch.listing();
        let ran = scratch.new_project(&[path]);
        if ran.code == Some(0) {
            return count;
        }
        let ran = ran.fails();
        assert!(
            ran.err.starts_with("error: ") && ran.err.contains("nothing was written"),
            "{limit}: {}",
            ran.err
        );
        assert_eq!(scratch.listing(), listed, "{limit} left a trace");
        for (path, text) in before {
            assert_eq!(scratch.read(path), *text, "{limit}");
        }
        drop(mount);
    }
    panic!("no limit was large enough");
}

#[test]
fn no_room_for_any_one_of_the_files_leaves_no_trace() {
    let limits = || (2..200).map(|files| format!("nr_inodes={files}"));
    let failed = fail_until_it_fits(limits(), &[], "demo");
    assert!(
        failed > 20,
        "only {failed} places to fail at: git's files are among them"
    );

    let failed = fail_until_it_fits(
        (6..200).map(|files| format!("nr_inodes={files}")),
        &[("docs/own.md", "mine"), ("README.md", "mine")],
        ".",
    );
    assert!(failed > 20, "only {failed} places to fail at");
}

#[test]
fn no_room_for_the_bytes_of_a_file_leaves_no_trace() {
    let failed = fail_until_it_fits(
        (1..100).map(|pages| format!("size={}", pages * 4096)),
        &[],
        "some/where/demo",
    );
    assert!(failed > 5, "only {failed} places to fail at");
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    let scratch = Scratch::new();
    let _mount = Mount::tmpfs("ro", scratch.work());
    for path in ["demo", "some/where/demo", "."] {
        let ran = scratch.new_project(&[path]).fails();
        assert!(ran.err.contains("Read-only file system"), "{}", ran.err);
        assert!(
            ran.err
                .contains("hint: choose a folder that you may write to"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_move_that_fails_midway_takes_back_the_moves_before_it() {
    let scratch = Scratch::new();
    scratch.write("docs/own.md", "mine");
    // On another file system, so that nothing can be moved there; README.md and `.tac` have been moved by then.
    let _mount = Mount::tmpfs("ro", scratch.work().join("docs"));
    let ran = scratch.new_project(&["."]).fails();
    assert!(ran.err.contains("docs/usage.md"), "{}", ran.err);
    assert_eq!(scratch.listing(), ["docs/"]);
}

#[test]
fn an_interrupt_leaves_no_trace() {
    for signal in ["INT", "TERM", "HUP"] {
        let scratch = Scratch::new();
        // Runs between the writing of the files and their move into place.
        scratch.shim("git", &format!("kill -{signal} $PPID; exit 1"));
        for path in ["demo", "."] {
            let ran = scratch.new_project(&[path]).fails();
            assert!(
                ran.err.contains("interrupted; nothing was written"),
                "{}",
                ran.err
            );
            assert_eq!(scratch.listing(), [""; 0]);
        }
    }
}

#[test]
fn a_repository_that_cannot_be_made_leaves_no_trace() {
    let scratch = Scratch::new();
    scratch.shim("git", "mkdir .git; echo 'fatal: no luck' >&2; exit 128");
    let ran = scratch.new_project(&["demo"]).fails();
    assert!(
        ran.err
            .contains("make a git repository: no luck; nothing was written"),
        "{}",
        ran.err
    );
    assert_eq!(scratch.listing(), [""; 0]);
}

#[test]
fn a_folder_that_exists_is_not_replaced() {
    use std::os::unix::fs::MetadataExt;
    let scratch = Scratch::new();
    let inode = || fs::metadata(scratch.work()).unwrap().ino();
    let before = inode();
    scratch.new_project(&["."]).succeeds();
    assert_eq!(
        inode(),
        before,
        "a shell that stands in the folder would be left in nowhere"
    );
    assert!(
        listing(&scratch.work())
            .iter()
            .all(|path| !path.contains(".tac-new-"))
    );
}
