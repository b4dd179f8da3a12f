//! The rows of the table: what was generated, what the user made of it, what would be generated now.

use super::story::Story;

#[test]
fn a_file_that_nobody_touched_follows_the_template() {
    let story = Story::new(&[("a.txt", "one\n"), ("b.txt", "same\n")]);
    story.learns(&[("a.txt", "two\n"), ("b.txt", "same\n")]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out.contains("story 1 → 2\n  updated   a.txt\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("1 file changed, 0 conflicts"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("a.txt"), "two\n");
    assert_eq!(story.read(".tac/base/a.txt"), "two\n");
}

#[test]
fn a_file_that_the_user_made_like_the_templates_own_is_the_templates_again() {
    let story = Story::new(&[("a.txt", "one\n")]);
    story.write("a.txt", "two\n");
    story.learns(&[("a.txt", "two\n")]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out.contains("0 files changed, 0 conflicts"),
        "{}",
        ran.out
    );
    let status = story.run(&["status"]).exits(0);
    assert!(
        status.out.contains("1 file is as it was generated"),
        "{}",
        status.out
    );
}

#[test]
fn what_the_template_does_not_change_stays_as_the_user_has_it() {
    let files = |version| {
        [
            ("a.txt", "a\n"),
            ("b.txt", "b\n"),
            ("c.txt", "c\n"),
            ("moves.txt", version),
        ]
    };
    let story = Story::new(&files("1\n"));
    story.write("a.txt", "mine\n");
    story.remove("b.txt");
    story.link("c.txt", "nowhere");
    story.learns(&files("2\n"));
    let ran = story.upgrade().exits(0);
    assert!(
        !ran.out.contains("a.txt") && !ran.out.contains("b.txt"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("a.txt"), "mine\n");
    assert!(!story.has("b.txt"));
    assert_eq!(story.target("c.txt"), "nowhere");
    assert_eq!(story.read("moves.txt"), "2\n");
}

#[test]
fn a_file_that_the_template_drops_goes_with_its_emptied_folders() {
    let story = Story::new(&[("a.txt", "a\n"), ("deep/in/b.txt", "b\n")]);
    story.learns(&[("a.txt", "a\n")]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out.contains("  deleted   deep/in/b.txt\n"),
        "{}",
        ran.out
    );
    assert!(!story.has("deep"));
    assert!(!story.has(".tac/base/deep"));
}

#[test]
fn a_folder_that_holds_a_file_of_the_users_own_stays() {
    let story = Story::new(&[("a.txt", "a\n"), ("deep/in/b.txt", "b\n")]);
    story.write("deep/mine.txt", "mine\n");
    story.learns(&[("a.txt", "a\n")]);
    story.upgrade().exits(0);
    assert!(!story.has("deep/in"));
    assert_eq!(story.read("deep/mine.txt"), "mine\n");
}

#[test]
fn a_folder_of_the_users_own_stays_even_if_it_is_empty() {
    let story = Story::new(&[("a.txt", "a\n"), ("deep/b.txt", "b\n")]);
    std::fs::create_dir(story.path("deep/mine")).unwrap();
    story.learns(&[("a.txt", "a\n")]);
    story.upgrade().exits(0);
    assert!(!story.has("deep/b.txt") && story.has("deep/mine"));
}

#[test]
fn a_new_file_is_created() {
    let story = Story::new(&[("a.txt", "a\n")]);
    story.learns(&[("a.txt", "a\n"), ("new/deep/b.txt", "b\n")]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out.contains("  created   new/deep/b.txt\n"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("new/deep/b.txt"), "b\n");
}

#[test]
fn a_file_of_the_users_own_where_a_new_one_belongs_stays() {
    let story = Story::new(&[("a.txt", "a\n")]);
    story.write("b.txt", "mine\n");
    story.learns(&[("a.txt", "a\n"), ("b.txt", "the template's\n")]);
    let ran = story.upgrade().exits(2);
    let told = "conflict  b.txt: yours and the template's were made apart from each other; the template's version is b.txt.theirs\n";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert_eq!(story.read("b.txt"), "mine\n");
    assert_eq!(story.read("b.txt.theirs"), "the template's\n");
}

#[test]
fn a_file_of_the_users_own_that_is_like_the_new_one_is_taken_over() {
    let story = Story::new(&[("a.txt", "a\n")]);
    story.write("b.txt", "same\n");
    story.learns(&[("a.txt", "a\n"), ("b.txt", "same\n")]);
    story.upgrade().exits(0);
    story.learns(&[("a.txt", "a\n"), ("b.txt", "newer\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("b.txt"), "newer\n");
}

#[test]
fn a_deleted_file_stays_deleted() {
    let story = Story::new(&[("a.txt", "a\n"), ("b.txt", "b\n")]);
    story.remove("a.txt");
    for text in ["changed\n", "changed again\n"] {
        story.learns(&[("a.txt", text), ("b.txt", "b\n")]);
        let ran = story.upgrade().exits(0);
        let told = "  missing   a.txt: you have deleted it, the template has changed it\n";
        assert!(ran.out.contains(told), "{}", ran.out);
        assert!(!story.has("a.txt"));
    }
    let status = story.run(&["status"]).exits(0);
    assert!(
        status.out.contains("  missing    a.txt\n"),
        "{}",
        status.out
    );
}

#[test]
fn a_file_that_both_deleted_is_forgotten() {
    let story = Story::new(&[("a.txt", "a\n"), ("b.txt", "b\n")]);
    story.remove("a.txt");
    story.learns(&[("b.txt", "b\n")]);
    story.upgrade().exits(0);
    let status = story.run(&["status"]).exits(0);
    assert!(!status.out.contains("a.txt"), "{}", status.out);
    assert!(!story.has(".tac/base/a.txt"));
}

#[test]
fn an_edited_file_that_the_template_drops_stays_and_is_told_to_be_stale() {
    let story = Story::new(&[("a.txt", "a\n"), ("b.txt", "b\n")]);
    story.write("a.txt", "mine\n");
    story.learns(&[("b.txt", "b\n")]);
    let ran = story.upgrade().exits(0);
    let told = "  stale     a.txt: you have edited it, the template has it no more\n";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert_eq!(story.read("a.txt"), "mine\n");

    let status = || story.run(&["status"]).exits(0).out;
    assert!(status().contains("  stale      a.txt\n"), "{}", status());
    story.learns(&[("b.txt", "newer\n")]);
    story.upgrade().exits(0);
    assert!(status().contains("  stale      a.txt\n"), "{}", status());
    story.remove("a.txt");
    assert!(!status().contains("a.txt"), "{}", status());
}

#[test]
fn a_stale_file_that_the_template_brings_back_is_a_conflict() {
    let story = Story::new(&[("a.txt", "a\n"), ("b.txt", "b\n")]);
    story.write("a.txt", "mine\n");
    story.learns(&[("b.txt", "b\n")]);
    story.upgrade().exits(0);
    story.learns(&[("a.txt", "back\n"), ("b.txt", "b\n")]);
    story.upgrade().exits(2);
    assert_eq!(story.read("a.txt"), "mine\n");
    assert_eq!(story.read("a.txt.theirs"), "back\n");
}

#[test]
fn edits_in_different_places_are_merged() {
    let story = Story::new(&[("a.txt", "1\n2\n3\n4\n5\n")]);
    story.write("a.txt", "mine\n2\n3\n4\n5\n");
    story.learns(&[("a.txt", "1\n2\n3\n4\ntheirs\n")]);
    let ran = story.upgrade().exits(0);
    assert!(ran.out.contains("  merged    a.txt\n"), "{}", ran.out);
    assert_eq!(story.read("a.txt"), "mine\n2\n3\n4\ntheirs\n");
}

#[test]
fn edits_in_the_same_place_are_a_conflict_with_all_three_versions() {
    let story = Story::new(&[("a.txt", "1\n2\n3\n")]);
    story.write("a.txt", "1\nmine\n3\n");
    story.learns(&[("a.txt", "1\ntheirs\n3\n")]);
    story.upgrade().exits(2);
    insta::assert_snapshot!(story.read("a.txt"), @r"
    1
    <<<<<<< ours: your file
    mine
    ||||||| base: story 1
    2
    =======
    theirs
    >>>>>>> theirs: story 2
    3
    ");
}

#[test]
fn one_edit_survives_many_upgrades() {
    let text = |version: u32| format!("1\n2\n3\nversion {version}\n");
    let story = Story::new(&[("a.txt", text(1))]);
    story.write("a.txt", text(1).replace("1\n2", "mine\n2"));
    for version in 2..6 {
        story.learns(&[("a.txt", text(version))]);
        story.upgrade().exits(0);
    }
    assert_eq!(story.read("a.txt"), "mine\n2\n3\nversion 5\n");
}

#[test]
fn a_folder_may_be_called_as_it_likes() {
    let story = Story::before();
    story.learns(&[("a.txt", "1\n")]);
    let folder = story.path("my project!");
    std::fs::create_dir(&folder).unwrap();
    for (args, version) in [
        (
            &["new", ".", "--name", "demo", "--templates", "../../set"][..],
            "1\n",
        ),
        (&["upgrade", "--templates", "../../set"], "2\n"),
    ] {
        let ran = story
            .scratch
            .command(args)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{ran:?}");
        assert_eq!(
            std::fs::read_to_string(folder.join("a.txt")).unwrap(),
            version
        );
        story.learns(&[("a.txt", "2\n")]);
    }
}
