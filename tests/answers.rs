use std::sync::LazyLock;

use clap::ValueEnum;
use proptest::prelude::*;
use tac_bootstrap::answers::ask::Defaults;
use tac_bootstrap::answers::given::Given;
use tac_bootstrap::answers::names::Name;
use tac_bootstrap::answers::stacks::{Framework, Language, PackageManager, Stack};
use tac_bootstrap::answers::{self, commands, stacks};
use tac_bootstrap::render::{Choices, render};
use tac_bootstrap::templates::TemplateSet;
use tac_bootstrap::{Error, Result};

use crate::program::{Scratch, assert_snapshot};

static SET: LazyLock<TemplateSet> = LazyLock::new(|| TemplateSet::embedded().unwrap());

/// The choices that an answers file with this text makes with the built-in templates.
fn choose(text: &str) -> Result<Choices> {
    let given = Given::from_toml("answers.toml", text)?;
    answers::resolve(&Name::try_from("demo")?, &given, &SET, &mut Defaults)
}

fn refusal(text: &str) -> Error {
    choose(text).expect_err(text)
}

#[test]
fn only_the_name_is_needed() {
    let choices = choose("").unwrap();
    let answer = |key: &str| choices.answers[key].clone();
    assert_eq!(answer("name"), "demo".into());
    assert_eq!(answer("title"), "Demo".into());
    assert_eq!(answer("description"), "Agent orchestrator of Demo".into());
    assert_eq!(answer("port"), 8000.into());
    assert_eq!(answer("ui_port"), 5173.into());
    assert_eq!(answer("language"), "none".into());
    assert_eq!(answer("commands")["start"], toml::Value::Array(Vec::new()));
    assert!(choices.options.iter().eq(["ci", "dashboard", "docs"]));
}

#[test]
fn a_default_follows_from_the_answers_before_it() {
    let choices = choose("title = \"Hub\"\nui_port = 3000\nframework = \"fastapi\"").unwrap();
    let origins = ["http://localhost:3000", "http://127.0.0.1:3000"].map(toml::Value::from);
    assert_eq!(
        choices.answers["description"],
        "Agent orchestrator of Hub".into()
    );
    assert_eq!(
        choices.answers["cors_origins"],
        toml::Value::Array(origins.into())
    );
    assert_eq!(choices.answers["language"], "python".into());
    assert_eq!(choices.answers["package_manager"], "uv".into());
}

#[test]
fn every_stack_has_its_usual_commands() {
    let mut table = String::new();
    for &language in Language::value_variants() {
        for &framework in language.frameworks() {
            for &package_manager in language.package_managers() {
                let stack = Stack {
                    language,
                    framework,
                    package_manager,
                };
                let ids = [
                    stacks::id(&language),
                    stacks::id(&framework),
                    stacks::id(&package_manager),
                ];
                table += &format!("{}\n", ids.join(" "));
                for name in commands::NAMES {
                    table += &format!("  {name:<11}{}\n", commands::usual(stack, name).join(" "));
                }
            }
        }
    }
    assert_snapshot("stacks", &table);
}

#[test]
fn a_framework_or_a_package_manager_alone_tells_the_language() {
    for framework in Framework::value_variants() {
        let stack = Stack::infer(None, Some(*framework), None).unwrap();
        assert!(stack.language.frameworks().contains(framework));
        assert_eq!(
            stack.language == Language::None,
            *framework == Framework::None
        );
    }
    for manager in PackageManager::value_variants() {
        let stack = Stack::infer(None, None, Some(*manager)).unwrap();
        assert!(stack.language.package_managers().contains(manager));
    }
    let stack = Stack::infer(None, Some(Framework::Spring), None).unwrap();
    assert_eq!(
        (stack.language, stack.package_manager),
        (Language::Java, PackageManager::Maven)
    );
}

#[test]
fn what_does_not_go_together_is_refused_with_what_does() {
    let error = refusal("language = \"go\"\nframework = \"django\"");
    assert_eq!(
        error.what(),
        "framework `django` does not go with language `go`"
    );
    assert_eq!(error.next_step(), "one of: gin, echo, none");

    let error = refusal("framework = \"axum\"\npackage_manager = \"npm\"");
    assert_eq!(
        error.what(),
        "package manager `npm` does not go with language `rust`"
    );
    assert_eq!(error.next_step(), "one of: cargo, none");
}

