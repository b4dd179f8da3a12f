use proptest::prelude::*;
use tac_bootstrap::answers::names::Name;

use crate::program::{Scratch, assert_snapshot};

#[test]
fn a_name_is_refused_for_a_reason_that_one_can_act_on() {
    let long = "a".repeat(65);
    let names = [
        "",
        ".",
        "..",
        "a/b",
        "a\\b",
        "a b",
        "a.b",
        "7up",
        "-x",
        "_x",
        "ünï",
        "a\nb",
        "fn",
        "Self",
        "async",
        "test",
        "core",
        "std",
        "alloc",
        "proc_macro",
        "CON",
        "nul",
        "com1",
        "LPT9",
        &long,
    ];
    let told = |name: &&str| {
        let error = Name::try_from(*name).unwrap_err();
        format!("{error}\n")
    };
    assert_snapshot("names-refused", &names.iter().map(told).collect::<String>());
}

#[test]
fn usual_names_are_fine_and_become_titles() {
    for (name, title) in [
        ("demo", "Demo"),
        ("my-agents", "My Agents"),
        ("a", "A"),
        ("agent_hub-2", "Agent Hub 2"),
        ("x--y_", "X Y"),
        ("testing", "Testing"),
        ("com", "Com"),
        ("com10", "Com10"),
        (&"a".repeat(64), &("A".to_owned() + &"a".repeat(63))),
    ] {
        assert_eq!(Name::try_from(name).unwrap().title(), title);
    }
}

#[test]
fn the_last_part_of_a_path_is_the_name() {
    let scratch = Scratch::new();
    scratch.new_project(&["some/dir/my-app"]).succeeds();
    assert_eq!(scratch.read("some/dir/my-app/README.md"), "# My App\n");

    scratch.new_project(&["some/other/"]).succeeds();
    assert_eq!(scratch.read("some/other/README.md"), "# Other\n");
}

#[test]
fn a_dot_stands_for_the_name_of_the_folder() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    assert_eq!(scratch.read("README.md"), "# Work\n");
}

#[test]
fn a_folder_with_a_name_that_will_not_do_takes_another() {
    let scratch = Scratch::new();
    let refused = scratch.new_project(&["2026"]).fails();
    assert!(
        refused.err.contains("`2026` is not a project name"),
        "{}",
        refused.err
    );
    scratch
        .new_project(&["2026", "--name", "agents"])
        .succeeds();
    assert_eq!(scratch.read("2026/README.md"), "# Agents\n");
}

proptest! {
    #[test]
    fn any_text_is_a_name_of_the_grammar_or_is_refused_on_one_line(text in "\\PC{0,80}|[a-z0-9._/\\\\-]{0,70}|.{0,20}") {
        match Name::try_from(text.as_str()) {
            Ok(name) => {
                prop_assert!(name.as_str().len() <= 64);
                prop_assert!(name.as_str().starts_with(|c: char| c.is_ascii_alphabetic()));
                prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
                prop_assert!(!name.title().is_empty());
            }
            Err(error) => {
                prop_assert_eq!(error.what().lines().count(), 1);
                prop_assert!(!error.next_step().is_empty());
            }
        }
    }
}
