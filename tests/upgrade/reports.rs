//! What the commands print, as a person and as a program reads it.

use super::story::Story;
use crate::program::assert_snapshot;

const ONCE: &str = "[files.\"README.md\"]\npolicy = \"once\"\n[files.\"moved/to.txt\"]\nmoved_from = \"moved.txt\"\n";
const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n";

/// A project in which everything happens at once.
fn eventful() -> Story {
    let story = Story::of_set(
        "[files.\"README.md\"]\npolicy = \"once\"\n",
        &[
            ("README.md", "# Read\n"),
            ("conflict.txt", LINES),
            ("deleted.txt", "1\n"),
            ("dropped.txt", "1\n"),
            ("image.png", "\0base"),
            ("merged.txt", LINES),
            ("moved.txt", LINES),
            ("src/named.txt", LINES),
            ("stale.txt", "1\n"),
            ("updated.txt", "1\n"),
        ],
    );
    story.write("conflict.txt", LINES.replace('4', "mine"));
    story.remove("deleted.txt");
    story.write("image.png", "\0mine");
    story.write("merged.txt", LINES.replace('1', "mine"));
    story.write("moved.txt", LINES.replace('1', "mine"));
    story.write("src/mine.txt", LINES.replace('1', "mine"));
    story.remove("src/named.txt");
    story.write("stale.txt", "mine\n");
    let theirs = LINES.replace('7', "theirs");
    story.learns_set(
        ONCE,
        &[
            ("README.md", "# Read me\n"),
            ("conflict.txt", &LINES.replace('4', "theirs")),
            ("created.txt", "1\n"),
            ("deleted.txt", "2\n"),
            ("image.png", "\0theirs"),
            ("merged.txt", &theirs),
            ("moved/to.txt", &theirs),
            ("src/named.txt", &theirs),
            ("updated.txt", "2\n"),
        ],
    );
    story
}

#[test]
fn an_upgrade_tells_what_becomes_of_each_file() {
    let story = eventful();
    let dry = story.with_set(&["upgrade", "--dry-run"]).exits(2);
    assert_snapshot("upgrade-dry-run", &dry.transcript);
    let json = story.with_set(&["upgrade", "--dry-run", "--json"]).exits(2);
    assert_snapshot("upgrade-dry-run-json", &json.transcript);
    assert_snapshot("upgrade-conflicts", &story.upgrade().exits(2).transcript);
    assert_snapshot("upgrade-refused", &story.upgrade().exits(1).transcript);
    assert_snapshot("status", &story.run(&["status"]).exits(2).transcript);
    assert_snapshot(
        "status-json",
        &story.run(&["status", "--json"]).exits(2).transcript,
    );
}

#[test]
fn what_can_be_taken_back_is_listed() {
    let story = eventful();
    story
        .with_set(&["upgrade", "--conflict", "sidecar"])
        .exits(2);
    story.run(&["resolve"]).exits(0);
    assert_snapshot(
        "undo-list",
        &story.run(&["undo", "--list"]).exits(0).transcript,
    );
    assert_snapshot(
        "undo-list-json",
        &story.run(&["undo", "--list", "--json"]).exits(0).transcript,
    );
    story.run(&["undo"]).exits(0);
    story.write("updated.txt", "edited\n");
    assert_snapshot("undo", &story.run(&["undo"]).exits(0).transcript);
}
