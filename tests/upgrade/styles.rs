//! What both changed in the same place: five ways to have it.

use super::story::Story;

const BASE: &str = "1\n2\n3\n4\n5\n";
pub const OURS: &str = "1\nmine\n3\n4\n5\n";
const THEIRS: &str = "1\ntheirs\n3\n4\nnew\n";

pub fn contents() -> Story {
    let story = Story::new(&[("a.txt", BASE)]);
    story.write("a.txt", OURS);
    story.learns(&[("a.txt", THEIRS)]);
    story
}

pub fn binary() -> Story {
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
