//! What both changed in the same place: five ways to have it, and how it ends.

use serde_json::Value;

use super::story::Story;

const BASE: &str = "1\n2\n3\n4\n5\n";
const OURS: &str = "1\nmine\n3\n4\n5\n";
const THEIRS: &str = "1\ntheirs\n3\n4\nnew\n";

fn contents() -> Story {
    let story = Story::new(&[("a.txt", BASE)]);
    story.write("a.txt", OURS);
    story.learns(&[("a.txt", THEIRS)]);
    story
}

fn binary() -> Story {
    let story = Story::new(&[("a.txt", "\0base")]);
    story.write("a.txt", "\0mine");
    story.learns(&[("a.txt", "\0theirs")]);
    story
}

fn unrelated() -> Story {
    let story = Story::new(&[("b.txt", "b\n")]);
    story.write("a.txt", OURS);
    story.learns(&[("a.txt", THEIRS), ("b.txt", "b\n")]);
    story
}

fn link() -> Story {
    let story = Story::new(&[("a.txt", BASE)]);
    story.link("a.txt", "mine");
    story.learns(&[("a.txt", THEIRS)]);
    story
}

fn folder() -> Story {
    let story = Story::new(&[("a.txt", BASE)]);
    story.remove("a.txt");
    story.write("a.txt/mine", "mine\n");
    story.learns(&[("a.txt", THEIRS)]);
    story
}

/// Each side parses, and so does no merge of their lines.
fn broken() -> Story {
    let story = Story::new(&[("a.json", "{\n\"a\": 1,\n\n\n\"b\": 2\n}\n")]);
    story.write("a.json", "{\n\"a\": 1\n\n\n}\n");
    story.learns(&[("a.json", "{\n\"a\": 1,\n\n\"c\": 3,\n\n\"b\": 2\n}\n")]);
    story
}

fn with_style(story: &Story, style: &str) -> Option<i32> {
    story.with_set(&["upgrade", "--conflict", style]).code
}

#[test]
fn whatever_the_cause_ours_stays_and_theirs_lies_beside_it_in_the_style_for_that() {
    for story in [
        contents(),
        binary(),
        unrelated(),
        link(),
        folder(),
        broken(),
    ] {
        let before = story.project();
        assert_eq!(with_style(&story, "sidecar"), Some(2));
        let mut after = story.project();
        let beside: Vec<String> = after
            .keys()
            .filter(|path| path.contains(".theirs"))
            .cloned()
            .collect();
        assert_eq!(beside.len(), 1, "{after:?}");
        after.retain(|path, _| !path.contains(".theirs"));
        assert_eq!(after, before);
    }
}

#[test]
fn whatever_the_cause_nothing_is_written_in_the_style_for_that() {
    for story in [
        contents(),
        binary(),
        unrelated(),
        link(),
        folder(),
        broken(),
    ] {
        let before = story.disk();
        assert_eq!(with_style(&story, "fail"), Some(1));
        assert_eq!(story.disk(), before);
    }
}

#[test]
fn only_text_takes_markers() {
    let story = contents();
    assert_eq!(with_style(&story, "inline"), Some(2));
    let merged = "1\n<<<<<<< ours: your file\nmine\n||||||| base: story 1\n2\n=======\ntheirs\n>>>>>>> theirs: story 2\n3\n4\nnew\n";
    assert_eq!(story.read("a.txt"), merged);
    for story in [binary(), unrelated(), link(), folder(), broken()] {
        assert_eq!(with_style(&story, "inline"), Some(2));
        let listing = story.scratch.listing();
        assert!(
            listing.iter().any(|path| path.ends_with(".theirs")),
            "{listing:?}"
        );
    }
}

#[test]
fn ours_wins_where_the_two_disagree_and_nowhere_else() {
    for (story, is_text) in [
        (contents(), true),
        (binary(), false),
        (unrelated(), false),
        (link(), false),
        (folder(), false),
        (broken(), false),
    ] {
        let before = story.project();
        assert_eq!(with_style(&story, "ours"), Some(0));
        if is_text {
            assert_eq!(story.read("a.txt"), "1\nmine\n3\n4\nnew\n");
        } else {
            assert_eq!(story.project(), before);
        }
        story.run(&["status"]).exits(0);
    }
}

#[test]
fn theirs_wins_where_the_two_disagree_and_undo_brings_ours_back() {
    for (story, text) in [
        (contents(), THEIRS),
        (binary(), "\0theirs"),
        (unrelated(), THEIRS),
        (link(), THEIRS),
    ] {
        let before = story.project();
        assert_eq!(with_style(&story, "theirs"), Some(0));
        assert!(!story.path("a.txt").is_symlink());
        assert_eq!(story.read("a.txt"), text);
        story.run(&["undo"]).exits(0);
        assert_eq!(story.project(), before);
    }
}

#[test]
fn a_folder_of_the_users_is_not_decided_away() {
    let story = folder();
    assert_eq!(with_style(&story, "theirs"), Some(2));
    assert_eq!(story.read("a.txt/mine"), "mine\n");
    assert_eq!(story.read("a.txt.theirs"), THEIRS);
}

#[test]
fn a_merge_that_no_longer_parses_is_a_conflict() {
    let story = broken();
    let ran = story.upgrade().exits(2);
    let told = "conflict  a.json: both have changed it, and together it no longer parses: ";
    assert!(ran.out.contains(told), "{}", ran.out);
}

#[test]
fn a_file_that_did_not_parse_before_is_merged_as_text() {
    let story = Story::new(&[("a.json", "{\n\"a\": 1,\n\n\n\"b\": 2\n}\n")]);
    story.write("a.json", "{ // mine\n\"a\": 1,\n\n\n\"b\": 2\n}\n");
    story.learns(&[("a.json", "{\n\"a\": 1,\n\n\n\"b\": 3\n}\n")]);
    story.upgrade().exits(0);
    assert_eq!(
        story.read("a.json"),
        "{ // mine\n\"a\": 1,\n\n\n\"b\": 3\n}\n"
    );
}

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
