//! Answers in the languages of the files they go into: read back, they are the same.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use tac_bootstrap::render::{Choices, render};
use toml::Value;

use crate::fixture::{set, text};

/// `template`, a file that uses the answer `it`, rendered with `value`.
fn rendered(template: &str, value: impl Into<Value>) -> String {
    let value = value.into();
    let kind = if value.is_array() { "list" } else { "string" };
    let set = set(
        &format!("[answers.it]\ntype = \"{kind}\"\nhelp = \"\""),
        &[("out.tera", template)],
    )
    .unwrap();
    let choices = Choices {
        answers: [("it".to_owned(), value)].into(),
        ..Choices::default()
    };
    text(&render(&set, &choices).unwrap(), "out").to_owned()
}

/// The text as it reads on one line.
fn folded(text: &str) -> String {
    let is_break = |c: char| c == ' ' || c.is_control() || c == '\u{2028}' || c == '\u{2029}';
    text.split(is_break)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn plain_text(markdown: &str) -> (String, Vec<Tag<'_>>) {
    let (mut text, mut tags) = (String::new(), Vec::new());
    let github = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    for event in Parser::new_ext(markdown, github) {
        match event {
            Event::Start(tag) => tags.push(tag),
            Event::Text(piece) => text.push_str(&piece),
            Event::End(_) => {}
            other => panic!("{other:?} in {markdown:?}"),
        }
    }
    (text, tags)
}

fn hostile() -> impl Strategy<Value = String> {
    let atoms = "\" ' \\ \n \r\n \t # ## - + * _ ** __ ` ``` < > <b> </script> & &amp; [ ] ( ) ![x](y) [x]: | ~~ $ $x$ 1. 2) === --- : {{ {% <% <@ % %% %h \
        \u{7f} \u{85} \u{2028} \u{feff} é 日本 🦀 x http://a.b \"\"\" ''' ${HOME} $(id) ; no null ~ !x {a} {#a}";
    let mut atoms: Vec<&str> = atoms.split(' ').collect();
    atoms.extend([" ", "  ", "a b"]);
    prop::collection::vec(prop::sample::select(atoms), 0..12).prop_map(|atoms| atoms.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_back_from_toml_and_yaml(it in hostile()) {
        let toml: toml::Table = rendered("a = <@ answers.it | toml @> # end\n", it.as_str()).parse().unwrap();
        prop_assert_eq!(toml["a"].as_str(), Some(it.as_str()));
        let list = Value::from(vec![it.clone(), it.clone()]);
        let toml: toml::Table = rendered("a = <@ answers.it | toml @>\n", list.clone()).parse().unwrap();
        prop_assert_eq!(&toml["a"], &list);

        let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(&rendered("a: <@ answers.it | yaml @> # end\n", it.as_str())).unwrap();
        prop_assert_eq!(yaml["a"].as_str(), Some(it.as_str()));
        let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(&rendered("a: <@ answers.it | yaml @>\n", list)).unwrap();
        prop_assert_eq!(yaml["a"][1].as_str(), Some(it.as_str()));
    }

    #[test]
    fn any_text_is_a_heading_and_a_paragraph_of_markdown_and_no_more(it in hostile()) {
        let expected = folded(&it);
        prop_assume!(!expected.is_empty());
        let heading = rendered("# <@ answers.it | md @>\n", it.as_str());
        let (text, tags) = plain_text(&heading);
        prop_assert_eq!(text.trim(), expected.trim(), "{}", heading);
        prop_assert_eq!(tags.len(), 1);
        let paragraph = rendered("<@ answers.it | md @>\n", it.as_str());
        let (text, tags) = plain_text(&paragraph);
        prop_assert_eq!(text.trim(), expected.trim(), "{}", paragraph);
        prop_assert_eq!(tags, [Tag::Paragraph]);
    }

    #[test]
    fn a_shell_takes_any_text_as_one_word(it in hostile()) {
        let script = rendered("printf %s <@ answers.it | shell @>", it.as_str());
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), it);
    }

    #[test]
    fn any_text_stays_on_its_line(it in hostile()) {
        for filter in ["line", "unit"] {
            let lines = rendered(&format!("# <@ answers.it | {filter} @>\nnext\n"), it.as_str());
            prop_assert_eq!(lines.lines().count(), 2);
            prop_assert!(!lines.contains("\\\n") || filter == "line");
        }
        let unit = rendered("<@ answers.it | unit @>", it.as_str());
        let (unit, expected) = (unit.replace("%%", "%"), folded(&it));
        prop_assert_eq!(unit.trim_end(), expected.trim_end());
    }
}

#[test]
fn usual_text_looks_as_a_person_would_write_it() {
    let markdown = |text| rendered("<@ answers.it | md @>", text);
    assert_eq!(
        markdown("My agents (v1.0) - it's fine, 100% #1: yes?"),
        "My agents (v1.0) - it's fine, 100% #1: yes?"
    );
    assert_eq!(markdown("two\nlines"), "two lines");
    let words = Value::from(vec!["cargo", "test", "--", "a b", "it's"]);
    assert_eq!(
        rendered("<@ answers.it | shell @>", words.clone()),
        r"cargo test -- 'a b' 'it'\''s'"
    );
    assert_eq!(
        rendered("<@ answers.it | toml @>", words),
        r#"["cargo", "test", "--", "a b", "it's"]"#
    );
}
