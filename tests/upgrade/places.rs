//! Where a project lies, where the user stands in it, and what its files are called.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;

use super::story::Story;
use crate::mount::Mount;

/// The output of a command in a folder, which must succeed.
fn run_in(story: &Story, folder: &Path, args: &[&str]) -> String {
    let output = story
        .scratch
        .command(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn commands_work_from_anywhere_in_a_project() {
    let story = Story::new(&[("a.txt", "1\n"), ("deep/in/b.txt", "b\n")]);
    story.learns(&[("a.txt", "2\n"), ("deep/in/b.txt", "b\n"), ("c.txt", "c\n")]);
    let folder = story.path("deep/in");
    run_in(&story, &folder, &["upgrade", "--templates", "../../../set"]);
    assert_eq!(story.read("a.txt"), "2\n");
    assert_eq!(story.read("c.txt"), "c\n");
    run_in(&story, &folder, &["undo"]);
    assert_eq!(story.read("a.txt"), "1\n");
    let status = run_in(&story, &folder, &["status"]);
    assert!(
        status.contains("2 files are as they were generated"),
        "{status}"
    );
}

#[test]
fn a_project_that_is_reached_through_a_link_is_a_project() {
    let story = Story::new(&[("a.txt", "1\n"), ("in/b.bin", "\0b")]);
    story.write("in/b.bin", "\0mine");
    story.link("../link", "work");
    story.learns(&[("a.txt", "2\n"), ("in/b.bin", "\0new")]);
    let through = |folder: &str, args: &[&str]| {
        let mut command = story.scratch.command(args);
        let folder = story.path(folder);
        command
            .env("PWD", &folder)
            .current_dir(folder)
            .output()
            .unwrap()
            .status
            .code()
    };
    assert_eq!(
        through("../link", &["upgrade", "--templates", "../set"]),
        Some(2)
    );
    assert_eq!(story.read("a.txt"), "2\n");
    let named = story.path("../link/in/b.bin");
    assert_eq!(
        through("../link/in", &["resolve", named.to_str().unwrap()]),
        Some(0)
    );
    assert!(!story.has("in/b.bin.theirs"));
}

#[test]
fn a_project_in_a_project_is_one_of_its_own() {
    let story = Story::new(&[("a.txt", "1\n"), ("in/b.txt", "b\n")]);
    fs::create_dir(story.path("in/inner")).unwrap();
    run_in(
        &story,
        &story.path("in/inner"),
        &["new", ".", "--vcs", "none", "--templates", "../../../set"],
    );
    story.learns(&[("a.txt", "2\n"), ("in/b.txt", "b\n")]);
    run_in(
        &story,
        &story.path("in/inner"),
        &["upgrade", "--templates", "../../../set"],
    );
    assert_eq!(story.read("in/inner/a.txt"), "2\n");
    assert_eq!(story.read("a.txt"), "1\n");
}

#[test]
fn a_project_that_may_only_be_read_can_be_looked_at() {
    let story = Story::new(&[("a.txt", "1\n")]);
    story.learns(&[("a.txt", "2\n")]);
    let work = story.path(".").canonicalize().unwrap();
    let _mount = Mount::new(&["--bind", work.to_str().unwrap()], work.clone());
    let remount = Command::new("mount")
        .args(["-o", "remount,bind,ro"])
        .arg(&work)
        .status();
    assert!(remount.unwrap().success());
    story.run(&["status"]).exits(0);
    story.with_set(&["upgrade", "--dry-run"]).exits(0);
    story.with_set(&["upgrade", "--check"]).exits(3);
    let ran = story.upgrade().exits(1);
    assert!(
        ran.err.contains("Read-only file system") && ran.err.contains("\nhint: "),
        "{}",
        ran.err
    );
    assert_eq!(story.read("a.txt"), "1\n");
}

#[test]
fn names_that_mean_something_to_a_tool_mean_nothing_here() {
    let names = [
        " spaces  in it ",
        "-rf",
        "--help",
        "$(touch x)",
        "'quoted\"",
        "#comment = 1",
        "a = [b]",
        "w\u{f6}rter \u{1f980}",
        "con",
        "dot__env",
        "x.theirs",
        "deep/Cargo.toml",
        "deep/dot_gitignore",
        "deep/\u{202e}txt",
    ];
    let files = |text: &'static str| names.map(|name| (name, text));
    let story = Story::new(&files("1\n2\n3\n"));
    let made: Vec<String> = story
        .project()
        .into_keys()
        .filter(|path| !path.ends_with('/'))
        .collect();
    assert_eq!(made.len(), names.len());
    for path in &made {
        story.write(path, "mine\n2\n3\n");
    }
    story.learns(&files("1\n2\nnew\n"));
    story.upgrade().exits(0);
    for path in &made {
        assert_eq!(story.read(path), "mine\n2\nnew\n", "{path}");
    }
    story.run(&["undo"]).exits(0);
    for path in &made {
        assert_eq!(story.read(path), "mine\n2\n3\n", "{path}");
    }
}

#[test]
fn files_of_the_users_own_may_be_called_as_they_like() {
    let story = Story::new(&[("in/a.txt", "1\n"), ("in/b.txt", "b\n")]);
    let name = std::ffi::OsStr::from_bytes(b"in/f\xfcr");
    fs::write(story.path("in").parent().unwrap().join(name), "mine").unwrap();
    story.write("in/two\nlines", "mine\n");
    story.write("in/back\\slash", "mine\n");
    story.remove("in/b.txt");
    story.learns(&[("in/a.txt", "2\n"), ("in/b.txt", "new\n")]);
    story.run(&["status"]).exits(0);
    story.upgrade().exits(0);
    assert_eq!(story.read("in/a.txt"), "2\n");
    story.run(&["undo"]).exits(0);
    assert_eq!(story.read("in/two\nlines"), "mine\n");
}

#[test]
fn a_set_cannot_write_where_nothing_of_a_project_belongs() {
    for path in [
        ".git/config",
        ".tac/tac.toml",
        "in/.git/hooks/pre-commit",
        ".TAC/lock",
    ] {
        let story = Story::new(&[("a.txt", "1\n")]);
        story.learns(&[("a.txt", "1\n"), (path, "hostile\n")]);
        let before = story.disk();
        let ran = story.upgrade().exits(1);
        assert!(
            ran.err.contains("a template set cannot write"),
            "{}",
            ran.err
        );
        assert_eq!(story.disk(), before);
    }
}

#[test]
fn links_of_a_set_that_lead_out_of_the_project_are_refused() {
    for target in ["/etc/passwd", "../outside", "in/../../outside"] {
        let story = Story::new(&[("a.txt", "1\n")]);
        story.learns(&[("a.txt", "2\n")]);
        story.link("../set/files/link", target);
        let before = story.disk();
        story.upgrade().exits(1);
        assert_eq!(story.disk(), before);
    }
}