#[test]
fn a_command_that_is_given_replaces_the_usual_one() {
    let choices =
        choose("framework = \"gin\"\n[commands]\nstart = [\"make\", \"up\"]\nlint = []").unwrap();
    let commands = &choices.answers["commands"];
    assert_eq!(
        commands["start"],
        toml::Value::Array(vec!["make".into(), "up".into()])
    );
    assert_eq!(commands["lint"], toml::Value::Array(Vec::new()));
    assert_eq!(commands["test"][0], "go".into());
}

#[test]
fn options_are_listed_or_added_and_left_out() {
    let options = |text: &str| {
        choose(text)
            .unwrap()
            .options
            .into_iter()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(options("options = []"), "");
    assert_eq!(options("options = [\"systemd\"]"), "systemd");
    assert_eq!(
        options("with = [\"systemd\"]\nwithout = [\"ci\"]"),
        "dashboard docs systemd"
    );
}

#[test]
fn every_mistake_in_an_answers_file_is_told_with_its_line() {
    let long = format!("title = \"{}\"", "a".repeat(201));
    let mistakes = [
        "title = 3",
        "title = \"  \"",
        "description = \"a\\u0007b\"",
        "\n\nport = 0",
        "port = 65536",
        "port = \"8000\"",
        "port = 5173",
        "cors_origins = \"http://localhost:1\"",
        "cors_origins = [\"http://localhost:1\", \"*\"]",
        "cors_origins = [\"http://localhost:1/path\"]",
        "language = \"cobol\"",
        "framework = \"rails\"",
        "package_manager = 1",
        "[commands]\nstrat = [\"x\"]",
        "[commands]\nstart = \"make up\"",
        "commands = { start = [\"a\\u0000\"] }",
        "\ncolour = \"red\"",
        "options = \"docs\"",
        "with = [\"docs\", 3]",
        "with = [\"dox\"]",
        "with = [\"ci\"]\nwithout = [\"ci\"]",
        "title = \"a\"\ntitle = \"b\"",
        "title = ",
        &long,
    ];
    let told = |text: &&str| {
        let error = refusal(text);
        format!("{}\n  {}\n", error.what(), error.next_step())
    };
    assert_snapshot(
        "answers-refused",
        &mistakes.iter().map(told).collect::<String>(),
    );
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let scratch = Scratch::new();
    scratch.write(
        "a.toml",
        "title = \"From the file\"\nport = 8100\nwith = [\"extra\"]\n",
    );
    scratch
        .new_project(&["demo", "--answers", "a.toml", "--title", "From the flag"])
        .succeeds();
    assert_eq!(scratch.read("demo/README.md"), "# From the flag\n");
    let state = scratch.read("demo/.tac/tac.toml");
    assert!(
        state.contains("port = 8100") && state.contains("options = [\"extra\"]"),
        "{state}"
    );

    scratch
        .new_project(&["plain", "--answers", "a.toml", "--without", "extra"])
        .succeeds();
    assert!(scratch.read("plain/.tac/tac.toml").contains("options = []"));
}

#[test]
fn a_title_may_hold_any_letter_quotes_and_line_breaks() {
    let title = "Agenten \"für\" '北京'\n🚀 {{ x }} <@ y @> \\ # ]";
    let description = "Two\nlines, \"\"\" and ``` and %h";
    let mut file = toml::Table::new();
    file.insert("title".into(), title.into());
    file.insert("description".into(), description.into());
    let choices = choose(&file.to_string()).unwrap();
    let tree = render(&SET, &choices).unwrap();
    let settings = std::str::from_utf8(tree["orchestrator.toml"].bytes()).unwrap();
    let settings: toml::Table = settings.parse().unwrap();
    assert_eq!(settings["project"]["title"], title.into());
    assert_eq!(settings["project"]["description"], description.into());
}

proptest! {
    #[test]
    fn any_text_is_an_answers_file_or_is_refused_on_one_line(
        text in ".{0,60}|([a-z_]{1,9} = (\"\\PC{0,9}\"|[0-9-]{1,9}|\\[\"a\"\\])\n){0,4}"
    ) {
        if let Err(error) = choose(&text) {
            prop_assert_eq!(error.what().lines().count(), 1);
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_names_its_key(
        key in prop::sample::select(vec!["title", "port", "ui_port", "cors_origins", "language", "framework", "commands"]),
        value in prop::sample::select(vec!["true", "1979-05-27", "1.5", "[1]", "{ x = 1 }"]),
    ) {
        let error = refusal(&format!("# a comment\n{key} = {value}\n"));
        prop_assert!(error.what().starts_with(&format!("answers.toml, line 2: {key}: ")), "{}", error);
    }
}
