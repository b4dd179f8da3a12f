//! Files, folders and links, each in the place of another.

use std::fs;
use std::process::Command;

use super::story::Story;

#[track_caller]
pub fn is_left_beside(story: &Story, path: &str, theirs: &str) {
    let ran = story.upgrade().exits(2);
    assert!(
        ran.out
            .contains(&format!("conflict  {path}: a file, a folder or a link")),
        "{}",
        ran.out
    );
    assert_eq!(story.read(&format!("{path}.theirs")), theirs);
}

#[test]
fn a_file_that_the_template_makes_a_folder_becomes_one() {
    let story = Story::new(&[("docs", "a\n"), ("b.txt", "b\n")]);
    story.learns(&[
        ("docs/a.md", "a\n"),
        ("docs/deep/b.md", "b\n"),
        ("b.txt", "b\n"),
    ]);
    story.upgrade().exits(0);
    assert_eq!(story.read("docs/a.md"), "a\n");
    assert_eq!(story.read("docs/deep/b.md"), "b\n");
}

#[test]
fn an_edited_file_where_the_template_needs_a_folder_stays() {
    let story = Story::new(&[("docs", "a\n"), ("b.txt", "b\n")]);
    story.write("docs", "mine\n");
    story.learns(&[("docs/a.md", "a\n"), ("b.txt", "new\n")]);
    let ran = story.upgrade().exits(2);
    assert!(
        ran.out
            .contains("the template's version is docs.theirs/a.md"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("docs"), "mine\n");
    assert_eq!(story.read("docs.theirs/a.md"), "a\n");
    assert_eq!(story.read("b.txt"), "new\n");
}

#[test]
fn a_folder_that_the_template_makes_a_file_becomes_one() {
    let story = Story::new(&[("docs/a.md", "a\n"), ("docs/deep/b.md", "b\n")]);
    story.learns(&[("docs", "a file\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("docs"), "a file\n");
    story.run(&["undo"]).exits(0);
    assert_eq!(story.read("docs/deep/b.md"), "b\n");
}

#[test]
fn a_folder_that_holds_something_of_the_users_does_not_give_way_to_a_file() {
    for mine in ["docs/mine.md", "docs/deep/a.md"] {
        let story = Story::new(&[("docs/deep/a.md", "a\n"), ("docs/b.md", "b\n")]);
        story.write(mine, "mine\n");
        story.learns(&[("docs", "a file\n")]);
        is_left_beside(&story, "docs", "a file\n");
        assert_eq!(story.read(mine), "mine\n");
    }
}

#[test]
fn a_folder_that_the_user_put_in_place_of_a_file_stays() {
    let story = Story::new(&[("a", "a\n"), ("b", "b\n")]);
    story.remove("a");
    story.write("a/mine.txt", "mine\n");
    story.learns(&[("a", "new\n"), ("b", "b\n")]);
    is_left_beside(&story, "a", "new\n");
    assert_eq!(story.read("a/mine.txt"), "mine\n");
}

#[test]
fn a_file_name_that_is_no_text_in_a_folder_that_is_in_the_way_is_in_the_way_as_any_other() {
    use std::os::unix::ffi::OsStrExt;
    let story = Story::new(&[("a", "a\n")]);
    story.remove("a");
    fs::create_dir(story.path("a")).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"f\xfcr");
    fs::write(story.path("a").join(name), "mine").unwrap();
    story.learns(&[("a", "new\n")]);
    is_left_beside(&story, "a", "new\n");
    assert_eq!(fs::read(story.path("a").join(name)).unwrap(), b"mine");
}

#[test]
fn a_pipe_in_place_of_a_file_stays_and_nobody_waits_for_it() {
    let story = Story::new(&[("a", "a\n")]);
    story.remove("a");
    let made = Command::new("mkfifo")
        .arg(story.path("a"))
        .status()
        .unwrap();
    assert!(made.success());
    story.learns(&[("a", "new\n")]);
    is_left_beside(&story, "a", "new\n");
    assert!(!story.path("a").is_file());
    story.run(&["status"]).exits(2);
}

#[test]
fn a_link_whose_target_is_no_text_stays() {
    use std::os::unix::ffi::OsStrExt;
    let story = Story::new(&[("a", "a\n")]);
    story.remove("a");
    let target = std::ffi::OsStr::from_bytes(b"f\xfcr");
    std::os::unix::fs::symlink(target, story.path("a")).unwrap();
    story.learns(&[("a", "new\n")]);
    is_left_beside(&story, "a", "new\n");
    assert_eq!(fs::read_link(story.path("a")).unwrap(), target);
}

#[test]
fn a_name_that_is_taken_is_not_the_name_of_the_templates_version() {
    let story = Story::new(&[("a", "a\n")]);
    story.link("a", "nowhere");
    story.write("a.theirs", "mine\n");
    story.link("a.theirs.2", "nowhere either");
    story.learns(&[("a", "new\n")]);
    let ran = story.upgrade().exits(2);
    assert!(
        ran.out.contains("the template's version is a.theirs.3\n"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("a.theirs"), "mine\n");
    assert_eq!(story.read("a.theirs.3"), "new\n");
}

#[test]
fn the_name_of_the_templates_version_is_not_that_of_a_file_of_the_template() {
    let story = Story::new(&[("a", "a\n")]);
    story.link("a", "nowhere");
    story.learns(&[("a", "new\n"), ("a.theirs", "a file of that name\n")]);
    let ran = story.upgrade().exits(2);
    assert!(
        ran.out.contains("the template's version is a.theirs.2\n"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("a.theirs"), "a file of that name\n");
    assert_eq!(story.read("a.theirs.2"), "new\n");
}

#[test]
fn the_folder_of_the_templates_versions_gives_way_as_a_file_does() {
    for taken in ["file", "link"] {
        let story = Story::new(&[("deep/a", "1\n")]);
        story.link("deep", "../nowhere");
        if taken == "file" {
            story.write("deep.theirs", "mine\n");
        } else {
            story.link("deep.theirs", "..");
        }
        story.learns(&[("deep/a", "2\n"), ("deep/b", "b\n")]);
        let ran = story.upgrade().exits(2);
        assert!(
            ran.out
                .contains("the template's version is deep.theirs.2/a\n"),
            "{}",
            ran.out
        );
        assert_eq!(story.read("deep.theirs.2/a"), "2\n");
        assert_eq!(story.read("deep.theirs.2/b"), "b\n");
        assert!(!story.has("../a"));
    }
}
