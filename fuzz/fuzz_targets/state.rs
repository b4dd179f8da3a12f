//! `.tac/tac.toml`, whatever is in it, is read or refused; what was read is written to be read again.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tac_bootstrap::project::{State, tac_folder};
use tac_bootstrap::tree::{RelPath, Tree};

/// Lines by their numbers, the known ones first.
#[derive(Debug, Arbitrary)]
struct Input<'a> {
    lines: Vec<&'a str>,
    text: &'a [u8],
}

const LINES: &[&str] = &[
    "schema = 1",
    "schema = 2",
    "tool = \"0.2.0\"",
    "options = [\"docs\"]",
    "kept = [\"README.md\"]",
    "kept = [\"../README.md\"]",
    "stale = [\"old.rs\"]",
    "[templates]",
    "name = \"orchestrator\"",
    "version = \"0.1.0\"",
    "digest = \"00\"",
    "[answers]",
    "port = 8000",
    "commands = { test = [\"just\"], \"type-check\" = [] }",
    "when = 2026-11-21T09:00:00Z",
    "[conflicts]",
    "\"a.rs\" = \"markers\"",
    "\"b.rs\" = { beside = \"b.rs.theirs\" }",
    "\"b.rs\" = { beside = \".git/config\" }",
    "[files]",
    "\"a.rs\" = { sha256 = \"00\", mode = \"644\", policy = \"merge\" }",
    "\"b.rs\" = { sha256 = \"00\", mode = \"755\", policy = \"once\" }",
    "\"c\" = { sha256 = \"00\", mode = \"link\", policy = \"own\" }",
    "\"/etc/passwd\" = { sha256 = \"00\", mode = \"644\", policy = \"merge\" }",
    "\".tac/tac.toml\" = { sha256 = \"00\", mode = \"644\", policy = \"merge\" }",
    "\"a\\u0000b\" = { sha256 = \"00\", mode = \"644\", policy = \"merge\" }",
];

fuzz_target!(|input: Input| {
    let lines: Vec<&str> = LINES.iter().copied().chain(input.lines).collect();
    let chosen = input
        .text
        .iter()
        .map(|number| lines[usize::from(*number) % lines.len()]);
    let text = chosen.collect::<Vec<_>>().join("\n");
    let Ok(state) = State::parse("tac.toml", &text) else {
        return;
    };
    let again = State::parse("tac.toml", &state.to_toml()).expect("what was written is read");
    assert_eq!(again, state);
    let paths = state.files.keys().chain(&state.kept);
    assert!(!paths.into_iter().any(RelPath::is_reserved));
    let mut files = tac_folder(&state, &Tree::new()).into_keys();
    assert!(files.all(|path| path.as_str().starts_with(".tac/")));
});
