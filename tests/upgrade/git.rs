//! What git knows of a project rules nothing but whether edits have to be confirmed.

use std::fs;
use std::process::Command;

use super::story::Story;
use crate::program::{PROGRAM, Ran};

const TEXT: &str = "1\n2\n3\n4\n5\n";
const MINE: &str = "mine\n2\n3\n4\n5\n";
const NEW: &str = "1\n2\n3\n4\nnew\n";
const BOTH: &str = "mine\n2\n3\n4\nnew\n";

/// A committed project of a file that the template is to change.
fn committed(path: &str) -> Story {
    let story = Story::new(&[(path, TEXT), ("other.txt", "other\n")]);
    story.git(&["init", "-q"]);
    commit(&story);
    story.learns(&[(path, NEW), ("other.txt", "other\n")]);
    story
}

fn commit(story: &Story) {
    story.git(&["add", "--all"]);
    story.git(&["commit", "-q", "-m", "all"]);
}

#[track_caller]
fn asks_for_allow_dirty(story: &Story, path: &str) {
    let before = story.disk();
    let ran = story.upgrade().exits(1);
    let told =
        "error: 1 file that is to change holds edits that are not committed; nothing was written";
    assert!(
        ran.err.contains(told) && ran.err.contains(path),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("--allow-dirty"), "{}", ran.err);
    assert_eq!(story.disk(), before);
    allowed(story).exits(0);
    assert_eq!(story.read(path), BOTH);
}

fn allowed(story: &Story) -> Ran {
    story.with_set(&["upgrade", "--allow-dirty"])
}

#[test]
fn edits_that_are_committed_are_merged() {
    let story = committed("a.txt");
    story.write("a.txt", MINE);
    commit(&story);
    story.upgrade().exits(0);
    assert_eq!(story.read("a.txt"), BOTH);
}

#[test]
fn edits_that_are_not_committed_have_to_be_confirmed() {
    let story = committed("a.txt");
    story.write("a.txt", MINE);
    asks_for_allow_dirty(&story, "a.txt");
}

#[test]
fn edits_that_are_staged_are_not_committed() {
    let story = committed("a.txt");
    story.write("a.txt", MINE);
    story.git(&["add", "a.txt"]);
    asks_for_allow_dirty(&story, "a.txt");
}

#[test]
fn an_edited_file_that_git_does_not_track_has_to_be_confirmed() {
    let story = committed("a.txt");
    story.git(&["rm", "-q", "--cached", "a.txt"]);
    story.write("a.txt", MINE);
    asks_for_allow_dirty(&story, "a.txt");
}

#[test]
fn the_dry_run_tells_what_has_to_be_confirmed() {
    let story = committed("a.txt");
    story.write("a.txt", MINE);
    let ran = story.with_set(&["upgrade", "--dry-run"]).exits(0);
    let told = "a.txt holds edits that are not committed: this needs `--allow-dirty`\n";
    assert!(ran.out.contains(told), "{}", ran.out);
}

#[test]
fn edits_elsewhere_do_not_matter() {
    let story = committed("a.txt");
    story.write("other.txt", "mine\n");
    story.write("new.txt", "mine\n");
    story.git(&["add", "new.txt"]);
    story.upgrade().exits(0);
    assert_eq!(story.read("a.txt"), NEW);
    assert_eq!(story.read("other.txt"), "mine\n");
}

#[test]
fn an_ignored_env_file_keeps_its_secret() {
    let story = committed("a.env");
    story.write(".gitignore", "*.env\n");
    story.git(&["rm", "-q", "--cached", "a.env"]);
    commit(&story);
    story.write("a.env", MINE);
    story.upgrade().exits(0);
    assert_eq!(story.read("a.env"), BOTH);
    story.run(&["undo"]).exits(0);
    assert_eq!(story.read("a.env"), MINE);
}

#[test]
fn an_untouched_project_runs_no_git() {
    let story = committed("a.txt");
    story.scratch.shim("git", "touch ../called; exit 1");
    story.upgrade().exits(0);
    story.run(&["status"]).exits(0);
    story.run(&["undo"]).exits(0);
    assert!(!story.has("../called"));
}

#[test]
fn git_that_fails_is_told_and_nothing_is_written() {
    let story = committed("a.txt");
    story.write("a.txt", MINE);
    story
        .scratch
        .shim("git", "echo 'fatal: bad index' >&2; exit 128");
    let before = story.disk();
    let ran = story.upgrade().exits(1);
    let told = "error: ask git what is not committed: bad index; nothing was written\nhint: `--allow-dirty` goes on without asking\n";
    assert_eq!(ran.err, told);
    assert_eq!(story.disk(), before);
    allowed(&story).exits(0);
    assert_eq!(story.read("a.txt"), BOTH);
}

