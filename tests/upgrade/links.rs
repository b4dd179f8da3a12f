//! Links, generated or put there by the user. Nothing is written through one.

use std::fs;

use super::kinds::is_left_beside;
use super::story::Story;

#[test]
fn a_link_that_the_user_put_in_place_of_a_file_stays_and_is_not_written_through() {
    let story = Story::new(&[("a.txt", "a\n")]);
    story.write("../outside.txt", "outside\n");
    story.link("a.txt", "../outside.txt");
    story.learns(&[("a.txt", "new\n")]);
    is_left_beside(&story, "a.txt", "new\n");
    assert_eq!(story.target("a.txt"), "../outside.txt");
    assert_eq!(story.read("../outside.txt"), "outside\n");
}

#[test]
fn a_link_with_the_bytes_of_the_generated_file_behind_it_is_still_the_users() {
    let story = Story::new(&[("a.txt", "a\n")]);
    story.write("mine.txt", "a\n");
    story.link("a.txt", "mine.txt");
    story.learns(&[("a.txt", "new\n")]);
    is_left_beside(&story, "a.txt", "new\n");
    assert_eq!(story.read("mine.txt"), "a\n");
}

#[test]
fn a_dangling_link_is_something_that_the_user_put_there() {
    let story = Story::new(&[("a.txt", "a\n")]);
    story.link("a.txt", "nowhere");
    story.link("b.txt", "../outside.txt");
    story.learns(&[("a.txt", "new\n"), ("b.txt", "created\n")]);
    let ran = story.upgrade().exits(2);
    assert!(
        ran.out.contains("2 files changed, 2 conflicts"),
        "{}",
        ran.out
    );
    assert_eq!(story.target("a.txt"), "nowhere");
    assert_eq!(story.target("b.txt"), "../outside.txt");
    assert!(!story.has("nowhere") && !story.has("../outside.txt"));
    assert_eq!(story.read("b.txt.theirs"), "created\n");
}

#[test]
fn nothing_is_written_through_a_folder_that_became_a_link() {
    let files = |text| {
        [
            ("deep/a.txt", text),
            ("deep/in/b.txt", text),
            ("c.txt", text),
        ]
    };
    let story = Story::new(&files("1\n"));
    fs::rename(story.path("deep"), story.path("../moved")).unwrap();
    story.link("deep", "../moved");
    let new = [&files("2\n")[..], &[("deep/new.txt", "new\n")]].concat();
    story.learns(&new);
    let ran = story.upgrade().exits(2);
    assert!(ran.out.contains("3 conflicts"), "{}", ran.out);
    assert_eq!(story.read("../moved/a.txt"), "1\n");
    assert!(!story.has("../moved/new.txt"));
    assert_eq!(story.read("deep.theirs/a.txt"), "2\n");
    assert_eq!(story.read("deep.theirs/new.txt"), "new\n");
    assert_eq!(story.read("c.txt"), "2\n");
}

#[test]
fn nothing_is_deleted_behind_a_folder_that_became_a_link() {
    let story = Story::new(&[("deep/a.txt", "1\n"), ("c.txt", "c\n")]);
    fs::rename(story.path("deep"), story.path("../moved")).unwrap();
    story.link("deep", "../moved");
    story.learns(&[("c.txt", "c\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("../moved/a.txt"), "1\n");
}

#[test]
fn a_folder_that_became_a_dangling_link_is_not_made() {
    let story = Story::new(&[("deep/a.txt", "1\n")]);
    story.link("deep", "../nowhere");
    story.learns(&[("deep/a.txt", "2\n")]);
    story.upgrade().exits(2);
    assert!(!story.has("../nowhere"));
    assert_eq!(story.read("deep.theirs/a.txt"), "2\n");
}

#[test]
fn a_generated_link_follows_the_template_until_the_user_points_it_elsewhere() {
    let story = Story::before();
    let learns = |target: &str| {
        story.learns(&[("a.txt", "a\n"), ("b.txt", "b\n"), ("c.txt", "c\n")]);
        story.link("../set/files/link", target);
    };
    learns("a.txt");
    story.make(&[]);
    assert_eq!(story.target("link"), "a.txt");
    learns("b.txt");
    story.upgrade().exits(0);
    assert_eq!(story.target("link"), "b.txt");

    story.link("link", "mine");
    learns("c.txt");
    let ran = story.upgrade().exits(2);
    assert!(
        ran.out.contains("the template's version is link.theirs"),
        "{}",
        ran.out
    );
    assert_eq!(story.target("link"), "mine");
    assert_eq!(story.target("link.theirs"), "c.txt");
}

#[test]
fn a_file_that_the_template_makes_a_link_becomes_one_unless_it_was_edited() {
    for edited in [false, true] {
        let story = Story::new(&[("a.txt", "a\n"), ("b.txt", "b\n")]);
        if edited {
            story.write("a.txt", "mine\n");
        }
        story.learns(&[("b.txt", "b\n")]);
        story.link("../set/files/a.txt", "b.txt");
        if edited {
            story.upgrade().exits(2);
            assert_eq!(story.read("a.txt"), "mine\n");
            assert_eq!(story.target("a.txt.theirs"), "b.txt");
        } else {
            story.upgrade().exits(0);
            assert_eq!(story.target("a.txt"), "b.txt");
        }
    }
}

#[test]
fn a_link_that_the_template_makes_a_file_becomes_one() {
    let story = Story::before();
    story.learns(&[("b.txt", "b\n")]);
    story.link("../set/files/a.txt", "b.txt");
    story.make(&[]);
    story.learns(&[("a.txt", "a\n"), ("b.txt", "b\n")]);
    story.upgrade().exits(0);
    assert!(!story.path("a.txt").is_symlink());
    assert_eq!(story.read("a.txt"), "a\n");
    assert_eq!(story.read("b.txt"), "b\n");
}
