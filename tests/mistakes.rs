use std::fs;

use crate::program::{Scratch, assert_snapshot};

#[test]
fn every_mistake_on_the_command_line_is_one_line_and_a_hint() {
    let scratch = Scratch::new();
    scratch.write("file", "");
    scratch.write("latin1", "");
    fs::write(scratch.work().join("latin1"), b"title = \"\xe9\"").unwrap();
    let mistakes: [&[&str]; 24] = [
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
    ];
    let told = |args: &&[&str]| {
        let ran = scratch.run(args).fails();
        assert!(
            ran.err.starts_with("error: ") && ran.err.lines().count() == 2,
            "{}",
            ran.transcript
        );
        ran.transcript
    };
    assert_snapshot("mistakes", &mistakes.iter().map(told).collect::<String>());
    assert_eq!(scratch.listing(), ["file", "latin1"]);
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
