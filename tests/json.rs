//! The documents that programs read are those of `docs/json.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::fixture::root;
use crate::program::Scratch;

/// The example of that name in the page.
fn documented(name: &str) -> Value {
    let page = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let start = format!("```json {name}\n");
    let (_, block) = page.split_once(&start).unwrap();
    serde_json::from_str(block.split("```").next().unwrap()).unwrap()
}

/// Every key with the keys above it, `a.b`; a list has the keys of all its items.
fn keys(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| {
                let below = keys(value)
                    .into_iter()
                    .map(move |below| format!("{key}.{below}"));
                below.chain([key.clone()])
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(keys).collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn every_command_prints_the_document_that_is_described() {
    let scratch = Scratch::new();
    for (name, args) in [
        ("new", &["new", "demo"][..]),
        ("error", &["new", "demo"]),
        ("options", &["options"]),
        ("doctor", &["doctor"]),
        ("completions", &["completions", "bash"]),
    ] {
        let ran = scratch.run(&[args, &["--json"]].concat());
        let document: Value = serde_json::from_str(&ran.out).expect(&ran.transcript);
        assert_eq!(keys(&document), keys(&documented(name)), "{name}");
        assert_eq!(ran.err, "", "{name}");
    }
}

#[test]
fn what_looks_at_a_project_prints_the_document_that_is_described() {
    let scratch = Scratch::new();
    scratch.new_project(&[".", "--with", "extra"]).succeeds();
    scratch.write("README.md", "# Mine\n");
    for (name, args) in [
        ("diff", &["diff", "--template", "--templates", "../set"][..]),
        ("diff", &["diff"]),
        ("why", &["why", "README.md:1", "--templates", "../set"]),
        (
            "adopt",
            &[
                "adopt",
                "..",
                "--name",
                "demo",
                "--dry-run",
                "--templates",
                "../set",
            ],
        ),
        ("why", &["why", "docs/usage.md:1"]),
    ] {
        let ran = scratch.run(&[args, &["--json"]].concat()).succeeds();
        let document: Value = serde_json::from_str(&ran.out).expect(&ran.transcript);
        let documented = documented(name);
        let fields = |document: &Value| document.as_object().unwrap().keys().cloned().collect();
        let (here, there): (BTreeSet<String>, BTreeSet<String>) =
            (fields(&document), fields(&documented));
        assert_eq!(here, there, "{name}");
        assert!(keys(&document).is_subset(&keys(&documented)), "{name}");
        assert_eq!(ran.err, "", "{name}");
    }
}

#[test]
fn what_changes_a_project_prints_the_document_that_is_described() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    let copied = Command::new("cp")
        .args(["-r", "../set", "../next"])
        .current_dir(scratch.work())
        .status();
    assert!(copied.unwrap().success());
    scratch.write(
        "../next/files/docs/usage.md",
        "Type `cargo run --release`.\n",
    );
    scratch.write("docs/usage.md", "Type this: `cargo run`.\n");
    scratch.write("docs/mine.md", "Mine.\n");
    let next = ["--templates", "../next"];
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut run = |name, args: &[&str]| {
        let ran = scratch.run(&[args, &["--json"]].concat());
        let document: Value = serde_json::from_str(&ran.out).expect(&ran.transcript);
        assert!(document.get("error").is_none(), "{}", ran.transcript);
        seen.entry(name).or_default().extend(keys(&document));
    };
    run("upgrade", &["add", "extra", "--templates", "../set"]);
    run("upgrade", &["remove", "extra", "--templates", "../set"]);
    run("upgrade", &["set", "port=9000", "--templates", "../set"]);
    run("upgrade", &[&["upgrade", "--dry-run"], &next[..]].concat());
    run("upgrade", &[&["upgrade", "--check"], &next[..]].concat());
    run(
        "upgrade",
        &[&["upgrade", "--conflict", "sidecar"], &next[..]].concat(),
    );
    run("status", &["status"]);
    scratch.write("docs/usage.md.theirs", "Edited.\n");
    run("undo", &["upgrade", "--abort"]);
    run(
        "upgrade",
        &[&["upgrade", "--conflict", "sidecar"], &next[..]].concat(),
    );
    run("resolve", &["resolve"]);
    run("undo-list", &["undo", "--list"]);
    scratch.write(
        ".tac/journal",
        "schema = 1\nrecord = 1\ncommand = \"upgrade\"\nwhen = \"2026-11-21T09:00:00Z\"\nsaved = []\n",
    );
    run("status", &["status"]);
    for (name, keys) in seen {
        assert_eq!(
            without_answers(keys),
            without_answers(self::keys(&documented(name))),
            "{name}"
        );
    }
}

/// Answers are those of the template set.
fn without_answers(mut keys: BTreeSet<String>) -> BTreeSet<String> {
    keys.retain(|key| !key.starts_with("answers."));
    keys
}

#[test]
fn help_and_version_are_text_all_the_same() {
    let scratch = Scratch::new();
    for args in [["--help", "--json"], ["--version", "--json"]] {
        let out = scratch.run(&args).succeeds().out;
        assert!(
            out.contains("tac-bootstrap") && !out.starts_with('{'),
            "{out}"
        );
    }
}
