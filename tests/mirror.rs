//! The mirror over small trees: what becomes a template, and what it refuses.

use tac_bootstrap::Result;
use tac_bootstrap::mirror::{Config, mirror, without_markers};
use tac_bootstrap::render::{Choices, render};
use tac_bootstrap::templates::TemplateSet;
use tac_bootstrap::tree::{File, Tree};

use crate::fixture::{message, path, text, tree};

const CONFIG: &str = r#"
name = "small"
version = "1"
seams = ["seam.rs"]
[answers.title]
type = "string"
help = "the title"
[answers.port]
type = "integer"
help = "the port"
[options.docs]
description = "documents"
[reference]
title = "Reference Backend"
port = 8437
[[substitution]]
answer = "title"
files = { "README.md" = TITLES }
[[substitution]]
answer = "port"
pattern = "localhost:@/"
files = { "README.md" = PORTS }
"#;

const README: &str = "# Reference Backend\n\nhttp://localhost:8437/ and http://localhost:8437/x\n";
const SEAM: &str = "mod a;\n    // tac:if docs\n    mod docs;\n    // tac:end\nmod z;\n";

fn small() -> Tree {
    tree(&[
        ("README.md", README),
        ("seam.rs", SEAM),
        ("Cargo.toml", "[package]\n"),
        (".gitignore", "/target\n"),
    ])
}

/// The configuration of the small tree, with other numbers of hits.
pub fn config(titles: usize, ports: usize) -> Config {
    let text = CONFIG
        .replace("TITLES", &titles.to_string())
        .replace("PORTS", &ports.to_string());
    Config::parse(&text).unwrap()
}

fn mirrored(reference: &Tree) -> Result<Tree> {
    mirror(&config(1, 2), reference)
}

fn with(name: &str, contents: impl Into<String>) -> Tree {
    let mut reference = small();
    reference.insert(path(name), File::text(contents));
    reference
}

/// What the mirror says to the small tree with this file in it.
fn refusal(name: &str, contents: impl Into<String>) -> String {
    message(&mirrored(&with(name, contents)).unwrap_err())
}

#[test]
fn every_file_that_is_refused_is_named() {
    let mut reference = with("a", "Reference Backend");
    reference.insert(path("b"), File::text("# tac:end"));
    let error = mirrored(&reference).unwrap_err();
    assert_eq!(error.what(), "2 files of the reference cannot be mirrored");
    assert!(error.places()[0].starts_with("mirror a, line 1: "));
    assert!(error.places()[1].starts_with("mirror b, line 1: "));
}

pub fn rendered(set: &Tree, title: &str, port: i64, options: &[&str]) -> Tree {
    let answers = [
        ("title".to_owned(), title.into()),
        ("port".to_owned(), port.into()),
    ]
    .into();
    let options = options.iter().map(ToString::to_string).collect();
    render(
        &TemplateSet::new(set).unwrap(),
        &Choices { answers, options },
    )
    .unwrap()
}

#[test]
fn only_what_an_answer_or_a_marker_changes_becomes_a_template() {
    let set = mirrored(&small()).unwrap();
    let names: Vec<&str> = set
        .keys()
        .map(tac_bootstrap::tree::RelPath::as_str)
        .collect();
    assert_eq!(
        names,
        [
            "files/Cargo.toml.tera",
            "files/README.md.tera",
            "files/dot_gitignore",
            "files/seam.rs.tera",
            "set.toml"
        ]
    );
    assert_eq!(
        text(&set, "files/seam.rs.tera"),
        "mod a;\n<% if options.docs %>    mod docs;\n<% endif %>mod z;\n"
    );
}

#[test]
fn other_choices_render_another_project() {
    let set = mirrored(&small()).unwrap();
    let project = rendered(&set, "My Agents", 9000, &[]);
    assert_eq!(
        text(&project, "README.md"),
        "# My Agents\n\nhttp://localhost:9000/ and http://localhost:9000/x\n"
    );
    assert_eq!(text(&project, "seam.rs"), "mod a;\nmod z;\n");
    let project = rendered(&set, "My Agents", 9000, &["docs"]);
    assert_eq!(text(&project, "seam.rs"), "mod a;\n    mod docs;\nmod z;\n");
}

#[test]
fn executable_files_are_listed_and_stay_executable() {
    let mut reference = small();
    reference.insert(
        path("run"),
        File::Regular {
            bytes: b"#!/bin/sh\n".to_vec(),
            executable: true,
        },
    );
    let mut set = mirrored(&reference).unwrap();
    assert!(text(&set, "set.toml").contains("[files.run]\nmode = \"755\"\n"));
    // A compiled program carries no modes.
    set.insert(path("files/run"), File::text("#!/bin/sh\n"));
    assert_eq!(rendered(&set, "t", 1, &["docs"])["run"], reference["run"]);
}

