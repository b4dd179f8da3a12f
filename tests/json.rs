//! The documents that programs read are those of `docs/json.md`.

use std::collections::BTreeSet;
use std::fs;

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
