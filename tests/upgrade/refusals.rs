//! Projects that are not this program's to change, or not now.

use std::cell::Cell;
use std::io::ErrorKind;

use tac_bootstrap::interrupt::Interrupt;
use tac_bootstrap::transaction::{Change, Label, Lock, Project, apply};
use tac_bootstrap::tree::File;

use super::story::Story;
use crate::fixture::path;
use crate::transactions::watched::Watched;

#[test]
fn a_project_of_a_newer_program_is_not_taken_back() {
    let story = Story::before();
    story.learns(&[("a.txt", "a\n")]);
    story.write(
        "../set/set.toml",
        "name = \"orchestrator\"\nversion = \"99.0.0\"\n",
    );
    story.make(&[]);
    let before = story.disk();
    for args in [
        &["upgrade"][..],
        &["upgrade", "--check"],
        &["upgrade", "--dry-run"],
    ] {
        let ran = story.run(args).exits(1);
        let told = "error: the project is at orchestrator 99.0.0, this program brings ";
        assert!(ran.err.starts_with(told), "{}", ran.err);
        assert!(
            ran.err.contains("\nhint: update tac-bootstrap to "),
            "{}",
            ran.err
        );
    }
    assert_eq!(story.disk(), before);
}

#[test]
fn an_older_version_of_a_set_may_be_named() {
    let story = Story::new(&[("a.txt", "1\n")]);
    story.learns(&[("a.txt", "2\n")]);
    story.upgrade().exits(0);
    story.write("../set/set.toml", "name = \"story\"\nversion = \"1\"\n");
    story.write("../set/files/a.txt", "1\n");
    let ran = story.upgrade().exits(0);
    assert!(ran.out.starts_with("story 2 → 1\n"), "{}", ran.out);
    assert_eq!(story.read("a.txt"), "1\n");
}

#[test]
fn a_project_of_another_set_is_not_brought_to_the_built_in_one() {
    let story = Story::new(&[("a.txt", "a\n")]);
    let before = story.disk();
    for args in [
        &["upgrade"][..],
        &["upgrade", "--check"],
        &["upgrade", "--dry-run"],
        &["add", "docs"],
        &["set", "port=9000"],
    ] {
        let ran = story.run(args).exits(1);
        assert!(
            ran.err
                .starts_with("error: the project was made from the template set story, "),
            "{}",
            ran.err
        );
        assert!(
            ran.err.contains("\nhint: name the set: `--templates DIR`"),
            "{}",
            ran.err
        );
    }
    assert_eq!(story.disk(), before);
}

#[test]
fn a_set_of_another_name_may_be_named() {
    let story = Story::new(&[("a.txt", "1\n2\n3\n")]);
    story.write("a.txt", "mine\n2\n3\n");
    story.learns(&[("a.txt", "1\n2\nnew\n")]);
    story.write("../set/set.toml", "name = \"tale\"\nversion = \"7\"\n");
    let ran = story.upgrade().exits(0);
    assert!(ran.out.starts_with("story 1 → tale 7\n"), "{}", ran.out);
    assert_eq!(story.read("a.txt"), "mine\n2\nnew\n");
}

#[test]
fn a_broken_set_is_told_before_anything_is_written() {
    let story = Story::new(&[("a.txt", "1\n")]);
    story.learns(&[("a.txt.tera", "<@ answers.nothing @>\n")]);
    let before = story.disk();
    story.upgrade().exits(1);
    story.write("../set/set.toml", "name = ");
    story.upgrade().exits(1);
    assert_eq!(story.disk(), before);
}

#[test]
fn a_second_command_is_told_which_one_is_at_work() {
    let story = Story::new(&[("a.txt", "1\n")]);
    story.learns(&[("a.txt", "2\n")]);
    let lock = Lock::take(&story.path("."), "add").unwrap();
    let ran = story.upgrade().exits(1);
    let told = format!(
        "error: lock the project: `add` is at work in it (process {})\n",
        std::process::id()
    );
    assert!(ran.err.starts_with(&told), "{}", ran.err);
    assert_eq!(story.read("a.txt"), "1\n");
    story.with_set(&["upgrade", "--dry-run"]).exits(0);
    story.run(&["status"]).exits(0);
    drop(lock);
    story.upgrade().exits(0);
}

/// A project in which an upgrade of `a.txt` was killed after it had been put in place.
fn interrupted() -> Story {
    let story = Story::new(&[("a.txt", "1\n"), ("b.txt", "b\n")]);
    let change = Change {
        path: path("a.txt"),
        before: Some(File::text("1\n")),
        after: Some(File::text("half\n")),
        moved_from: None,
    };
    let label = Label {
        command: "upgrade".to_owned(),
        from: "story 1".to_owned(),
        to: "story 2".to_owned(),
    };
    // From the end of the transaction on, nothing works any more.
    let is_dead = Cell::new(false);
    let watch = |act: &str| {
        is_dead.set(is_dead.get() || act == "remove .tac/journal");
        if is_dead.get() {
            Err(ErrorKind::Other.into())
        } else {
            Ok(())
        }
    };
    let disk = Project::new(story.path("."));
    let lock = Lock::alone(Watched { disk, watch }, "upgrade");
    apply(&lock, &label, &[change], &Interrupt::default()).unwrap_err();
    assert_eq!(story.read("a.txt"), "half\n");
    story.learns(&[("a.txt", "1\n"), ("b.txt", "new\n")]);
    story
}

#[test]
fn commands_that_only_look_say_what_is_half_done_and_write_nothing() {
    let story = interrupted();
    let before = story.disk();
    let status = story.run(&["status"]);
    assert!(
        status.out.contains("\n`upgrade` was interrupted: "),
        "{}",
        status.transcript
    );
    for args in [&["upgrade", "--dry-run"][..], &["upgrade", "--check"]] {
        let ran = story.with_set(args).exits(1);
        assert!(
            ran.err.contains("`upgrade` was interrupted"),
            "{}",
            ran.transcript
        );
        assert!(
            ran.err
                .contains("`tac-bootstrap upgrade --abort` takes it back"),
            "{}",
            ran.transcript
        );
    }
    story.run(&["undo", "--list"]).exits(0);
    assert_eq!(story.disk(), before);
}

#[test]
fn the_next_command_that_writes_takes_back_what_is_half_done() {
    let story = interrupted();
    let ran = story.upgrade().exits(0);
    assert!(ran.err.starts_with("took back upgrade of "), "{}", ran.err);
    assert_eq!(story.read("a.txt"), "1\n");
    assert_eq!(story.read("b.txt"), "new\n");
    story.run(&["undo"]).exits(0);
    assert_eq!(story.read("b.txt"), "b\n");
}

#[test]
fn what_is_half_done_is_taken_back_on_request() {
    for args in [&["upgrade", "--abort"][..], &["undo"]] {
        let story = interrupted();
        let ran = story.run(args).exits(0);
        assert!(ran.out.starts_with("took back upgrade of "), "{}", ran.out);
        assert_eq!(story.read("a.txt"), "1\n");
        story.run(&["status"]).exits(0);
        story.run(args).exits(1);
    }
}

#[test]
fn what_was_edited_since_it_was_half_done_is_saved() {
    let story = interrupted();
    story.write("a.txt", "edited\n");
    let ran = story.run(&["upgrade", "--abort"]).exits(0);
    assert!(
        ran.out
            .contains("  a.txt was edited since: that is now a.txt.edited\n"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("a.txt"), "1\n");
    assert_eq!(story.read("a.txt.edited"), "edited\n");
}
