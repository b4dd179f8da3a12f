//! Files of every encoding, and of none.

use super::story::Story;

/// What becomes of one file, and the exit code.
fn upgraded(
    base: impl AsRef<[u8]>,
    ours: impl AsRef<[u8]>,
    theirs: impl AsRef<[u8]>,
) -> (Story, i32) {
    let story = Story::new(&[("a.txt", base)]);
    story.write("a.txt", ours);
    story.learns(&[("a.txt", theirs)]);
    let code = story.upgrade().code.unwrap();
    (story, code)
}

#[track_caller]
fn merges(
    base: impl AsRef<[u8]>,
    ours: impl AsRef<[u8]>,
    theirs: impl AsRef<[u8]>,
    to: impl AsRef<[u8]>,
) {
    let (story, code) = upgraded(base, ours, theirs);
    assert_eq!(code, 0);
    let bytes = story.bytes("a.txt");
    assert_eq!(
        bytes.escape_ascii().to_string(),
        to.as_ref().escape_ascii().to_string()
    );
}

/// Ours is as it was, theirs lies beside it.
#[track_caller]
fn stays_beside(base: &[u8], ours: &[u8], theirs: &[u8]) {
    let (story, code) = upgraded(base, ours, theirs);
    assert_eq!(code, 2);
    assert_eq!(story.bytes("a.txt"), ours);
    assert_eq!(story.bytes("a.txt.theirs"), theirs);
}

#[test]
fn a_file_with_windows_line_endings_keeps_them() {
    merges(
        "1\n2\n3\n",
        "1\r\n2\r\n3\r\n",
        "1\n2\nnew\n",
        "1\r\n2\r\nnew\r\n",
    );
}

#[test]
fn a_file_with_mixed_line_endings_keeps_those_of_the_lines_that_stay() {
    merges(
        "1\n2\n3\n4\n",
        "1\r\n2\nmine\n3\n4\n",
        "1\n2\n3\n4\nnew\n",
        "1\r\n2\nmine\n3\n4\nnew\n",
    );
}

#[test]
fn line_endings_that_the_template_changes_are_no_conflict() {
    merges(
        "1\n2\n3\n",
        "mine\n2\n3\n",
        "1\r\n2\r\nnew\r\n",
        "mine\n2\nnew\n",
    );
}

#[test]
fn a_byte_order_mark_of_the_users_stays() {
    merges(
        "1\n2\n3\n",
        "\u{feff}mine\n2\n3\n",
        "1\n2\nnew\n",
        "\u{feff}mine\n2\nnew\n",
    );
}

#[test]
fn text_in_latin_1_is_merged_byte_by_byte() {
    merges(
        b"1\nf\xfcr\n3\n",
        b"g\xe4ste\nf\xfcr\n3\n",
        b"1\nf\xfcr\nnew\n",
        b"g\xe4ste\nf\xfcr\nnew\n",
    );
}

#[test]
fn text_in_utf_16_is_never_merged() {
    let text = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    };
    stays_beside(
        &text("1\n2\n3\n"),
        &text("mine\n2\n3\n"),
        &text("1\n2\nnew\n"),
    );
}

#[test]
fn a_last_line_without_a_newline_is_never_joined_with_another() {
    merges("1\n2\n3", "mine\n2\n3", "1\n2\n3\n4\n", "mine\n2\n3\n4\n");
    merges(
        "1\n2\n3\n",
        "1\n2\n3\nmine",
        "0\n1\n2\n3\n",
        "0\n1\n2\n3\nmine",
    );
}

#[test]
fn a_binary_file_that_both_changed_is_never_merged() {
    stays_beside(
        b"\x00base\n1\n2\n",
        b"\x00mine\n1\n2\n",
        b"\x00base\n1\nnew\n",
    );
}

#[test]
fn a_text_that_became_binary_is_never_merged() {
    stays_beside(b"1\n2\n3\n", b"mine\x00\n2\n3\n", b"1\n2\nnew\n");
    stays_beside(b"1\n2\n3\n", b"mine\n2\n3\n", b"1\n2\nnew\x00\n");
}

#[test]
fn a_binary_file_that_nobody_touched_follows_the_template() {
    merges(
        b"\x00\xff\x89PNG",
        b"\x00\xff\x89PNG",
        b"\x00\xfe\x89GIF\r\n",
        b"\x00\xfe\x89GIF\r\n",
    );
}

#[test]
fn a_file_that_the_user_has_emptied_is_no_file_that_they_deleted() {
    let (story, code) = upgraded("1\n2\n3\n", "", "1\n2\nnew\n");
    assert_eq!(code, 2);
    insta::assert_snapshot!(story.read("a.txt"), @r"
    <<<<<<< ours: your file
    ||||||| base: story 1
    1
    2
    3
    =======
    1
    2
    new
    >>>>>>> theirs: story 2
    ");
}

#[test]
fn a_file_that_the_template_empties_keeps_the_users_lines() {
    let (story, code) = upgraded("1\n2\n3\n", "1\nmine\n3\n", "");
    assert_eq!(code, 2);
    assert!(
        story.read("a.txt").contains("\nmine\n"),
        "{}",
        story.read("a.txt")
    );
}

#[test]
fn an_empty_file_that_both_filled_holds_both() {
    let (story, code) = upgraded("", "mine\n", "theirs\n");
    assert_eq!(code, 2);
    insta::assert_snapshot!(story.read("a.txt"), @r"
    <<<<<<< ours: your file
    mine
    ||||||| base: story 1
    =======
    theirs
    >>>>>>> theirs: story 2
    ");
}

#[test]
fn an_empty_file_that_one_side_filled_is_merged() {
    merges("", "", "theirs\n", "theirs\n");
    let (story, _) = upgraded("theirs\n", "theirs\n", "");
    assert_eq!(story.bytes("a.txt"), b"");
}

#[test]
fn lines_of_the_users_that_look_like_markers_are_told_from_ours() {
    let mine = "<<<<<<< ours: your file\nmine\n=======\n>>>>>>> theirs: story 2\n";
    let (story, code) = upgraded("1\n2\n", format!("{mine}1\nmine\n"), "1\nnew\n");
    assert_eq!(code, 2);
    assert!(
        story.read("a.txt").starts_with(mine),
        "{}",
        story.read("a.txt")
    );
    story.run(&["resolve"]).exits(1);
    story.write("a.txt", format!("{mine}1\ndecided\n"));
    let status = story.run(&["status"]).out;
    assert!(
        !status.contains("conflicted a.txt (markers from line 6 on)"),
        "{status}"
    );
}

#[test]
fn lines_that_end_in_a_carriage_return_of_their_own_survive() {
    merges(
        "1\n2\n3\n",
        "a\rb\r\r\n2\n3\n",
        "1\n2\nnew\n",
        "a\rb\r\r\n2\nnew\n",
    );
}

#[test]
fn a_very_long_line_is_merged_as_a_line() {
    let long = "x".repeat(200_000);
    merges(
        "1\n2\n3\n",
        format!("{long}\n2\n3\n"),
        "1\n2\nnew\n",
        format!("{long}\n2\nnew\n"),
    );
}

#[test]
fn a_file_that_is_too_large_to_be_merged_stays() {
    let text = |first: &str, last: &str| {
        format!("{first}\n{}{last}\n", "x\n".repeat(100_001)).into_bytes()
    };
    stays_beside(&text("1", "2"), &text("mine", "2"), &text("1", "new"));
}
