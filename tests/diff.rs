//! `diff`: what the user has made of the generated files, and what the templates would.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::program::{Scratch, assert_snapshot};

/// A project whose generated files are edited in every way.
fn edited() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("../set/files/notes/list.txt", &numbered());
    scratch.write("../set/files/notes/logo.bin", "a\0b");
    symlink("list.txt", scratch.work().join("../set/files/notes/link")).unwrap();
    scratch.new_project(&["."]).succeeds();
    let list = numbered().replace("line 3\n", "");
    let list = list.replace("line 20\n", "line 20\n\tmine \u{1b}[2J\n");
    scratch.write("notes/list.txt", list.trim_end());
    scratch.write("notes/logo.bin", "a\0bc");
    scratch.write("README.md", "# Mine\n");
    let start = scratch.work().join("orchestrator_web/start.sh");
    fs::set_permissions(start, fs::Permissions::from_mode(0o600)).unwrap();
    let link = scratch.work().join("notes/link");
    fs::remove_file(&link).unwrap();
    symlink("logo.bin", link).unwrap();
    fs::remove_file(scratch.work().join("docs/usage.md")).unwrap();
    fs::remove_file(scratch.work().join(".gitignore")).unwrap();
    fs::create_dir(scratch.work().join(".gitignore")).unwrap();
    scratch
}

fn numbered() -> String {
    (1..=30).map(|number| format!("line {number}\n")).collect()
}

#[test]
fn my_edits_are_shown_and_what_lines_cannot_show_is_told() {
    let scratch = edited();
    assert_snapshot("diff", &scratch.run(&["diff"]).succeeds().transcript);
}

#[test]
fn an_untouched_project_has_no_difference() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    let ran = scratch.run(&["diff"]).succeeds();
    assert_eq!(ran.out, "everything is as it was generated\n");
    let ran = scratch.run(&["diff", "--template", "--templates", "../set"]);
    assert_eq!(ran.succeeds().out, "the templates change nothing\n");
}

#[test]
fn git_takes_the_edits_back_by_what_is_shown() {
    let scratch = Scratch::new();
    scratch.write("../set/files/list.txt", &numbered());
    scratch.write("../set/files/empty.txt", "");
    scratch.write("../set/files/unended.txt", "a\nb");
    scratch.new_project(&["."]).succeeds();
    scratch.write(
        "list.txt",
        &numbered()
            .replace("line 1\n", "")
            .replace("15", "fifteen\nmore"),
    );
    scratch.write("empty.txt", "mine\n");
    scratch.write("unended.txt", "a\nb\nc\n");
    let out = scratch.run(&["diff"]).succeeds().out;
    scratch.write("my.diff", &out);
    let mut git = Command::new("git");
    let git = git.args(["apply", "--reverse", "my.diff"]);
    let git = git.current_dir(scratch.work()).stderr(Stdio::inherit());
    assert!(git.status().unwrap().success(), "{out}");
    assert_eq!(scratch.read("list.txt"), numbered());
    assert_eq!(scratch.read("empty.txt"), "");
    assert_eq!(scratch.read("unended.txt"), "a\nb");
}

#[test]
fn files_and_folders_narrow_it() {
    let scratch = edited();
    let shown = |args: &[&str]| {
        let out = scratch
            .run(&[&["diff", "--json"], args].concat())
            .succeeds()
            .out;
        let document: Value = serde_json::from_str(&out).unwrap();
        let files = document["files"].as_array().unwrap();
        let paths = files.iter().map(|file| file["path"].as_str().unwrap());
        paths.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(shown(&["README.md"]), ["README.md"]);
    let notes = ["notes/link", "notes/list.txt", "notes/logo.bin"];
    assert_eq!(shown(&["notes", "notes/link"]), notes);
    assert_eq!(shown(&["orchestrator_web/Cargo.toml"]), [""; 0]);
    assert_eq!(shown(&["."]).len(), 7);
    let in_folder = scratch.work().join("notes");
    let mut there = scratch.command(&["diff", "list.txt"]);
    let output = there.current_dir(in_folder).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("--- a/notes/list.txt\n"));
}

#[test]
fn what_is_not_generated_cannot_be_compared() {
    let scratch = Scratch::new();
    scratch.write("README.md", "mine\n");
    scratch.new_project(&["."]).succeeds();
    scratch.write("mine.txt", "mine\n");
    let mut told = String::new();
    for name in ["mine.txt", "README.md", "none", "../set/set.toml", "/"] {
        told += &scratch.run(&["diff", name]).fails().transcript;
    }
    fs::remove_file(scratch.work().join(".tac/base/docs/usage.md")).unwrap();
    told += &scratch.run(&["diff"]).succeeds().transcript;
    let alone = scratch.run(&["diff", "--templates", "../set"]).fails();
    told += &alone.transcript;
    assert_snapshot("diff-refused", &told);
}

#[test]
fn the_templates_changes_are_shown_whatever_the_user_has_edited() {
    let scratch = Scratch::new();
    scratch.write(".gitignore", "mine\n");
    scratch.new_project(&["."]).succeeds();
    scratch.write("orchestrator_web/Cargo.toml", "mine\n");
    scratch.write("../set/files/dot_gitignore", "/data\n/more\n");
    scratch.write("../set/files/new.txt", "one\ntwo\n");
    fs::remove_file(scratch.work().join("../set/files/docs/usage.md")).unwrap();
    let cargo = "../set/files/orchestrator_web/Cargo.toml.tera";
    let text = scratch.read(cargo).replace("2024", "2027");
    scratch.write(cargo, &text);
    let before = scratch.listing();
    let ran = scratch.run(&["diff", "--template", "--templates", "../set"]);
    assert_snapshot("diff-template", &ran.succeeds().transcript);
    assert_eq!(scratch.listing(), before);
}

#[test]
fn colours_are_for_terminals() {
    let scratch = edited();
    let mut command = scratch.command(&["diff", "notes/list.txt"]);
    let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\u{1b}[31m-line 3\u{1b}[0m\n"), "{text:?}");
    assert!(
        text.contains("\u{1b}[32m+\tmine \\u{1b}[2J\u{1b}[0m\n"),
        "{text:?}"
    );
}
