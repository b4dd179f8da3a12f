//! Files that only the user's own rustfmt has changed. These tests run rustfmt.

use super::story::Story;

const BASE: &str = "fn one() {\n    let x = 1;\n}\n\nfn two() {\n    let y = 2;\n}\n";
const THEIRS: &str =
    "fn one() {\n    let x = 1;\n}\n\nfn two() {\n    let y = 3;\n    let z = 4;\n}\n";

fn tabs(text: &str) -> String {
    text.replace("    ", "\t")
}

fn formatted(path: &str, settings: &str) -> Story {
    let story = Story::new(&[(path, BASE)]);
    story.write(settings, "hard_tabs = true\n");
    story.write(path, tabs(BASE));
    story.learns(&[(path, THEIRS)]);
    story
}

#[test]
fn a_file_that_only_the_users_rustfmt_has_changed_counts_as_untouched() {
    for settings in ["rustfmt.toml", ".rustfmt.toml", "src/rustfmt.toml"] {
        let story = formatted("src/a.rs", settings);
        let ran = story.upgrade().exits(0);
        assert!(ran.out.contains("  updated   src/a.rs\n"), "{}", ran.out);
        assert_eq!(story.read("src/a.rs"), tabs(THEIRS));
        assert_eq!(story.read(".tac/base/src/a.rs"), THEIRS);
        let before = story.disk();
        story.upgrade().exits(0);
        assert_eq!(story.disk(), before);
    }
}

#[test]
fn one_that_is_formatted_and_edited_is_merged_as_it_is() {
    let story = formatted("a.rs", "rustfmt.toml");
    story.write("a.rs", tabs(BASE).replace("fn one", "fn mine"));
    story.upgrade().exits(2);
    assert!(story.read("a.rs").contains("fn mine()"));
}

#[test]
fn without_settings_nothing_is_formatted() {
    let story = formatted("a.rs", "other/rustfmt.toml");
    story.scratch.shim("rustfmt", "touch ../called; exit 1");
    story.upgrade().exits(2);
    assert!(!story.has("../called"));
    assert!(story.read("a.rs").contains("\tlet y = 2;\n"));
}

#[test]
fn a_rustfmt_that_fails_leaves_a_conflict() {
    let story = formatted("a.rs", "rustfmt.toml");
    story.scratch.shim("rustfmt", "exit 1");
    story.upgrade().exits(2);
    assert!(story.read("a.rs").contains("\tlet y = 2;\n"));
}
