//! Commands that write nothing, not even a time.

use super::story::Story;

fn upgradable() -> Story {
    let story = Story::new(&[
        ("a.txt", "1\n2\n3\n"),
        ("b.txt", "b\n"),
        ("in/c.txt", "c\n"),
    ]);
    story.write("a.txt", "mine\n2\n3\n");
    story.learns(&[
        ("a.txt", "theirs\n2\n3\n"),
        ("b.txt", "new\n"),
        ("d.txt", "d\n"),
    ]);
    story
}

#[test]
fn a_dry_run_writes_nothing_and_tells_what_the_real_run_does() {
    let story = upgradable();
    let before = story.disk();
    let dry = story.with_set(&["upgrade", "--dry-run"]).exits(2).out;
    let dry_json = story
        .with_set(&["upgrade", "--dry-run", "--json"])
        .exits(2)
        .out;
    assert_eq!(story.disk(), before);
    let real = story.upgrade().exits(2).out;
    let told = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("  "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&dry), told(&real));
    assert!(
        dry.contains("4 files changed, 1 conflict; nothing was written"),
        "{dry}"
    );

    story.run(&["undo"]).exits(0);
    let real = story.with_set(&["upgrade", "--json"]).exits(2).out;
    let files =
        |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap()["files"].clone();
    assert_eq!(files(&dry_json), files(&real));
}

#[test]
fn to_ask_whether_there_is_something_to_upgrade_writes_nothing() {
    let story = upgradable();
    let before = story.disk();
    let ran = story.with_set(&["upgrade", "--check"]).exits(3);
    assert_eq!(ran.out, "an update is available: story 2\n");
    story.with_set(&["upgrade", "--check", "--json"]).exits(3);
    assert_eq!(story.disk(), before);
}

#[test]
fn an_upgrade_with_nothing_to_do_writes_nothing() {
    let files = [("a.txt", "a\n"), ("b.txt", "b\n")];
    let story = Story::new(&files);
    story.write("a.txt", "mine\n");
    story.remove("b.txt");
    let before = story.disk();
    let ran = story.upgrade().exits(0);
    assert_eq!(ran.out, "up to date: story 1\n");
    story.with_set(&["upgrade", "--check"]).exits(0);
    story.with_set(&["upgrade", "--json"]).exits(0);
    assert_eq!(story.disk(), before);
}

#[test]
fn a_second_upgrade_has_nothing_to_do() {
    let story = upgradable();
    story.write("a.txt", "1\n2\n3\nmine\n");
    story.upgrade().exits(0);
    let before = story.disk();
    let ran = story.upgrade().exits(0);
    assert_eq!(ran.out, "up to date: story 2\n");
    assert_eq!(story.disk(), before);
}

#[test]
fn files_that_do_not_change_are_not_written() {
    let files = |text| {
        [
            ("same.txt", "same\n"),
            ("mine.txt", "1\n"),
            ("in/same.txt", "same\n"),
            ("a.txt", text),
        ]
    };
    let story = Story::new(&files("1\n"));
    story.write("mine.txt", "mine\n");
    let before = story.disk();
    story.learns(&files("2\n"));
    story.upgrade().exits(0);
    let after = story.disk();
    for path in [
        "same.txt",
        "mine.txt",
        "in/",
        "in/same.txt",
        ".tac/base/same.txt",
        ".tac/.gitignore",
    ] {
        assert_eq!(after[path], before[path], "{path}");
    }
}

#[test]
fn commands_that_only_look_write_nothing() {
    let story = upgradable();
    story.upgrade().exits(2);
    let before = story.disk();
    story.run(&["status"]).exits(2);
    story.run(&["status", "--json"]).exits(2);
    story.run(&["undo", "--list"]).exits(0);
    story.run(&["resolve"]).exits(1);
    story.upgrade().exits(1);
    assert_eq!(story.disk(), before);
}

#[test]
fn conflicts_that_are_refused_write_nothing() {
    let story = upgradable();
    let before = story.disk();
    let ran = story.with_set(&["upgrade", "--conflict", "fail"]).exits(1);
    let told = "error: 1 file would conflict; nothing was written\n";
    assert!(
        ran.err.starts_with(told) && ran.err.contains("a.txt"),
        "{}",
        ran.err
    );
    assert_eq!(story.disk(), before);
}

#[test]
fn refused_command_lines_write_nothing() {
    let story = upgradable();
    let before = story.disk();
    for args in [
        &["upgrade", "--conflict", "both"][..],
        &["upgrade", "--abort", "--dry-run"],
        &["upgrade", "--check", "--dry-run"],
        &["upgrade", "--set", "port"],
        &["upgrade", "--set", "nothing=1"],
        &["upgrade", "--with", "nothing"],
        &["upgrade", "--templates", "nowhere"],
        &["add"],
        &["add", "nothing", "--templates", "../set"],
        &["set", "name", "--templates", "../set"],
        &["resolve", "b.txt"],
        &["resolve", "../set/set.toml"],
        &["undo", "3"],
        &["upgrade", "--abort"],
        &["undo"],
    ] {
        let ran = story.run(args).exits(1);
        assert!(ran.err.contains("\nhint: "), "{}", ran.transcript);
    }
    let mut after = story.disk();
    // `undo` has to lock the project before it can tell that there is nothing to take back.
    after.remove(".tac/lock");
    let folder = ".tac/";
    after.insert(folder.to_owned(), before[folder].clone());
    assert_eq!(after, before);
}
