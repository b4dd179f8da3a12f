use std::ffi::OsStr;
use std::fs;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;

use crate::program::{Ran, Scratch, assert_snapshot};

/// What a person saw of an error.
#[track_caller]
fn one_line_and_a_hint(ran: Ran) -> String {
    let ran = ran.fails();
    let lines: Vec<&str> = ran.err.lines().collect();
    let is_told =
        lines.len() == 2 && lines[0].starts_with("error: ") && lines[1].starts_with("hint: ");
    assert!(is_told, "{}", ran.transcript);
    ran.transcript
}

#[test]
fn every_mistake_on_the_command_line_is_one_line_and_a_hint() {
    let scratch = Scratch::new();
    scratch.write("file", "");
    scratch.write("latin1", "");
    scratch.write("table.toml", "[name]\nx = 3\n");
    fs::write(scratch.work().join("latin1"), b"title = \"\xe9\"").unwrap();
    let mistakes: [&[&str]; 28] = [
        &[],
        &["nwe"],
        &["new"],
        &["new", ""],
        &["new", ".."],
        &["new", "/"],
        &["new", "a b"],
        &["new", "demo", "--titel", "x"],
        &["new", "demo", "--port", "0"],
        &["new", "demo", "--port", "http"],
        &["new", "demo", "--language", "cobol"],
        &["new", "demo", "--framework", "gin", "--language", "java"],
        &["new", "demo", "--title", ""],
        &["new", "demo", "--name", "a b"],
        &["new", "demo", "--with", "docs,tests"],
        &["new", "demo", "--with", "docs", "--without", "docs"],
        &["new", "demo", "--answers", "missing.toml"],
        &["new", "demo", "--answers", "latin1"],
        &["new", "demo", "--run", "--dry-run"],
        &["new", "demo", "--templates", "missing"],
        &["new", "file/demo"],
        &["new", "file"],
        &["new", "missing/../demo"],
        &["completions", "tcsh"],
        &["doc"],
        &["frobnicate"],
        &["new", "nl\nx/missing/../demo"],
        &["new", "demo", "--answers", "table.toml"],
    ];
    let told = |args: &&[&str]| one_line_and_a_hint(scratch.run(args));
    assert_snapshot("mistakes", &mistakes.iter().map(told).collect::<String>());
    assert_eq!(scratch.listing(), ["file", "latin1", "table.toml"]);
}

#[test]
fn a_mistake_is_a_document_for_programs() {
    let scratch = Scratch::new();
    for args in [
        &["new", "a b", "--json"][..],
        &["new", "--json"],
        &["nwe", "--json"],
    ] {
        let ran = scratch.run(args).fails();
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert!(
            document["error"]["message"].is_string() && document["error"]["hint"].is_string(),
            "{}",
            ran.out
        );
        assert_eq!(ran.err, "");
    }
}

#[test]
fn every_mistake_in_a_template_set_is_one_line_and_a_hint() {
    const HEAD: &str = "name = \"s\"\nversion = \"1\"\n";
    let mut told = String::new();
    for (manifest, name, text) in [
        ("", "a", ""),
        ("[answers", "a", ""),
        ("hooks = 1", "a", ""),
        ("[options.o]\ndescription = \"\"\npaths = [\"b\"]", "a", ""),
        (
            "[options.o]\ndescription = \"\"\nlock_edges = [\"b\"]",
            "a",
            "",
        ),
        ("[answers.a]\nhelp = \"\"\ntype = \"table\"", "a", ""),
        (
            "[answers.a]\nhelp = \"\"\ntype = \"string\"\npattern = \"(\"",
            "a",
            "",
        ),
        ("[answers.own]\nhelp = \"\"\ntype = \"string\"", "a", ""),
        ("", "a.tera", "<% if %>"),
        ("", "a.tera", "<@ 1 | upcase @>"),
        ("", "a.tera", "<@ nothing @>"),
        ("", "a.tera", "<@ throw(message=\"two\\nlines\") @>"),
        ("", "dot_git/config", ""),
        ("[files.a]\nlock_of = \"b\"", "a", ""),
    ] {
        let scratch = Scratch::new();
        let head = if manifest.is_empty() && text.is_empty() && name == "a" {
            ""
        } else {
            HEAD
        };
        scratch.write("own/set.toml", &format!("{head}{manifest}\n"));
        scratch.write(&format!("own/files/{name}"), text);
        told += &one_line_and_a_hint(scratch.run(&["new", "demo", "--templates", "own"]));
    }
    assert_snapshot("mistakes-in-sets", &told);
}

#[test]
fn what_cannot_be_a_file_of_a_set_is_refused() {
    let scratch = Scratch::new();
    let files = scratch.work().join("../set/files");
    let new = ["new", "demo", "--templates", "../set"];
    let socket = UnixListener::bind(files.join("socket")).unwrap();
    assert!(one_line_and_a_hint(scratch.run(&new)).contains("neither a file, a folder nor a link"));
    drop(socket);
    fs::remove_file(files.join("socket")).unwrap();
    fs::write(files.join(OsStr::from_bytes(b"\xff\n")), "").unwrap();
    assert!(one_line_and_a_hint(scratch.run(&new)).contains("the path is not UTF-8"));
    assert_eq!(scratch.listing(), [""; 0]);
}

#[test]
fn output_that_cannot_be_written_is_an_error_with_a_hint() {
    let scratch = Scratch::new();
    let mut options = scratch.command(&["options", "--templates", "../set"]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = options.stdout(full).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(
        err.starts_with("error: write to standard output: No space left"),
        "{err}"
    );
    assert!(
        err.contains("\nhint: ") && err.lines().count() == 2,
        "{err}"
    );
}
