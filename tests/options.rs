//! `tac-bootstrap options`: what each option adds.

use tac_bootstrap::commands::options::{Offer, run, text};
use tac_bootstrap::templates::TemplateSet;

use crate::fixture::set;

const MANIFEST: &str = r#"
[answers.title]
type = "string"
help = "The title"
[options.docs]
description = "Documents"
default = true
paths = ["docs/**"]
[options.extra]
description = "One line more"
[files."Cargo.lock"]
lock_of = "Cargo.toml"
"#;

fn offers() -> Vec<Offer> {
    let cargo_toml =
        "[package]\nname = \"p\"\n[dependencies]\n<% if options.docs %>a = \"1\"\n<% endif %>";
    let lock = "\
        [[package]]\nname = \"a\"\nversion = \"1.2.3\"\ndependencies = [\n \"b\",\n]\n\n\
        [[package]]\nname = \"b\"\nversion = \"2.0.0\"\n\n\
        [[package]]\nname = \"p\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n]\n";
    let files = [
        ("Cargo.toml.tera", cargo_toml),
        ("Cargo.lock", lock),
        ("docs/a", "1\n2\n"),
        ("docs/b", "1"),
        (
            "README.md.tera",
            "<@ answers.title @>\n<% if options.extra %>extra\n<% endif %>",
        ),
    ];
    run(&set(MANIFEST, &files).unwrap()).unwrap()
}

#[test]
fn each_option_tells_the_files_lines_and_packages_that_it_adds() {
    let expected =
        |name: &str, description: &str, default, files: &[&str], lines, packages: &[&str]| Offer {
            name: name.into(),
            description: description.into(),
            default,
            files: files.iter().map(ToString::to_string).collect(),
            lines,
            dependencies: packages.iter().map(ToString::to_string).collect(),
        };
    assert_eq!(
        offers(),
        [
            expected(
                "docs",
                "Documents",
                true,
                &["docs/a", "docs/b"],
                4,
                &["a 1.2.3", "b 2.0.0"]
            ),
            expected("extra", "One line more", false, &[], 1, &[]),
        ]
    );
}

#[test]
fn a_person_reads_them_as_text() {
    insta::assert_snapshot!(text(&offers()), @"
    docs (on by default)
        Documents
        adds 2 files, 4 lines, 2 dependencies

    extra (off by default)
        One line more
        adds 1 line

    `new --with a,b --without c` chooses.
    ");
}

#[test]
fn answers_that_only_a_person_can_give_are_not_needed() {
    let manifest = r#"
        [answers.team]
        type = "string"
        pattern = "[A-Z]{3}"
        help = "Three capitals"
        [options.notes]
        description = "Notes"
        paths = ["notes"]
    "#;
    let files = [("notes", "1\n"), ("a.tera", "<@ answers.team @>")];
    let offers = run(&set(manifest, &files).unwrap()).unwrap();
    assert_eq!(offers[0].lines, 1);
}

#[test]
fn the_built_in_options_add_what_their_names_promise() {
    let offers = run(&TemplateSet::embedded().unwrap()).unwrap();
    let by_name = |name: &str| offers.iter().find(|offer| offer.name == name).unwrap();
    assert!(
        by_name("dashboard").default
            && by_name("dashboard")
                .dependencies
                .iter()
                .any(|package| package.starts_with("flate2 "))
    );
    assert!(by_name("docs").default && by_name("docs").dependencies.is_empty());
    assert!(by_name("ci").default && by_name("ci").dependencies.is_empty());
    assert_eq!(
        by_name("ci").files,
        [".github/workflows/orchestrator-web.yml"]
    );
    assert!(!by_name("systemd").default && by_name("systemd").lines > 50);
}
