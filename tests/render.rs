//! Rendering small template sets.

use std::collections::BTreeSet;

use tac_bootstrap::Result;
use tac_bootstrap::render::{Choices, render};
use tac_bootstrap::tree::{RelPath, Tree};
use toml::Value;

use crate::fixture::{message, set, text};

const MANIFEST: &str = r#"
[answers.title]
type = "string"
help = "What people call the project"
[answers.name]
type = "string"
pattern = "[a-z]+"
default = "small"
help = "Lower-case letters"
[answers.port]
type = "integer"
default = 80
help = "A port"
[answers.commands]
type = "table"
default = { type-check = ["cargo", "check"] }
help = "Commands"
[options.with-docs]
description = "Documents"
paths = ["docs/**", "*/notes.md"]
"#;

const FILES: [(&str, &str); 4] = [
    ("dot_gitignore", "/target\n"),
    ("docs/a/b.md", "text\n"),
    ("src/notes.md", "notes\n"),
    (
        "README.md.tera",
        "<@ answers.title @><% if options.with_docs %> with docs<% endif %>\n",
    ),
];

fn choices(answers: &[(&str, Value)], options: &[&str]) -> Choices {
    Choices {
        answers: answers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        options: options.iter().map(ToString::to_string).collect(),
    }
}

fn titled(options: &[&str]) -> Choices {
    choices(&[("title", "T".into())], options)
}

/// What the template, as the only file, renders to.
fn rendered(template: &str, choices: &Choices) -> Result<Tree> {
    let files = FILES
        .into_iter()
        .filter(|(name, _)| !name.starts_with("README"));
    render(
        &set(
            MANIFEST,
            &files.chain([("out.tera", template)]).collect::<Vec<_>>(),
        )?,
        choices,
    )
}

fn refusal(template: &str, choices: &Choices) -> String {
    message(&rendered(template, choices).unwrap_err())
}

#[test]
fn an_options_files_and_lines_exist_only_with_it() {
    let set = set(MANIFEST, &FILES).unwrap();
    let with = render(&set, &titled(&["with-docs"])).unwrap();
    let names: Vec<&str> = with.keys().map(RelPath::as_str).collect();
    assert_eq!(
        names,
        [".gitignore", "README.md", "docs/a/b.md", "src/notes.md"]
    );
    assert_eq!(text(&with, "README.md"), "T with docs\n");

    let without = render(&set, &titled(&[])).unwrap();
    let names: Vec<&str> = without.keys().map(RelPath::as_str).collect();
    assert_eq!(names, [".gitignore", "README.md"]);
    assert_eq!(text(&without, "README.md"), "T\n");
}

#[test]
fn a_hyphen_in_a_name_is_an_underscore_in_templates() {
    let tree = rendered("<@ answers.commands.type_check | toml @>", &titled(&[])).unwrap();
    assert_eq!(text(&tree, "out"), "[\"cargo\", \"check\"]");
}

#[test]
fn unknown_names_are_errors_even_where_they_would_count_as_false() {
    for (template, expected) in [
        (
            "<% if options.dosc %>x<% endif %>",
            "`dosc` is no option of the template set; one of: with_docs",
        ),
        (
            "<% if answers.titel == \"a\" %>x<% endif %>",
            "`titel` is no answer of the template set; one of: commands, name, port, title",
        ),
        (
            "<% if options %>x<% endif %>",
            "`` is no option of the template set; one of: with_docs",
        ),
        (
            "<@ \"@>\" ~ answers.titel @>",
            "`titel` is no answer of the template set; one of: commands, name, port, title",
        ),
        (
            "<% if answers.commands.nope %>x<% endif %>",
            "`nope` is no key of the answer `commands`; one of: build, format, lint, start, test, type_check",
        ),
        (
            "<% if answers.commands [\"nope\"] %>x<% endif %>",
            "`answers.commands […` looks a key of a table up; write it with a dot: `answers.commands.KEY`",
        ),
        (
            "<% if answers.title.nope %>x<% endif %>",
            "`nope` is no key of the answer `title`; there is none",
        ),
        (
            "<% if options.with_docs.nope %>x<% endif %>",
            "`nope` is no part of an option; there is none",
        ),
    ] {
        assert_eq!(
            refusal(template, &titled(&[])),
            format!("read the template out.tera: {expected}")
        );
    }
    assert_eq!(
        refusal("<% if docs %>x<% endif %>", &titled(&[])),
        "read the template out.tera: nothing is called `docs`; a template knows `answers.NAME` and `options.NAME`"
    );
}

#[test]
fn what_is_a_string_a_comment_or_raw_is_no_mention() {
    for (template, expected) in [
        ("<@ \"my answers\" @>", "my answers"),
        (
            "<@ 'options.nope \\'' ~ `answers` @>",
            "options.nope 'answers",
        ),
        ("a<~ answers.nope, <@ options @> ~>b", "ab"),
        (
            "<% raw %><@ answers.nope @><% endraw %>",
            "<@ answers.nope @>",
        ),
        (
            "answers.nope <% if options.with_docs %><% endif %>",
            "answers.nope ",
        ),
    ] {
        let tree = rendered(template, &titled(&[])).unwrap();
        assert_eq!(text(&tree, "out"), expected);
    }
}

