//! Lines, and what is kept beside them.

use tac_bootstrap::merge::{Merged, Reason, Side, markers};

use super::{LABELS, clean, conflict, conflicting, merged, shown};

const FILE: &str = "notes.txt";

#[test]
fn changes_in_different_places_merge() {
    let merged = clean(FILE, "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n");
    assert_eq!(merged, "A\nb\nC\n");
}

#[test]
fn a_conflict_shows_all_three_versions() {
    let text = conflicting(FILE, "a\nb\nc\n", "a\nours\nc\n", "a\ntheirs\nc\n");
    insta::assert_snapshot!(text, @r"
    a
    <<<<<<< ours: your file
    ours
    ||||||| base: v1
    b
    =======
    theirs
    >>>>>>> theirs: v2
    c
    ");
}

#[test]
fn a_conflict_decided_for_a_side_keeps_what_merged() {
    let base = "a\nb\nc\nd\n";
    let conflict = conflict(
        FILE,
        base.as_bytes(),
        b"a\nours\nc\nd\n",
        b"a\ntheirs\nc\nD\n",
    );
    assert_eq!(conflict.count(), 1);
    assert_eq!(*conflict.reason(), Reason::SameLines);
    assert_eq!(conflict.favouring(Side::Ours).unwrap(), b"a\nours\nc\nD\n");
    assert_eq!(
        conflict.favouring(Side::Theirs).unwrap(),
        b"a\ntheirs\nc\nD\n"
    );
}

#[test]
fn every_conflict_of_a_file_is_marked() {
    let lines = |word: &str| {
        (0..50)
            .map(|n| format!("{word} {n}\nsame {n}\n"))
            .collect::<String>()
    };
    let (base, ours, theirs) = (lines("base"), lines("ours"), lines("theirs"));
    let conflict = conflict(FILE, base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    assert_eq!(conflict.count(), 50);
    let text = conflict.inline(&LABELS).unwrap();
    assert_eq!(markers(&text).len(), 200);
    assert_eq!(conflict.favouring(Side::Theirs).unwrap(), theirs.as_bytes());
}

#[test]
fn without_a_base_only_what_differs_is_a_conflict() {
    let text = conflicting(FILE, "", "same\nours\nend\n", "same\nend\ntheirs\n");
    insta::assert_snapshot!(text, @r"
    same
    <<<<<<< ours: your file
    ours
    ||||||| base: v1
    =======
    >>>>>>> theirs: v2
    end
    <<<<<<< ours: your file
    ||||||| base: v1
    =======
    theirs
    >>>>>>> theirs: v2
    ");
}

#[test]
fn line_endings_stay_the_users_and_are_no_change() {
    let (base, theirs) = ("a\nb\nc\n", "a\nb\nC\n");
    assert_eq!(
        clean(FILE, base, "A\r\nb\r\nc\r\n", theirs),
        "A\r\nb\r\nC\r\n"
    );
    assert_eq!(
        clean(FILE, base, "a\r\nb\r\nc\r\n", theirs),
        "a\r\nb\r\nC\r\n"
    );
    assert_eq!(
        clean(FILE, "a\r\nb\r\nc\r\n", "A\nb\nc\n", "a\r\nb\r\nC\r\n"),
        "A\nb\nC\n"
    );
}

#[test]
fn the_lines_of_a_mixed_file_keep_their_own_endings() {
    let merged = clean(
        FILE,
        "a\nb\nc\nd\n",
        "A\r\nb\nc\r\nd\r\n",
        "a\nb\nc\nd\ne\n",
    );
    assert_eq!(merged, "A\r\nb\nc\r\nd\r\ne\r\n");
}

#[test]
fn markers_end_as_the_users_lines_do() {
    let text = conflicting(FILE, "a\n", "b\r\n", "c\n");
    assert_eq!(text.lines().count(), 7);
    assert_eq!(text.matches("\r\n").count(), 7);
    assert_eq!(markers(text.as_bytes()), [1, 3, 5, 7]);
}

#[test]
fn the_newline_after_the_last_line_merges_by_itself() {
    assert_eq!(clean(FILE, "a\nb\n", "A\nb\n", "a\nb"), "A\nb");
    assert_eq!(clean(FILE, "a\nb\n", "A\nb", "a\nb\n"), "A\nb");
    assert_eq!(clean(FILE, "a\nb", "A\nb\n", "a\nb"), "A\nb\n");
    assert_eq!(clean(FILE, "a\nb\n", "a\nb", "a\nb\nc\n"), "a\nb\nc");
}

#[test]
fn a_marker_never_joins_a_last_line_without_a_newline() {
    let text = conflicting(FILE, "a", "b", "c");
    assert_eq!(markers(text.as_bytes()), [1, 3, 5, 7]);
}

#[test]
fn a_byte_order_mark_stays() {
    let (base, theirs) = ("a\nb\nc\n", "a\nb\nC\n");
    assert_eq!(
        clean(FILE, base, "\u{feff}A\nb\nc\n", theirs),
        "\u{feff}A\nb\nC\n"
    );
    let marked = |text| format!("\u{feff}{text}");
    let text = conflicting(FILE, &marked("a\n"), &marked("b\n"), &marked("c\n"));
    assert!(text.starts_with("\u{feff}<<<<<<< ours:"), "{text}");
    assert_eq!(markers(text.as_bytes()), [1, 3, 5, 7]);
}

#[test]
fn bytes_of_any_encoding_survive() {
    let merged = merged(
        FILE,
        b"caf\xe9\nb\nc\n",
        b"caf\xe9 \xfc\nb\nc\n",
        b"caf\xe9\nb\n\xa9\n",
    );
    let Merged::Clean(bytes) = merged else {
        panic!("{merged:?}");
    };
    assert_eq!(bytes, b"caf\xe9 \xfc\nb\n\xa9\n");
}

#[test]
fn binaries_are_left_alone() {
    let utf16 = |text: &str| -> Vec<u8> {
        "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    let (base, ours, theirs) = (utf16("字\n行\n"), utf16("字字\n行\n"), utf16("字\n行行\n"));
    for conflict in [
        conflict(FILE, b"\0a\nb\nc\n", b"\0A\nb\nc\n", b"\0a\nb\nC\n"),
        conflict(FILE, b"a\nb\nc\n", b"a\nb\n\0", b"A\nb\nc\n"),
        conflict(FILE, &base, &ours, &theirs),
    ] {
        assert_eq!(*conflict.reason(), Reason::Binary);
        assert_eq!(conflict.count(), 1);
        assert_eq!(conflict.inline(&LABELS), None);
        assert_eq!(conflict.favouring(Side::Ours), None);
    }
}

#[test]
fn lines_like_markers_of_the_users_own_survive_and_are_told_apart() {
    let own = "<<<<<<< ours: an example\n||||||| base: x\n=======\n>>>>>>> theirs: y\n";
    let [base, ours, theirs] = ["b", "o", "t"].map(|line| format!("{own}{line}\n{own}"));
    let conflict = conflict(FILE, base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let text = shown(&conflict);
    assert_eq!(markers(text.as_bytes()), [5, 7, 9, 11]);
    assert_eq!(text.matches(own).count(), 2);
    assert_eq!(conflict.favouring(Side::Ours).unwrap(), ours.as_bytes());
}

#[test]
fn an_underline_within_a_conflict_is_no_marker() {
    let text = conflicting(
        FILE,
        "Title\n",
        "Our title\n=======\n",
        "Their title\n=======\n",
    );
    assert_eq!(markers(text.as_bytes()).len(), 4);
    assert!(markers(b"Title\n=======\ntext\n").is_empty());
}

#[test]
fn a_last_line_that_becomes_a_marker_once_it_is_ended_is_told_apart() {
    let text = conflicting(FILE, "Title\n", "Ours\n=======\r", "Theirs\n");
    assert_eq!(markers(text.as_bytes()).len(), 4, "{text}");
}

#[test]
fn the_markers_of_git_are_not_ours() {
    let text = b"<<<<<<< HEAD\na\n||||||| parent\n=======\nb\n>>>>>>> branch\n<<<<<<< ours\n>>>>>>> theirs\n";
    assert!(markers(text).is_empty());
}

#[test]
fn a_marker_left_over_is_found() {
    assert_eq!(markers(b"a\n>>>>>>> theirs: v2\n"), [2]);
    assert_eq!(markers(b"<<<<<<< ours: you\na\n=======\n"), [1]);
    assert_eq!(
        markers(b"||||||| base: v1\na\n=======\nb\n>>>>>>> theirs: v2\n"),
        [1, 3, 5]
    );
}

#[test]
fn thousands_of_different_lines_take_no_time() {
    let lines = |word: &str| {
        (0..20_000)
            .map(|n| format!("{word} {n}\n"))
            .collect::<String>()
    };
    let (base, ours, theirs) = (lines("base"), lines("ours"), lines("theirs"));
    let started = std::time::Instant::now();
    assert_eq!(
        conflict(FILE, base.as_bytes(), ours.as_bytes(), theirs.as_bytes()).count(),
        1
    );
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

#[test]
fn a_file_beyond_the_limits_is_left_alone() {
    let lines = "a\n".repeat(100_001);
    let long = "a".repeat(5 << 20);
    for text in [lines, long] {
        let ours = format!("{text}b\n");
        let conflict = conflict(FILE, text.as_bytes(), ours.as_bytes(), b"c\n");
        assert_eq!(*conflict.reason(), Reason::TooLarge);
        assert_eq!(conflict.inline(&LABELS), None);
    }
}
