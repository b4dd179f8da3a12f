//! Rust, with regard to lists.

use tac_bootstrap::merge::{Reason, Side, parses};

use super::{LABELS, clean, conflict, conflicting, path};

const FILE: &str = "src/app.rs";

/// Both add after `at`: ours these lines, theirs those.
fn both_add(base: &str, at: &str, ours: &str, theirs: &str) -> String {
    let add = |lines: &str| base.replacen(at, &format!("{at}{lines}"), 1);
    clean(FILE, base, &add(ours), &add(theirs))
}

fn both_add_in_vain(base: &str, at: &str, ours: &str, theirs: &str) -> String {
    let add = |lines: &str| base.replacen(at, &format!("{at}{lines}"), 1);
    conflicting(FILE, base, &add(ours), &add(theirs))
}

#[test]
fn uses_and_modules_of_both_sides_are_sorted_in() {
    let base = "mod agents;\nmod events;\n\nuse axum::Router;\nuse tokio::time;\n\nfn main() {}\n";
    let merged = both_add(
        base,
        "mod agents;\n",
        "mod db;\n",
        "mod apps;\npub mod config;\n",
    );
    assert!(
        merged.starts_with("mod agents;\nmod apps;\npub mod config;\nmod db;\nmod events;\n"),
        "{merged}"
    );
    let merged = both_add(
        base,
        "use axum::Router;\n",
        "use serde::{\n    Deserialize, Serialize,\n};\n",
        "use rusqlite::Row;\n",
    );
    let uses = "use axum::Router;\nuse rusqlite::Row;\nuse serde::{\n    Deserialize, Serialize,\n};\nuse tokio::time;\n";
    assert!(merged.contains(uses), "{merged}");
}

#[test]
fn what_is_not_sorted_has_ours_first() {
    let base = "mod z;\nmod a;\n\nfn main() {}\n";
    let merged = both_add(base, "mod z;\n", "mod mine;\n", "mod b;\n");
    assert!(
        merged.starts_with("mod z;\nmod mine;\nmod b;\nmod a;\n"),
        "{merged}"
    );
}

#[test]
fn the_same_addition_is_there_once() {
    let base = "mod a;\nmod z;\n";
    let merged = both_add(
        base,
        "mod a;\n",
        "mod b;\nmod mine;\n",
        "mod b;\nmod new;\n",
    );
    assert_eq!(merged, "mod a;\nmod b;\nmod mine;\nmod new;\nmod z;\n");
}