#[test]
fn choices_that_the_set_does_not_know_or_that_do_not_fit_are_errors() {
    let refusal =
        |answers: &[(&str, Value)], options: &[&str]| refusal("", &choices(answers, options));
    assert_eq!(
        refusal(&[], &[]),
        "answer `title` is missing; What people call the project"
    );
    assert_eq!(
        refusal(&[("colour", "red".into())], &[]),
        "`colour` is no answer of the template set; one of: commands, name, port, title"
    );
    assert_eq!(
        refusal(&[], &["teams"]),
        "`teams` is no option of the template set; one of: with-docs"
    );
    assert_eq!(
        refusal(&[("port", "80".into()), ("title", "T".into())], &[]),
        "answer `port` must be an integer; A port"
    );
    assert_eq!(
        refusal(&[("name", "two\nlines".into()), ("title", "T".into())], &[]),
        "answer `name` is \"two\\nlines\", which does not match `[a-z]+`; Lower-case letters"
    );
}

#[test]
fn a_template_that_cannot_be_parsed_or_rendered_is_named_with_its_line() {
    let refusal = |template| refusal(template, &titled(&[]));
    assert!(refusal("a\nb <% if options.with_docs %>\n").starts_with("render out.tera, line 3: "));
    assert_eq!(
        refusal("a\n<@ answers.title | upcase @>"),
        "render out.tera, line 2: Unknown filter `upcase`; docs/templates.md tells the template language, and how `<%` is written as text"
    );
    assert!(
        refusal("<@ answers.commands | yaml @>").contains("a table cannot be written with `yaml`")
    );
}

#[test]
fn templates_in_files_that_are_copied_stay_as_they_are() {
    let hostile = "<@ answers.title @> {{ title }} <% if %>";
    let set = set("", &[("view.html", hostile)]).unwrap();
    assert_eq!(
        text(&render(&set, &Choices::default()).unwrap(), "view.html"),
        hostile
    );
}

#[test]
fn a_lock_file_keeps_what_the_manifest_reaches() {
    let manifest = r#"
[options.docs]
description = "Documents"
lock_edges = ["shared -> extra"]
[files."Cargo.lock"]
lock_of = "Cargo.toml"
"#;
    let cargo_toml = "[package]\nname = \"p\"\n[dependencies]\nshared = \"1\"\n<% if options.docs %>page = { package = \"docs\", version = \"1\" }\n<% endif %>[target.'cfg(unix)'.dev-dependencies]\nold = \"1\"\n";
    let package = |name: &str, version: &str, needs: &[&str]| {
        let needs: Vec<String> = needs.iter().map(|need| format!(" {need:?},\n")).collect();
        let needs = if needs.is_empty() {
            String::new()
        } else {
            format!("dependencies = [\n{}]\n", needs.concat())
        };
        format!("\n[[package]]\nname = {name:?}\nversion = {version:?}\n{needs}")
    };
    let head = "# Generated.\nversion = 4\n".to_owned();
    let full = [
        package("docs", "1.0.0", &["twice 2.0.0"]),
        package("extra", "1.0.0", &[]),
        package("old", "1.0.0", &["twice 1.0.0"]),
        package("p", "0.1.0", &["docs", "old", "shared"]),
        package("shared", "1.0.0", &["extra"]),
        package("twice", "1.0.0", &[]),
        package("twice", "2.0.0", &[]),
    ];
    let pruned = [
        package("old", "1.0.0", &["twice"]),
        package("p", "0.1.0", &["old", "shared"]),
        package("shared", "1.0.0", &[]),
        package("twice", "1.0.0", &[]),
    ];
    let full = head.clone() + &full.concat();
    let set = set(
        manifest,
        &[("Cargo.toml.tera", cargo_toml), ("Cargo.lock", &full)],
    )
    .unwrap();
    let lock = |options: &[&str]| {
        text(&render(&set, &choices(&[], options)).unwrap(), "Cargo.lock").to_owned()
    };
    assert_eq!(lock(&["docs"]), full);
    assert_eq!(lock(&[]), head + &pruned.concat());
}

#[test]
fn a_lock_file_or_manifest_that_cargo_could_not_read_is_an_error() {
    let refusal = |cargo_toml: &str, lock: &str| {
        let manifest = "[files.\"Cargo.lock\"]\nlock_of = \"Cargo.toml\"\n";
        let files = [("Cargo.toml.tera", cargo_toml), ("Cargo.lock", lock)];
        message(&render(&set(manifest, &files).unwrap(), &Choices::default()).unwrap_err())
    };
    let package = "[package]\nname = \"p\"\n";
    assert_eq!(
        refusal("", "[[package]]\n"),
        "render Cargo.lock: the manifest names no package; `lock_of` in set.toml pairs a Cargo.lock that cargo wrote with its package's Cargo.toml"
    );
    assert!(
        refusal(package, "").starts_with("render Cargo.lock: the lock file lists no packages; ")
    );
    assert!(refusal("=", "").starts_with("render Cargo.lock: read the manifest: "));
    assert!(refusal(package, "=").starts_with("render Cargo.lock: read the lock file: "));
}

#[test]
fn a_file_of_two_options_needs_both() {
    let manifest = "[options.a]\ndescription = \"\"\npaths = [\"x/**\"]\n[options.b]\ndescription = \"\"\npaths = [\"x/y\"]\n";
    let set = set(manifest, &[("x/y", ""), ("x/z", "")]).unwrap();
    let names = |options: &[&str]| -> BTreeSet<String> {
        render(&set, &choices(&[], options))
            .unwrap()
            .keys()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(names(&["a", "b"]), ["x/y".into(), "x/z".into()].into());
    assert_eq!(names(&["a"]), ["x/z".into()].into());
    assert_eq!(names(&["b"]), [].into());
}
