//! What is left to a person after a conflict, and how it ends.

use serde_json::Value;

use super::story::Story;
use super::styles::{OURS, binary, contents};

#[test]
fn what_is_left_is_listed_and_the_next_upgrade_waits_for_it() {
    let story = contents();
    story.upgrade().exits(2);
    let status = story.run(&["status"]).exits(2).out;
    assert!(
        status.contains("  conflicted a.txt (markers from line 2 on)\n"),
        "{status}"
    );
    let before = story.disk();
    for args in [
        &["upgrade"][..],
        &["upgrade", "--dry-run"],
        &["upgrade", "--check"],
        &["set", "name=x"],
    ] {
        let ran = story.with_set(args).exits(1);
        let told = "conflicts are left in 1 file; nothing was written\n";
        assert!(
            ran.err.contains(told) && ran.err.contains("a.txt (markers from line 2 on)"),
            "{}",
            ran.err
        );
    }
    assert_eq!(story.disk(), before);
}

#[test]
fn resolve_refuses_markers_and_takes_what_has_none() {
    let story = contents();
    story.upgrade().exits(2);
    let ran = story.run(&["resolve"]).exits(1);
    assert!(
        ran.err
            .starts_with("error: there are still markers; nothing was written\n"),
        "{}",
        ran.err
    );
    story.write("a.txt", "1\ndecided\n3\n4\nnew\n");
    let ran = story.run(&["resolve"]).exits(0);
    assert_eq!(ran.out, "1 resolved, none is left\n");
    assert_eq!(story.read("a.txt"), "1\ndecided\n3\n4\nnew\n");
    story.run(&["status"]).exits(0);
    assert_eq!(
        story.run(&["resolve"]).exits(0).out,
        "there is no conflict\n"
    );
    assert_eq!(story.upgrade().exits(0).out, "up to date: story 2\n");
}

#[test]
fn resolve_takes_the_version_beside_away_and_undo_brings_it_back() {
    let story = binary();
    story.upgrade().exits(2);
    assert_eq!(
        story.run(&["resolve", "a.txt"]).exits(0).out,
        "1 resolved, none is left\n"
    );
    assert!(!story.has("a.txt.theirs"));
    assert_eq!(story.bytes("a.txt"), b"\0mine");
    story.run(&["undo"]).exits(0);
    assert_eq!(story.bytes("a.txt.theirs"), b"\0theirs");
    story.run(&["status"]).exits(2);
}

#[test]
fn a_version_beside_that_the_user_has_edited_is_not_removed() {
    let story = binary();
    story.upgrade().exits(2);
    story.write("a.txt.theirs", "\0mine, too");
    let ran = story.run(&["resolve"]).exits(0);
    let told = "1 resolved, none is left\n  a.txt.theirs stays: you have edited it\n";
    assert_eq!(ran.out, told);
    assert_eq!(story.bytes("a.txt.theirs"), b"\0mine, too");
    story.upgrade().exits(0);
}

#[test]
fn conflicts_are_resolved_one_by_one_from_wherever_the_user_is() {
    let story = Story::new(&[("in/a.bin", "\0base"), ("in/b.bin", "\0base")]);
    story.write("in/a.bin", "\0mine");
    story.write("in/b.bin", "\0mine");
    story.learns(&[("in/a.bin", "\0theirs"), ("in/b.bin", "\0theirs")]);
    story.upgrade().exits(2);
    let resolve = |file: &str| {
        let mut command = story.scratch.command(&["resolve", file]);
        let output = command.current_dir(story.path("in")).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(resolve("a.bin"), "1 resolved, 1 left\n");
    story.upgrade().exits(1);
    assert_eq!(resolve("b.bin.theirs"), "1 resolved, none is left\n");
    story.upgrade().exits(0);
}

#[test]
fn a_file_beside_that_the_user_has_moved_into_place_is_decided() {
    let story = binary();
    story.upgrade().exits(2);
    std::fs::rename(story.path("a.txt.theirs"), story.path("a.txt")).unwrap();
    story.run(&["status"]).exits(0);
    story.upgrade().exits(0);
    let status = story.run(&["status"]).exits(0).out;
    assert!(status.contains("1 file is as it was generated"), "{status}");
}

#[test]
fn abort_takes_the_upgrade_back_with_what_was_decided_since() {
    let story = Story::new(&[("a.bin", "\0base"), ("b.bin", "\0base"), ("c.txt", "1\n")]);
    story.write("a.bin", "\0mine");
    story.write("b.bin", "\0mine");
    let before = story.committed();
    story.learns(&[
        ("a.bin", "\0theirs"),
        ("b.bin", "\0theirs"),
        ("c.txt", "2\n"),
    ]);
    story.upgrade().exits(2);
    story.run(&["resolve", "a.bin"]).exits(0);
    story.run(&["upgrade", "--abort"]).exits(0);
    assert_eq!(story.committed(), before);
    let ran = story.run(&["upgrade", "--abort"]).exits(1);
    assert!(
        ran.err.starts_with("error: no upgrade is under way"),
        "{}",
        ran.err
    );
}

#[test]
fn an_upgrade_whose_conflicts_are_decided_is_not_aborted() {
    let story = contents();
    story.upgrade().exits(2);
    story.write("a.txt", "decided\n");
    let ran = story.run(&["upgrade", "--abort"]).exits(1);
    assert!(ran.err.contains("no conflict is left"), "{}", ran.err);
    assert_eq!(story.read("a.txt"), "decided\n");
}

#[test]
fn a_conflict_that_the_user_leaves_in_part_is_saved_when_it_is_taken_back() {
    let story = contents();
    story.upgrade().exits(2);
    let half = story.read("a.txt").replace("mine", "mine, better");
    story.write("a.txt", &half);
    let ran = story.run(&["upgrade", "--abort"]).exits(0);
    assert!(
        ran.out
            .contains("  a.txt was edited since: that is now a.txt.edited\n"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("a.txt.edited"), half);
    assert_eq!(story.read("a.txt"), OURS);
}

#[test]
fn many_conflicts_of_many_files_are_counted() {
    let lines = |word: &str| {
        (0..20)
            .map(|n| format!("{word} {n}\nsame {n}\n"))
            .collect::<String>()
    };
    let files = |word: &str| [("a.txt", lines(word)), ("b.txt", lines(word))];
    let story = Story::new(&files("base"));
    for (path, text) in files("mine") {
        story.write(path, text);
    }
    story.learns(&files("theirs"));
    let ran = story.with_set(&["upgrade", "--json"]).exits(2);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["conflicts"], 2);
    let reason = document["files"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "both have changed the same 20 places");
    let status = story.run(&["status", "--json"]).exits(2).out;
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(
        status["conflicts"][1]["lines"].as_array().unwrap().len(),
        80
    );
}
