//! `why`: whose a file or a line is, and where it comes from.

use std::fs;

use serde_json::Value;

use crate::program::{Scratch, assert_snapshot};

const LIST: &str = "\
one
<% if options.extra %>
extra
<% endif %>
port <@ answers.port @>
three
four
";

/// A project with every kind of file, made from the set in `../set`.
fn project() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("../set/files/notes/list.txt.tera", LIST);
    scratch.write("../set/files/notes/logo.bin", "a\0b");
    scratch.write(".gitignore", "mine\n");
    scratch
        .new_project(&[".", "--with", "extra", "--port", "9000"])
        .succeeds();
    scratch
}

fn transcript(scratch: &Scratch, places: &[&str]) -> String {
    let run = |place: &&str| scratch.run(&["why", place, "--templates", "../set"]);
    places.iter().map(|place| run(place).transcript).collect()
}

#[test]
fn of_a_generated_file_it_tells_template_version_options_and_answers() {
    let scratch = project();
    let places = [
        "notes/list.txt",
        "orchestrator_web/extra/notes.md",
        "README.md",
        "docs/usage.md",
        "notes/logo.bin",
    ];
    assert_snapshot("why-files", &transcript(&scratch, &places));
}

#[test]
fn of_a_line_it_tells_which_option_brings_it_and_which_answer_it_follows() {
    let scratch = project();
    let list = scratch.read("notes/list.txt");
    assert_eq!(list, "one\n\nextra\n\nport 9000\nthree\nfour\n");
    scratch.write(
        "notes/list.txt",
        "mine\none\n\nextra\n\nport 9000\nthird\r\nfour\r\n",
    );
    let places = (1..=8).map(|line| format!("notes/list.txt:{line}"));
    let places: Vec<String> = places.collect();
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    assert_snapshot("why-lines", &transcript(&scratch, &places));
}

#[test]
fn what_is_not_generated_is_told_too() {
    let scratch = project();
    scratch.write("mine.txt", "mine\n");
    scratch.write("odd:3", "mine\n");
    fs::remove_file(scratch.work().join("docs/usage.md")).unwrap();
    let places = [
        "mine.txt",
        "mine.txt:1",
        "odd:3",
        ".gitignore",
        ".gitignore:1",
        ".tac/tac.toml",
        "docs/usage.md",
    ];
    assert_snapshot("why-mine", &transcript(&scratch, &places));
}

#[test]
fn a_place_that_is_none_is_refused() {
    let scratch = project();
    let places = [
        "nothing.txt",
        "notes",
        ".",
        "..",
        "../set/set.toml",
        "README.md:0",
        "README.md:2",
        "README.md:99999999999999999999",
        "notes/logo.bin:1",
        "nothing.txt:1",
        "",
    ];
    let text = transcript(&scratch, &places);
    assert_eq!(text.matches("(exit code 1)").count(), places.len());
    assert_snapshot("why-refused", &text);
}

#[test]
fn a_column_that_a_compiler_adds_does_no_harm() {
    let scratch = project();
    let ran = scratch.run(&["why", "README.md:1:5"]).succeeds();
    assert!(
        ran.out.starts_with("README.md:1 is generated"),
        "{}",
        ran.out
    );
}

#[test]
fn what_an_upgrade_leaves_is_told() {
    let scratch = project();
    scratch.write("notes/list.txt", "one\n\nextra\n\nport 1\nthree\nfour\n");
    scratch.write("notes/logo.bin", "a\0mine");
    scratch.write("docs/usage.md", "mine\n");
    let changed = LIST.replace("port <@", "the port <@");
    scratch.write("../set/files/notes/list.txt.tera", &changed);
    scratch.write("../set/files/notes/logo.bin", "a\0theirs");
    fs::remove_file(scratch.work().join("../set/files/docs/usage.md")).unwrap();
    let upgrade = ["upgrade", "--allow-dirty", "--templates", "../set"];
    let ran = scratch.run(&upgrade);
    assert_eq!(ran.code, Some(2), "{}", ran.transcript);
    let places = [
        "notes/list.txt",
        "notes/list.txt:5",
        "notes/list.txt:6",
        "notes/logo.bin",
        "notes/logo.bin.theirs",
        "docs/usage.md",
    ];
    assert_snapshot("why-conflicts", &transcript(&scratch, &places));
}

#[test]
fn the_set_that_a_project_was_made_from_is_named_or_carried() {
    let scratch = project();
    let mut told = scratch.run(&["why", "README.md"]).succeeds().transcript;
    scratch.write("../set/files/docs/usage.md", "changed\n");
    let ran = scratch.run(&["why", "README.md", "--templates", "../set"]);
    told += &ran.fails().transcript;
    assert_snapshot("why-other-set", &told);
}

#[test]
fn the_version_is_the_first_released_one_that_has_it() {
    let scratch = Scratch::new();
    scratch.run(&["new", ".", "--yes"]).succeeds();
    let since = |place: &str| {
        let out = scratch.run(&["why", place, "--json"]).succeeds().out;
        let document: Value = serde_json::from_str(&out).unwrap();
        document["since"].as_str().unwrap().to_owned()
    };
    assert_eq!(since("orchestrator_web/src/app.rs"), "0.1.0");
    assert_eq!(since("orchestrator_web/migrations/0006_costs.sql"), "0.2.0");
    let tests = scratch.read("orchestrator_web/tests/it/main.rs");
    let number = |line: &str| 1 + tests.lines().position(|found| found == line).unwrap();
    let place = |line| format!("orchestrator_web/tests/it/main.rs:{}", number(line));
    assert_eq!(since(&place("mod agents;")), "0.1.0");
    assert_eq!(since(&place("mod costs;")), "0.2.0");
}
