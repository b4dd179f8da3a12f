//! Other answers, other options, in the same set or in a newer one.

use super::story::Story;

const NAMED: &str = "
[answers.name]
type = \"string\"
help = \"\"
[answers.title]
type = \"string\"
help = \"\"
[answers.port]
type = \"integer\"
help = \"\"
";
const OPTIONS: &str = "
[options.extra]
description = \"\"
paths = [\"extra/**\"]
[options.more]
description = \"\"
";
const PAGE: &str =
    "# <@ answers.title @>\n\nname <@ answers.name @>\n\n\n\nport <@ answers.port @>\n";
const WITH_MORE: &str = "first\n\n<% if options.more %>\nmore\n<% endif %>\n\nlast\n";

fn named() -> Story {
    Story::of_set(NAMED, &[("page.md.tera", PAGE), ("same.txt", "same\n")])
}

fn with_options(on: &[&str]) -> Story {
    let story = Story::before();
    story.learns_set(
        OPTIONS,
        &[
            ("a.txt.tera", WITH_MORE),
            ("extra/b.txt", "b\n"),
            ("extra/c.txt", "c\n"),
        ],
    );
    let flags: Vec<&str> = on.iter().flat_map(|option| ["--with", option]).collect();
    story.make(&flags);
    story
}

#[test]
fn set_renames_the_project_and_what_follows_from_its_name() {
    let story = named();
    assert_eq!(
        story.read("page.md"),
        "# Work\n\nname work\n\n\n\nport 8000\n"
    );
    story.with_set(&["set", "name=my-agents"]).exits(0);
    assert_eq!(
        story.read("page.md"),
        "# My Agents\n\nname my-agents\n\n\n\nport 8000\n"
    );
    story.run(&["undo"]).exits(0);
    assert_eq!(
        story.read("page.md"),
        "# Work\n\nname work\n\n\n\nport 8000\n"
    );
}

#[test]
fn what_was_chosen_does_not_follow() {
    let story = named();
    story.with_set(&["set", "title=Mine"]).exits(0);
    story.with_set(&["set", "name=my-agents"]).exits(0);
    assert_eq!(
        story.read("page.md"),
        "# Mine\n\nname my-agents\n\n\n\nport 8000\n"
    );
}

#[test]
fn another_answer_is_merged_with_edits() {
    let story = named();
    story.write("page.md", "# Work\n\nname work\nmine\n\n\nport 8000\n");
    let ran = story.with_set(&["set", "port=9000"]).exits(0);
    assert!(
        ran.out.starts_with("story 1\n  merged    page.md\n"),
        "{}",
        ran.out
    );
    assert_eq!(
        story.read("page.md"),
        "# Work\n\nname work\nmine\n\n\nport 9000\n"
    );
    story.write("page.md", "# Mine\n");
    story.with_set(&["set", "title=Theirs"]).exits(2);
    assert!(story.read("page.md").contains("# Mine\n"));
}

#[test]
fn an_answer_that_is_so_already_changes_nothing() {
    let story = named();
    let before = story.disk();
    story.with_set(&["set", "port=8000", "name=work"]).exits(0);
    assert_eq!(story.disk(), before);
}

#[test]
fn wrong_answers_are_refused() {
    let story = named();
    let before = story.disk();
    for (wrong, told) in [
        ("port=many", "the value cannot be read"),
        ("port=0", "port"),
        ("name=my agents", "name"),
        ("colour=red", "`colour` is no answer of the template set"),
        ("port.http=1", "it has no `http`"),
        ("port", "`port` sets nothing"),
        ("=1", "`` is no answer of the template set"),
    ] {
        let ran = story.with_set(&["set", wrong]).exits(1);
        assert!(
            ran.err.contains(told) && ran.err.contains("\nhint: "),
            "{}",
            ran.transcript
        );
    }
    assert_eq!(story.disk(), before);
}

#[test]
fn a_new_answer_takes_its_default_or_the_one_that_is_given() {
    for (args, text) in [
        (&["upgrade"][..], "red\n"),
        (&["upgrade", "--set", "colour=blue"], "blue\n"),
    ] {
        let story = Story::new(&[("a.txt", "a\n")]);
        let colour = "[answers.colour]\ntype = \"string\"\ndefault = \"red\"\nhelp = \"\"\n";
        story.learns_set(colour, &[("a.txt.tera", "<@ answers.colour @>\n")]);
        story.with_set(args).exits(0);
        assert_eq!(story.read("a.txt"), text);
    }
}

#[test]
fn a_new_answer_without_a_default_has_to_be_given() {
    let story = Story::new(&[("a.txt", "a\n")]);
    let colour = "[answers.colour]\ntype = \"string\"\nhelp = \"The colour of it\"\n";
    story.learns_set(colour, &[("a.txt.tera", "<@ answers.colour @>\n")]);
    let before = story.disk();
    let ran = story.upgrade().exits(1);
    assert!(
        ran.err.contains("colour") && ran.err.contains("--set colour="),
        "{}",
        ran.err
    );
    assert_eq!(story.disk(), before);
    story
        .with_set(&["upgrade", "--set", "colour=blue"])
        .exits(0);
    assert_eq!(story.read("a.txt"), "blue\n");
}

#[test]
fn an_answer_that_the_set_asks_for_no_more_is_forgotten() {
    let story = named();
    story.learns(&[("page.md", "# Page\n"), ("same.txt", "same\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("page.md"), "# Page\n");
    let state = story.read(".tac/tac.toml");
    assert!(!state.contains("port"), "{state}");
}

#[test]
fn add_makes_what_new_would_have_made_with_the_option() {
    let added = with_options(&[]);
    added.with_set(&["add", "extra", "more"]).exits(0);
    let made = with_options(&["extra", "more"]);
    assert_eq!(added.committed(), made.committed());
    assert_eq!(added.read("extra/b.txt"), "b\n");
    assert!(added.read("a.txt").contains("more"));
}

#[test]
fn add_and_then_remove_is_as_before() {
    let story = with_options(&["more"]);
    story.write("a.txt", format!("mine\n{}", story.read("a.txt")));
    let before = story.committed();
    story.with_set(&["add", "extra"]).exits(0);
    assert_ne!(story.committed(), before);
    story.with_set(&["remove", "extra"]).exits(0);
    assert_eq!(story.committed(), before);
    story.with_set(&["remove", "more"]).exits(0);
    assert!(!story.read("a.txt").contains("more"));
    story.with_set(&["add", "more"]).exits(0);
    assert_eq!(story.committed(), before);
}

#[test]
fn what_an_option_brought_and_the_user_edited_stays_when_the_option_goes() {
    let story = with_options(&["extra"]);
    story.write("extra/b.txt", "mine\n");
    let ran = story.with_set(&["remove", "extra"]).exits(0);
    assert!(ran.out.contains("  stale     extra/b.txt"), "{}", ran.out);
    assert_eq!(story.read("extra/b.txt"), "mine\n");
    assert!(!story.has("extra/c.txt"));
    let ran = story.with_set(&["add", "extra"]).exits(2);
    assert!(
        ran.out
            .contains("the template's version is extra/b.txt.theirs"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("extra/b.txt"), "mine\n");
    assert_eq!(story.read("extra/c.txt"), "c\n");
}

#[test]
fn an_option_that_is_on_cannot_be_turned_on_again() {
    let story = with_options(&["extra"]);
    let before = story.disk();
    story.with_set(&["add", "extra"]).exits(0);
    story.with_set(&["remove", "more"]).exits(0);
    assert_eq!(story.disk(), before);
    let ran = story.with_set(&["add", "extre"]).exits(1);
    assert!(
        ran.err.contains("extre") && ran.err.contains("extra"),
        "{}",
        ran.err
    );
    assert_eq!(story.disk(), before);
}

#[test]
fn a_new_option_is_off_and_told() {
    let story = Story::new(&[("a.txt", "a\n")]);
    let option = "[options.extra]\ndescription = \"\"\ndefault = true\npaths = [\"b.txt\"]\n";
    story.learns_set(option, &[("a.txt", "a\n"), ("b.txt", "b\n")]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out
            .contains("options that are off: extra; `tac-bootstrap add OPTION` turns one on\n"),
        "{}",
        ran.out
    );
    assert!(!story.has("b.txt"));
    story.with_set(&["add", "extra"]).exits(0);
    assert_eq!(story.read("b.txt"), "b\n");
}

#[test]
fn an_option_that_the_set_has_no_more_goes_with_its_files() {
    let story = with_options(&["extra", "more"]);
    story.write("extra/b.txt", "mine\n");
    story.learns(&[("a.txt", "first\n\n\nlast\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("extra/b.txt"), "mine\n");
    assert!(!story.has("extra/c.txt"));
    assert!(story.read(".tac/tac.toml").contains("options = []\n"));
}

#[test]
fn an_upgrade_may_change_options_and_answers_at_once() {
    let manifest = format!("{NAMED}{OPTIONS}");
    let files = |text| {
        [
            ("page.md.tera", PAGE),
            ("a.txt.tera", WITH_MORE),
            ("extra/b.txt", text),
        ]
    };
    let story = Story::before();
    story.learns_set(&manifest, &files("1\n"));
    story.make(&["--with", "more"]);
    story.learns_set(&manifest, &files("2\n"));
    story
        .with_set(&[
            "upgrade",
            "--with",
            "extra",
            "--without",
            "more",
            "--set",
            "port=9000",
        ])
        .exits(0);
    assert_eq!(story.read("extra/b.txt"), "2\n");
    assert!(story.read("page.md").ends_with("port 9000\n"));
    assert!(!story.read("a.txt").contains("more"));
}

#[test]
fn options_and_answers_wait_until_the_project_is_up_to_date() {
    let story = named();
    story.learns_set(NAMED, &[("page.md.tera", PAGE), ("same.txt", "new\n")]);
    let before = story.disk();
    let ran = story.with_set(&["set", "port=9000"]).exits(1);
    let told = "error: the project was made from story 1, here is story 2\n";
    assert!(ran.err.starts_with(told), "{}", ran.err);
    assert_eq!(story.disk(), before);
}