#[test]
fn without_git_nothing_has_to_be_confirmed() {
    let story = committed("a.txt");
    story.write("a.txt", MINE);
    fs::create_dir(story.path("../empty")).unwrap();
    let mut command = Command::new(PROGRAM);
    command
        .args(["upgrade", "--templates", "../set"])
        .current_dir(story.path("."));
    assert!(
        command
            .env("PATH", story.path("../empty"))
            .output()
            .unwrap()
            .status
            .success()
    );
    assert_eq!(story.read("a.txt"), BOTH);
}

#[test]
fn a_project_in_a_folder_of_a_repository_is_asked_for_in_that() {
    let story = Story::new(&[("a.txt", TEXT)]);
    for (name, edited) in [("clean", false), ("dirty", true)] {
        let at = story.path(&format!("../{name}/deep/project"));
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        let copied = Command::new("cp")
            .arg("-r")
            .arg(story.path("."))
            .arg(&at)
            .status();
        assert!(copied.unwrap().success());
        let top = format!("../{name}");
        story.git(&["-C", &top, "init", "-q"]);
        // Of the same name, elsewhere in the repository.
        story.write(&format!("{top}/a.txt"), "elsewhere\n");
        let edit = || fs::write(at.join("a.txt"), MINE).unwrap();
        if !edited {
            edit();
        }
        story.git(&["-C", &top, "add", "--all"]);
        story.git(&["-C", &top, "commit", "-q", "-m", "all"]);
        if edited {
            edit();
        }
        story.write(&format!("{top}/a.txt"), "edited elsewhere\n");
        story.learns(&[("a.txt", NEW)]);
        let mut command = story
            .scratch
            .command(&["upgrade", "--templates", "../../../set"]);
        let code = command.current_dir(&at).output().unwrap().status.code();
        assert_eq!(code, Some(i32::from(edited)), "{name}");
        assert_eq!(
            fs::read_to_string(at.join("a.txt")).unwrap(),
            if edited { MINE } else { BOTH }
        );
    }
}

#[test]
fn a_worktree_and_a_shallow_clone_are_repositories_as_any_other() {
    let story = committed("a.txt");
    story.write("other.txt", "second\n");
    commit(&story);
    story.git(&["worktree", "add", "-q", "../worktree"]);
    let origin = format!("file://{}", story.path(".").display());
    story.git(&["clone", "-q", "--depth", "1", &origin, "../shallow"]);
    for place in ["../worktree", "../shallow"] {
        let upgrade = || {
            let mut command = story.scratch.command(&["upgrade", "--templates", "../set"]);
            command
                .current_dir(story.path(place))
                .output()
                .unwrap()
                .status
                .code()
        };
        story.write(&format!("{place}/a.txt"), MINE);
        assert_eq!(upgrade(), Some(1), "{place}");
        story.git(&["-C", place, "add", "--all"]);
        story.git(&["-C", place, "commit", "-q", "-m", "mine"]);
        assert_eq!(upgrade(), Some(0), "{place}");
        assert_eq!(story.read(&format!("{place}/a.txt")), BOTH);
    }
}

#[test]
fn a_repository_without_a_commit_has_committed_nothing() {
    let story = Story::new(&[("a.txt", TEXT)]);
    story.git(&["init", "-q"]);
    story.write("a.txt", MINE);
    story.learns(&[("a.txt", NEW)]);
    asks_for_allow_dirty(&story, "a.txt");
}

#[test]
fn names_that_git_would_take_for_patterns_are_names() {
    for path in [
        "[a].txt",
        ":(top)b.txt",
        "-n.txt",
        "*.txt",
        "w\u{f6}rter und mehr.txt",
    ] {
        let story = committed(path);
        story.write(path, MINE);
        asks_for_allow_dirty(&story, path);
    }
}

#[test]
fn a_repository_that_the_environment_names_is_not_asked() {
    let story = committed("a.txt");
    story.write("a.txt", MINE);
    let mut command = story.scratch.command(&["upgrade", "--templates", "../set"]);
    command
        .env("GIT_DIR", "/nowhere")
        .env("GIT_INDEX_FILE", "/nowhere");
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert_eq!(story.read("a.txt"), MINE);
}

#[test]
fn what_gits_attributes_would_convert_is_compared_byte_by_byte() {
    let story = Story::new(&[
        ("a.txt", "$Id$\n2\n3\n"),
        (".gitattributes", "*.txt ident text eol=crlf\n"),
    ]);
    story.git(&["init", "-q"]);
    commit(&story);
    story.remove("a.txt");
    story.git(&["checkout", "-q", "--", "a.txt"]);
    let checked_out = story.read("a.txt");
    assert!(checked_out.ends_with("$\r\n2\r\n3\r\n"), "{checked_out:?}");
    story.learns(&[
        ("a.txt", "$Id$\n2\nnew\n"),
        (".gitattributes", "*.txt ident text eol=crlf\n"),
    ]);
    story.upgrade().exits(0);
    assert_eq!(story.read("a.txt"), checked_out.replace("\n3\r", "\nnew\r"));
}
