//! What the documents show is true.

use std::fs;

use crate::fixture::root;
use crate::program::Scratch;

#[test]
fn the_example_template_set_makes_a_project() {
    let page = fs::read_to_string(root().join("docs/templates.md")).unwrap();
    let scratch = Scratch::new();
    let mut written = 0;
    for block in page.split("```").skip(1).step_by(2) {
        let (_, block) = block.split_once('\n').unwrap();
        let name = block
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "));
        let Some(name) = name.filter(|name| *name == "set.toml" || name.starts_with("files/"))
        else {
            continue;
        };
        let (_, text) = block.split_once('\n').unwrap();
        scratch.write(&format!("greeting/{name}"), text);
        written += 1;
    }
    assert_eq!(written, 3);

    scratch
        .run(&[
            "new",
            "hello",
            "--yes",
            "--vcs",
            "none",
            "--templates",
            "greeting",
        ])
        .succeeds();
    assert_eq!(
        scratch.read("hello/README.md"),
        "# Hello\n\nSee docs/.\n\nIt says hello.\n"
    );
    assert_eq!(scratch.read("hello/docs/index.md"), "Welcome.\n");
    let without = [
        "new",
        "brief",
        "--yes",
        "--vcs",
        "none",
        "--templates",
        "greeting",
        "--without",
        "docs",
    ];
    scratch.run(&without).succeeds();
    assert_eq!(
        scratch.read("brief/README.md"),
        "# Brief\n\nIt says hello.\n"
    );
}
