//! Files that have another name than before: the template's doing, or the user's.

use super::story::Story;

const MOVE: &str = "[files.\"new/b.txt\"]\nmoved_from = \"old/a.txt\"\n";
const TEXT: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

fn text(edits: &[(&str, &str)]) -> String {
    edits
        .iter()
        .fold(TEXT.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[test]
fn edits_follow_a_file_that_the_template_moves() {
    let story = Story::new(&[("old/a.txt", TEXT)]);
    story.write("old/a.txt", text(&[("1", "mine")]));
    story.learns_set(MOVE, &[("new/b.txt", TEXT)]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out.contains("  moved     new/b.txt (was old/a.txt)\n"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("new/b.txt"), text(&[("1", "mine")]));
    assert!(!story.has("old"));
}

#[test]
fn a_file_that_the_template_moves_and_changes_is_merged_where_it_goes() {
    let story = Story::new(&[("old/a.txt", TEXT)]);
    story.write("old/a.txt", text(&[("1", "mine")]));
    story.set_mode("old/a.txt", 0o600);
    story.learns_set(MOVE, &[("new/b.txt", text(&[("9", "new")]))]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out.contains("  merged    new/b.txt (was old/a.txt)\n"),
        "{}",
        ran.out
    );
    assert_eq!(
        story.read("new/b.txt"),
        text(&[("1", "mine"), ("9", "new")])
    );
    assert_eq!(
        story.mode("new/b.txt"),
        0o600,
        "it held what only its owner may read"
    );
    let before = story.project();
    story.upgrade().exits(0);
    assert_eq!(story.project(), before);
}

#[test]
fn a_move_can_be_a_conflict_and_is_taken_back_as_a_whole() {
    let story = Story::new(&[("old/a.txt", TEXT)]);
    story.write("old/a.txt", text(&[("5", "mine")]));
    let before = story.project();
    story.learns_set(MOVE, &[("new/b.txt", text(&[("5", "theirs")]))]);
    story.upgrade().exits(2);
    assert!(story.read("new/b.txt").contains("<<<<<<< ours"));
    story.run(&["upgrade", "--abort"]).exits(0);
    assert_eq!(story.project(), before);
}

#[test]
fn a_move_to_where_the_user_has_a_file_leaves_both() {
    let story = Story::new(&[("old/a.txt", TEXT)]);
    story.write("old/a.txt", text(&[("1", "mine")]));
    story.write("new/b.txt", "mine too\n");
    story.learns_set(MOVE, &[("new/b.txt", TEXT)]);
    story.upgrade().exits(2);
    assert_eq!(story.read("old/a.txt"), text(&[("1", "mine")]));
    assert_eq!(story.read("new/b.txt"), "mine too\n");
    assert_eq!(story.read("new/b.txt.theirs"), TEXT);
}

#[test]
fn a_file_that_the_user_deleted_does_not_come_back_where_the_template_moves_it() {
    for new in [TEXT.to_owned(), text(&[("9", "new")])] {
        let story = Story::new(&[("old/a.txt", TEXT)]);
        story.remove("old");
        story.learns_set(MOVE, &[("new/b.txt", new)]);
        let ran = story.upgrade().exits(0);
        assert!(ran.out.contains("  missing   new/b.txt"), "{}", ran.out);
        assert!(!story.has("new"));
    }
}

#[test]
fn a_file_moves_into_a_folder_of_its_own_name() {
    let story = Story::new(&[("docs", TEXT)]);
    story.write("docs", text(&[("1", "mine")]));
    let moved = "[files.\"docs/a.txt\"]\nmoved_from = \"docs\"\n";
    story.learns_set(moved, &[("docs/a.txt", TEXT)]);
    story.upgrade().exits(0);
    assert_eq!(story.read("docs/a.txt"), text(&[("1", "mine")]));
    story.run(&["undo"]).exits(0);
    assert_eq!(story.read("docs"), text(&[("1", "mine")]));
}

#[test]
fn a_file_that_the_user_has_renamed_gets_what_the_template_learned() {
    let story = Story::new(&[("src/a.txt", TEXT), ("src/b.txt", "b\n")]);
    story.remove("src/a.txt");
    story.write("src/mine/z.txt", text(&[("1", "mine")]));
    story.learns(&[
        ("src/a.txt", text(&[("9", "new")])),
        ("src/b.txt", "b\n".to_owned()),
    ]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out
            .contains("  merged    src/mine/z.txt (your name for src/a.txt)\n"),
        "{}",
        ran.out
    );
    assert_eq!(
        story.read("src/mine/z.txt"),
        text(&[("1", "mine"), ("9", "new")])
    );
    assert!(!story.has("src/a.txt"));

    story.learns(&[
        ("src/a.txt", text(&[("9", "newer")])),
        ("src/b.txt", "b\n".to_owned()),
    ]);
    story.upgrade().exits(0);
    assert_eq!(
        story.read("src/mine/z.txt"),
        text(&[("1", "mine"), ("9", "newer")])
    );
}

#[test]
fn two_files_that_are_as_like_are_none_that_was_renamed() {
    let story = Story::new(&[("src/a.txt", TEXT), ("src/b.txt", "b\n")]);
    story.remove("src/a.txt");
    story.write("src/y.txt", TEXT);
    story.write("src/z.txt", TEXT);
    story.learns(&[
        ("src/a.txt", text(&[("9", "new")])),
        ("src/b.txt", "b\n".to_owned()),
    ]);
    let ran = story.upgrade().exits(0);
    assert!(ran.out.contains("  missing   src/a.txt"), "{}", ran.out);
    assert_eq!(story.read("src/y.txt"), TEXT);
    assert_eq!(story.read("src/z.txt"), TEXT);
}

#[test]
fn one_file_is_not_two_that_were_renamed() {
    let new = text(&[("9", "new")]);
    let story = Story::new(&[
        ("src/a.txt", TEXT),
        ("src/b.txt", TEXT),
        ("src/c.txt", "c\n"),
    ]);
    story.remove("src/a.txt");
    story.remove("src/b.txt");
    story.write("src/z.txt", TEXT);
    story.learns(&[
        ("src/a.txt", &*new),
        ("src/b.txt", &new),
        ("src/c.txt", "c\n"),
    ]);
    story.upgrade().exits(0);
    assert_eq!(story.read("src/z.txt"), TEXT);
}

#[test]
fn a_renamed_file_keeps_the_policy_that_it_had() {
    let own = "[files.\"src/a.txt\"]\npolicy = \"own\"\n";
    let story = Story::of_set(own, &[("src/a.txt", TEXT), ("src/b.txt", "b\n")]);
    story.remove("src/a.txt");
    story.write("src/z.txt", text(&[("1", "mine")]));
    story.learns_set(
        own,
        &[
            ("src/a.txt", text(&[("9", "new")])),
            ("src/b.txt", "b\n".to_owned()),
        ],
    );
    story.upgrade().exits(0);
    assert_eq!(story.read("src/z.txt"), text(&[("1", "mine")]));
}