#[test]
fn routes_of_both_sides_are_there() {
    let base = "fn app() -> Router {\n    Router::new()\n        .route(\"/\", get(root))\n        .with_state(state)\n}\n";
    let merged = both_add(
        base,
        "get(root))\n",
        "        .route(\n            \"/mine\",\n            get(mine).post(make_mine),\n        )\n",
        "        .routes(routes!(list, create))\n",
    );
    insta::assert_snapshot!(merged, @r#"
    fn app() -> Router {
        Router::new()
            .route("/", get(root))
            .route(
                "/mine",
                get(mine).post(make_mine),
            )
            .routes(routes!(list, create))
            .with_state(state)
    }
    "#);
    let text = both_add_in_vain(
        base,
        "get(root))\n",
        "        .route(\"/x\", get(mine))\n",
        "        .route(\"/x\", get(theirs))\n",
    );
    assert!(text.contains("<<<<<<<"), "{text}");
}

#[test]
fn match_arms_of_both_sides_are_there() {
    let base = "fn run(command: Command) {\n    match command {\n        Command::New => new(),\n        _ => help(),\n    }\n}\n";
    let merged = both_add(
        base,
        "=> new(),\n",
        "        // Mine.\n        Command::Mine { name } if name.is_empty() => {\n            let x = 1;\n            mine(x);\n        }\n",
        "        Command::Upgrade(from) => upgrade(from),\n",
    );
    insta::assert_snapshot!(merged, @"
    fn run(command: Command) {
        match command {
            Command::New => new(),
            // Mine.
            Command::Mine { name } if name.is_empty() => {
                let x = 1;
                mine(x);
            }
            Command::Upgrade(from) => upgrade(from),
            _ => help(),
        }
    }
    ");
}

#[test]
fn fields_variants_and_elements_of_both_sides_are_there() {
    let base = "struct State {\n    db: Db,\n}\n\nenum Event {\n    Made,\n}\n\nconst ALL: [&str; 1] = [\n    \"a\",\n];\n";
    for (at, ours, theirs) in [
        (
            "    db: Db,\n",
            "    /// Mine.\n    pub(crate) mine: Vec<u8>,\n",
            "    #[serde(default)]\n    bell: Bell<A, B>,\n",
        ),
        ("    Made,\n", "    Mine(u8),\n", "    Gone { at: u8 },\n"),
        ("    \"a\",\n", "    \"mine\",\n", "    \"new\",\n"),
    ] {
        let merged = both_add(base, at, ours, theirs);
        assert!(merged.contains(ours) && merged.contains(theirs), "{merged}");
    }
}

#[test]
fn two_things_of_one_name_are_a_conflict() {
    let base = "struct State {\n    db: Db,\n}\n\nfn f(x: u8) {\n    match x {\n        1 => a(),\n        _ => b(),\n    }\n}\n";
    for (at, ours, theirs) in [
        ("    db: Db,\n", "    size: u8,\n", "    size: u16,\n"),
        (
            "1 => a(),\n",
            "        2 => c(),\n",
            "        2 => {\n            d();\n        }\n",
        ),
    ] {
        let text = both_add_in_vain(base, at, ours, theirs);
        assert!(text.contains(ours) && text.contains(theirs), "{text}");
    }
}

#[test]
fn statements_and_arguments_are_no_list() {
    let base = "fn f() {\n    start();\n    call(\n        a,\n    );\n}\n";
    for (at, ours, theirs) in [
        ("    start();\n", "    mine();\n", "    theirs();\n"),
        ("        a,\n", "        mine,\n", "        new,\n"),
        (
            "    start();\n",
            "    use a::b;\n    b();\n",
            "    use c::d;\n",
        ),
    ] {
        let text = both_add_in_vain(base, at, ours, theirs);
        assert!(text.contains("<<<<<<<"), "{text}");
    }
}

#[test]
fn what_looks_like_a_list_in_a_string_is_a_conflict() {
    let base = "const HELP: &str = \"\nmod a;\nmod z;\n\";\n";
    let text = both_add_in_vain(base, "mod a;\n", "mod mine;\n", "mod new;\n");
    assert!(text.contains("<<<<<<<"), "{text}");
}

#[test]
fn a_conflict_elsewhere_in_the_file_stays_alone() {
    let base = "mod a;\nmod z;\n\nfn f() {\n    one();\n}\n";
    let ours = "mod a;\nmod mine;\nmod z;\n\nfn f() {\n    mine();\n}\n";
    let theirs = "mod a;\nmod new;\nmod z;\n\nfn f() {\n    new();\n}\n";
    let conflict = conflict(FILE, base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    assert_eq!(conflict.count(), 1);
    let favoured = conflict.favouring(Side::Theirs).unwrap();
    assert_eq!(
        String::from_utf8(favoured).unwrap(),
        "mod a;\nmod mine;\nmod new;\nmod z;\n\nfn f() {\n    new();\n}\n"
    );
}

/// The user has put all of it into a comment, which a string of theirs ends.
const COMMENTED_OUT: [&str; 3] = [
    "fn f() {\n    a();\n    b();\n    c();\n}\n",
    "/*\nfn f() {\n    a();\n    b();\n    c();\n}\n*/\n",
    "fn f() {\n    a(\"*/\");\n    b();\n    c();\n}\n",
];

#[test]
fn text_that_merges_and_no_longer_parses_is_a_conflict() {
    let [base, ours, theirs] = COMMENTED_OUT.map(str::as_bytes);
    let conflict = conflict(FILE, base, ours, theirs);
    assert!(
        matches!(conflict.reason(), Reason::NoLongerParses(message) if !message.is_empty()),
        "{conflict:?}"
    );
    assert_eq!(conflict.count(), 1);
    assert_eq!(conflict.inline(&LABELS), None);
    assert_eq!(conflict.favouring(Side::Theirs), None);
}

#[test]
fn a_decision_that_would_not_parse_is_not_offered() {
    let [base, ours, theirs] = COMMENTED_OUT;
    let ours = ours.replace("c()", "mine()");
    let theirs = theirs.replace("c()", "new()");
    let conflict = conflict(FILE, base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    assert_eq!(*conflict.reason(), Reason::SameLines);
    assert_eq!(conflict.favouring(Side::Ours), None);
    assert!(conflict.inline(&LABELS).is_some());
}

#[test]
fn a_file_that_did_not_parse_before_merges_as_text() {
    let base = "fn f( {\nb\nc\n}\n";
    assert_eq!(
        clean(FILE, base, "fn f( {\nB\nc\n}\n", "fn f( {\nb\nc\n}\n\n"),
        "fn f( {\nB\nc\n}\n\n"
    );
}

#[test]
fn what_parses_is_known_by_the_name() {
    let parses =
        |name: &str, text: &str| parses(&path(name), text.as_bytes()).map(|result| result.is_ok());
    assert_eq!(parses("a.rs", "\u{feff}fn f() {}"), Some(true));
    assert_eq!(parses("a.rs", "#!/usr/bin/env x\nfn f() {}"), Some(true));
    assert_eq!(parses("a.rs", "fn f() {"), Some(false));
    assert_eq!(parses("a.toml", "\u{feff}a = 1"), Some(true));
    assert_eq!(parses("a.toml", "a = 1\na = 2"), Some(false));
    assert_eq!(parses("a.json", "{\"a\": [1]}"), Some(true));
    assert_eq!(parses("a.json", "{\"a\": [1,]}"), Some(false));
    assert_eq!(parses("a.md", "{"), None);
    assert_eq!(parses("Makefile", "{"), None);
}

#[test]
fn a_text_nested_without_end_is_refused_and_harms_nobody() {
    let parses = |text: &str| parses(&path("a.rs"), text.as_bytes()).unwrap();
    for (head, opening, middle, closing, tail) in [
        ("const A: u8 = ", "(", "1", ")", ";"),
        ("fn f() ", "{", "", "}", ""),
        ("type A = ", "&", "u8", "", ";"),
        ("type A = ", "A<", "u8", ">", ";"),
        ("use ", "a::", "b", "", ";"),
        ("const A: u8 = ", "|| ", "1", "", ";"),
        ("const A: u8 = ", "return ", "1", "", ";"),
        ("const A: u8 = a", ".b()", "", "", ";"),
        ("const A: u8 = a", "()", "", "", ";"),
    ] {
        let nested = |depth| {
            let (opening, closing) = (opening.repeat(depth), closing.repeat(depth));
            format!("{head}{opening}{middle}{closing}{tail}")
        };
        assert_eq!(parses(&nested(480)), Ok(()), "{opening}");
        assert_eq!(
            parses(&nested(50_000)),
            Err("nested too deeply to be read".to_owned()),
            "{opening}"
        );
    }
    let calls = "    f(a.b, &c::D);\n    if a { b() } else { c() }\n".repeat(10_000);
    assert_eq!(parses(&format!("fn f() {{\n{calls}}}\n")), Ok(()));
}