#[test]
fn a_hit_that_is_new_or_gone_is_refused_until_it_is_listed() {
    assert_eq!(
        refusal("b/c.md", "one\nReference Backend\n"),
        "mirror b/c.md, line 2: the answer `title` occurs where mirror.toml does not list it; \
         list the file and the number of hits under a [[substitution]], or do not mention the answer there"
    );
    assert_eq!(
        refusal("README.md", "# Reference Backend\nhttp://localhost:8437/\n"),
        "mirror README.md: `localhost:8437/` occurs 1 times, and mirror.toml lists 2; \
         an answer that comes or goes is to be seen by a person: correct the number"
    );
    assert!(
        refusal("README.md", README.repeat(2)).contains("occurs 2 times, and mirror.toml lists 1")
    );
    assert!(
        refusal("main.rs", "const A: &str = \"Reference Backend\";\n")
            .starts_with("mirror main.rs, line 1:")
    );
}

#[test]
fn an_answer_never_enters_rust_code() {
    let mut config = config(1, 2);
    config.substitutions[0].files.insert(path("main.rs"), 1);
    let mut reference = small();
    reference.insert(
        path("main.rs"),
        File::text("const A: &str = \"Reference Backend\";\n"),
    );
    let error = mirror(&config, &reference).unwrap_err();
    assert_eq!(
        error.what(),
        "mirror.toml: `main.rs`, listed for `title`, is Rust code, and an answer never enters that"
    );
}

#[test]
fn an_answer_that_is_empty_cannot_be_looked_for() {
    let mut config = config(1, 2);
    config.reference.insert("title".into(), "".into());
    let error = mirror(&config, &small()).unwrap_err();
    assert_eq!(
        error.what(),
        "mirror.toml: the reference's answer `title` is empty, so it cannot be found"
    );
}

#[test]
fn wrong_markers_are_refused_with_their_line() {
    for (seam, expected) in [
        (
            "// tac:if docs\n// tac:if docs\n// tac:end\n",
            "line 2: `tac:if` inside `tac:if`",
        ),
        ("a\n// tac:if docs\n", "line 2: `tac:if` without `tac:end`"),
        ("# tac:end\n", "line 1: `tac:end` without `tac:if`"),
        (
            "// tac:iff docs\n",
            "line 1: a marker is `tac:if OPTION` or `tac:end`",
        ),
        (
            "// tac:if docs or ci\n",
            "line 1: a marker is `tac:if OPTION` or `tac:end`",
        ),
        (
            "// tac:if dosc\n// tac:end\n",
            "a marker asks for the option `dosc`, which mirror.toml does not know",
        ),
        (
            "fn main() {}\n",
            "mirror.toml lists it as a seam, but it has no markers",
        ),
    ] {
        let refusal = refusal("seam.rs", seam);
        assert!(refusal.contains(expected), "{seam:?}: {refusal}");
    }
}

#[test]
fn a_marker_outside_the_seams_is_refused() {
    for comment in [
        "// tac:if docs",
        "  # tac:end",
        "-- tac:if docs",
        "<!-- tac:if docs -->",
    ] {
        assert_eq!(
            refusal("other.rs", format!("a\n{comment}\nb\n")),
            "mirror other.rs, line 2: a marker outside the seams; \
             list the file under `seams` in mirror.toml, or make the lines a file of their own"
        );
    }
    assert!(
        refusal("README.md", format!("{README}<!-- tac:end -->\n"))
            .contains("`tac:end` without `tac:if`")
    );
    assert!(
        refusal("Cargo.toml", "# tac:if docs\n# tac:end\n").contains("does not list it as a seam")
    );
}

#[test]
fn links_are_refused() {
    let mut reference = small();
    reference.insert(
        path("link"),
        File::Link {
            target: "README.md".into(),
        },
    );
    assert!(message(&mirrored(&reference).unwrap_err()).starts_with("mirror link: it is a link"));
}

#[test]
fn markers_of_every_comment_syntax_and_line_ending_are_whole_lines() {
    let text = "a\r\n# tac:if docs\r\nb\r\n-- tac:end\r\n<!-- tac:if docs -->\nc // tac:if docs\n//tac:end";
    assert_eq!(
        without_markers("f", text).unwrap(),
        "a\r\nb\r\nc // tac:if docs\n"
    );
}
