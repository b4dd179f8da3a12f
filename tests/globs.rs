//! The globs of an option's `paths`, over the files of a set.

use crate::fixture::set;

/// Whether an option may name `file` by `glob`: a glob that matches no file is refused.
fn matches(glob: &str, file: &str) -> bool {
    let manifest = format!("[options.o]\ndescription = \"\"\npaths = [{glob:?}]\n");
    match set(&manifest, &[(file, "")]) {
        Ok(_) => true,
        Err(error) => {
            assert!(error.what().contains("no file matches"), "{error}");
            false
        }
    }
}

#[test]
fn a_star_is_text_within_a_part_and_two_are_any_parts() {
    for (glob, file) in [
        ("a", "a"),
        ("*", "a"),
        ("a*", "a"),
        ("a*c*e", "abcde"),
        ("*ab", "aab"),
        ("**", "a/b"),
        ("**/c", "c"),
        ("**/c", "a/b/c"),
        ("a/**", "a/b/c"),
        ("a/**/d", "a/d"),
        ("a/**/c/**/e", "a/b/c/c/d/e"),
        ("**/*.rs", "src/a/b.rs"),
        ("*ö*", "wörter"),
    ] {
        assert!(matches(glob, file), "{glob} {file}");
    }
    for (glob, file) in [
        ("a", "b"),
        ("*", "a/b"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a*c", "abcd"),
        ("**/c", "a/bc"),
        ("a/**/d", "a/b/c"),
        ("a/*/d", "a/b/c/d"),
        ("", "a"),
    ] {
        assert!(!matches(glob, file), "{glob} {file}");
    }
}

#[test]
fn a_glob_of_many_stars_costs_no_time() {
    let long = "a".repeat(200);
    assert!(!matches(&("*a".repeat(40) + "*b"), &long));
    let deep = vec!["a"; 100].join("/");
    assert!(!matches(&("**/a/".repeat(40) + "b"), &deep));
    assert!(matches(&("**/".repeat(40) + "a"), &deep));
}
