//! What was done is taken back, as often as it was done.

use super::story::Story;

#[test]
fn undo_brings_back_what_was_there_to_the_bit() {
    let story = Story::new(&[
        ("a.txt", "1\n2\n3\n"),
        ("gone/b.txt", "b\n"),
        ("link", "x\n"),
        ("c.env", "1\n2\n3\n"),
    ]);
    story.write("a.txt", "mine\n2\n3\n");
    story.write("c.env", "secret\n2\n3\n");
    story.set_mode("c.env", 0o600);
    story.set_mode("gone", 0o700);
    story.link("link", "nowhere");
    let before = story.committed();
    story.learns(&[
        ("a.txt", "1\n2\nnew\n"),
        ("new/d.txt", "d\n"),
        ("link", "y\n"),
        ("c.env", "theirs\n2\n3\n"),
    ]);
    story.upgrade().exits(2);
    assert_ne!(story.committed(), before);
    let ran = story.run(&["undo"]).exits(0);
    assert!(
        ran.out.starts_with("took back upgrade of 20")
            && ran.out.ends_with(": story 1 → story 2, 5 files\n"),
        "{}",
        ran.out
    );
    assert_eq!(story.committed(), before);
    story.upgrade().exits(2);
}

#[test]
fn every_upgrade_is_taken_back_one_after_the_other() {
    let story = Story::new(&[("a.txt", "0\n")]);
    let mut states = Vec::new();
    for version in 1..4 {
        states.push(story.committed());
        story.learns(&[
            ("a.txt", format!("{version}\n")),
            (&format!("{version}.txt"), "new\n".to_owned()),
        ]);
        story.upgrade().exits(0);
    }
    let list = story.run(&["undo", "--list"]).exits(0).out;
    assert_eq!(list.lines().count(), 3, "{list}");
    assert!(
        list.lines().next().unwrap().contains("story 3 → story 4"),
        "{list}"
    );
    while let Some(state) = states.pop() {
        story.run(&["undo"]).exits(0);
        assert_eq!(story.committed(), state);
    }
    let ran = story.run(&["undo"]).exits(1);
    assert!(
        ran.err
            .starts_with("error: there is nothing to take back\n"),
        "{}",
        ran.err
    );
    assert_eq!(
        story.run(&["undo", "--list"]).exits(0).out,
        "there is nothing to take back\n"
    );
}

#[test]
fn what_was_edited_since_is_saved_before_it_is_taken_back() {
    let story = Story::new(&[("a.txt", "1\n"), ("b.txt", "b\n")]);
    story.learns(&[("a.txt", "2\n"), ("b.txt", "b\n"), ("new.txt", "new\n")]);
    story.upgrade().exits(0);
    story.write("a.txt", "edited\n");
    story.set_mode("a.txt", 0o600);
    story.write("a.txt.edited", "mine\n");
    story.write("new.txt", "edited too\n");
    let ran = story.run(&["undo"]).exits(0);
    for told in [
        "  a.txt was edited since: that is now a.txt.edited.2\n",
        "  new.txt was edited since: that is now new.txt.edited\n",
    ] {
        assert!(ran.out.contains(told), "{}", ran.out);
    }
    assert_eq!(story.read("a.txt"), "1\n");
    assert_eq!(story.read("a.txt.edited"), "mine\n");
    assert_eq!(story.read("a.txt.edited.2"), "edited\n");
    assert_eq!(story.mode("a.txt.edited.2"), 0o600);
    assert!(!story.has("new.txt"));
    assert_eq!(story.read("new.txt.edited"), "edited too\n");
}

#[test]
fn what_was_deleted_since_comes_back() {
    let story = Story::new(&[("deep/a.txt", "1\n"), ("b.txt", "b\n")]);
    let before = story.committed();
    story.learns(&[
        ("deep/a.txt", "2\n"),
        ("b.txt", "b\n"),
        ("new.txt", "new\n"),
    ]);
    story.upgrade().exits(0);
    story.remove("deep");
    story.remove("new.txt");
    story.run(&["undo"]).exits(0);
    assert_eq!(story.committed(), before);
}

#[test]
fn a_folder_that_somebody_uses_now_stays() {
    let story = Story::new(&[("a.txt", "1\n")]);
    story.learns(&[("a.txt", "1\n"), ("new/b.txt", "b\n")]);
    story.upgrade().exits(0);
    story.write("new/mine.txt", "mine\n");
    story.run(&["undo"]).exits(0);
    assert!(!story.has("new/b.txt"));
    assert_eq!(story.read("new/mine.txt"), "mine\n");
}

#[test]
fn nothing_is_taken_back_through_a_link() {
    let story = Story::new(&[("deep/a.txt", "1\n"), ("b.txt", "b\n")]);
    story.learns(&[("deep/a.txt", "2\n"), ("b.txt", "new\n")]);
    story.upgrade().exits(0);
    std::fs::rename(story.path("deep"), story.path("../moved")).unwrap();
    story.link("deep", "../moved");
    let before = story.project();
    story.run(&["undo"]).exits(1);
    assert_eq!(story.project(), before);
    assert_eq!(story.read("../moved/a.txt"), "2\n");
}

#[test]
fn twenty_upgrades_can_be_taken_back_and_the_records_of_older_ones_go() {
    let story = Story::new(&[("a.txt", "0\n")]);
    for version in 1..23 {
        story.learns(&[("a.txt", format!("{version}\n"))]);
        story.upgrade().exits(0);
    }
    let list = story.run(&["undo", "--list"]).exits(0).out;
    assert_eq!(list.lines().count(), 20, "{list}");
}
