//! What a template set may ask for: some of the answers that the program knows, with defaults of its own.

use tac_bootstrap::answers::ask::Defaults;
use tac_bootstrap::answers::given::Given;
use tac_bootstrap::answers::{self, names::Name};
use tac_bootstrap::render::{Choices, render};
use toml::Value;

use crate::fixture::{message, set};

/// The choices that an answers file makes with a set of these `[answers.KEY]`, each `type` and `default`.
fn choose(asked: &[(&str, &str)], given: &str) -> Choices {
    let set = set(&manifest(asked), &[("a", "")]).unwrap();
    let given = Given::from_toml("answers.toml", given).unwrap();
    let name = Name::try_from("demo").unwrap();
    let choices = answers::resolve(&name, &given, &set, &mut Defaults).unwrap();
    render(&set, &choices).unwrap();
    choices
}

fn manifest(asked: &[(&str, &str)]) -> String {
    let answer = |(key, says): &(&str, &str)| format!("[answers.{key}]\nhelp = \"\"\n{says}\n");
    asked.iter().map(answer).collect()
}

#[test]
fn a_set_may_ask_for_any_one_of_them_alone() {
    for (key, kind) in [
        ("title", "string"),
        ("language", "string"),
        ("framework", "string"),
        ("package_manager", "string"),
        ("commands", "table"),
        ("cors_origins", "list"),
        ("ui_port", "integer"),
    ] {
        let choices = choose(&[(key, &format!("type = \"{kind}\""))], "");
        assert!(choices.answers.keys().eq([key]), "{choices:?}");
    }
    let given = "framework = \"fastapi\"";
    let asked = [
        ("framework", "type = \"string\""),
        ("commands", "type = \"table\""),
    ];
    let choices = choose(&asked, given);
    assert_eq!(choices.answers["commands"]["build"][0], "uv".into());
}

#[test]
fn a_sets_default_comes_before_what_would_follow() {
    let asked = [
        ("title", "type = \"string\"\ndefault = \"Hub\""),
        ("port", "type = \"integer\"\ndefault = 9000"),
        ("language", "type = \"string\"\ndefault = \"python\""),
        ("framework", "type = \"string\"\ndefault = \"django\""),
        ("package_manager", "type = \"string\"\ndefault = \"poetry\""),
        (
            "cors_origins",
            "type = \"list\"\ndefault = [\"http://a.example\"]",
        ),
        (
            "commands",
            "type = \"table\"\ndefault = { lint = [\"make\"] }",
        ),
        (
            "limits",
            "type = \"table\"\ndefault = { low = 1, high = 2 }",
        ),
    ];
    let answers = choose(&asked, "").answers;
    for (key, expected) in [
        ("title", "Hub".into()),
        ("port", 9000.into()),
        ("framework", "django".into()),
        ("package_manager", "poetry".into()),
        ("cors_origins", Value::from(vec!["http://a.example"])),
    ] {
        assert_eq!(answers[key], expected);
    }
    assert_eq!(answers["commands"]["lint"], vec!["make"].into());
    assert_eq!(answers["commands"]["build"], vec!["poetry", "build"].into());

    let given = "package_manager = \"uv\"\n[commands]\nlint = [\"x\"]\n[limits]\nhigh = 3";
    let answers = choose(&asked, given).answers;
    assert_eq!(answers["framework"], "django".into());
    assert_eq!(answers["commands"]["lint"], vec!["x"].into());
    assert_eq!(answers["commands"]["build"], vec!["uv", "build"].into());
    assert_eq!(answers["limits"].to_string(), "{ low = 1, high = 3 }");

    // What does not go with an answer that was given gives way.
    let answers = choose(&asked, "language = \"go\"").answers;
    assert_eq!(answers["framework"], "none".into());
    assert_eq!(answers["package_manager"], "go".into());
}

#[test]
fn a_set_that_could_never_be_answered_is_refused() {
    for (asked, expected) in [
        (
            ("title", "type = \"integer\""),
            "answer `title` is a string, whatever the set; correct its type; ",
        ),
        (
            ("port", "type = \"string\""),
            "answer `port` is an integer, whatever the set; ",
        ),
        (
            ("commands", "type = \"list\""),
            "answer `commands` is a table, whatever the set; ",
        ),
        (
            ("port", "type = \"integer\"\ndefault = 70000"),
            "the default of answer `port`: `70000` is no port; ",
        ),
        (
            ("language", "type = \"string\"\ndefault = \"cobol\""),
            "the default of answer `language`: `cobol` is no language; ",
        ),
        (
            ("limits", "type = \"table\""),
            "answer `limits` is a table without a key in its default; templates may use ",
        ),
        (
            ("commands", "type = \"table\"\ndefault = { strat = [] }"),
            "the default of answer `commands`: `strat` is no command; ",
        ),
    ] {
        let error = message(&set(&manifest(&[asked]), &[("a", "")]).unwrap_err());
        assert!(error.starts_with(expected), "{error}");
    }
    let asked = [
        ("language", "type = \"string\"\ndefault = \"go\""),
        ("framework", "type = \"string\"\ndefault = \"vue\""),
    ];
    assert_eq!(
        message(&set(&manifest(&asked), &[("a", "")]).unwrap_err()),
        "the defaults of the answers: framework `vue` does not go with language `go`; one of: gin, echo, none"
    );
}
