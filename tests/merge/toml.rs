//! TOML, by key.

use tac_bootstrap::merge::{Reason, Side};

use super::{clean, conflict, conflicting};

const MANIFEST: &str = "Cargo.toml";

const BASE: &str = "\
# What this service is.
[package]
name = \"service\"
version = \"0.1.0\"

# The server.
[dependencies]
axum = \"0.8\"
tokio = { version = \"1.50\", features = [\"rt\"] } # the runtime

[profile.release]
strip = \"symbols\"
";

fn edited(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// Both add a dependency at the end.
fn with_dependencies_of_both(ours: &str, theirs: &str) -> String {
    let add = |key: &str| {
        edited(&[(
            "# the runtime\n",
            &format!("# the runtime\n{key} = \"1\"\n"),
        )])
    };
    clean(MANIFEST, BASE, &add(ours), &add(theirs))
}

#[test]
fn keys_that_both_added_at_one_place_are_both_there() {
    let expected = |keys: &str| edited(&[("# the runtime\n", &format!("# the runtime\n{keys}"))]);
    let sorted = with_dependencies_of_both("uuid", "toml");
    assert_eq!(sorted, expected("toml = \"1\"\nuuid = \"1\"\n"));
    let as_they_come = with_dependencies_of_both("mine", "new");
    assert_eq!(as_they_come, expected("new = \"1\"\nmine = \"1\"\n"));
}

#[test]
fn neighbouring_keys_may_change_on_different_sides() {
    let ours = edited(&[("name = \"service\"", "name = \"mine\"")]);
    let theirs = edited(&[("version = \"0.1.0\"", "version = \"0.2.0\"")]);
    let merged = clean(MANIFEST, BASE, &ours, &theirs);
    assert!(
        merged.contains("name = \"mine\"\nversion = \"0.2.0\"\n"),
        "{merged}"
    );
}

#[test]
fn one_key_changed_by_both_is_the_only_conflict() {
    let ours = edited(&[
        ("axum = \"0.8\"", "axum = \"0.7\""),
        ("strip = \"symbols\"", "strip = \"none\""),
    ]);
    let theirs = edited(&[("axum = \"0.8\"", "axum = \"0.9\""), ("0.1.0", "0.2.0")]);
    insta::assert_snapshot!(conflicting(MANIFEST, BASE, &ours, &theirs), @r#"
    # What this service is.
    [package]
    name = "service"
    version = "0.2.0"

    # The server.
    [dependencies]
    <<<<<<< ours: your file
    axum = "0.7"
    ||||||| base: v1
    axum = "0.8"
    =======
    axum = "0.9"
    >>>>>>> theirs: v2
    tokio = { version = "1.50", features = ["rt"] } # the runtime

    [profile.release]
    strip = "none"
    "#);
    let conflict = conflict(
        MANIFEST,
        BASE.as_bytes(),
        ours.as_bytes(),
        theirs.as_bytes(),
    );
    assert_eq!(
        (conflict.count(), conflict.reason()),
        (1, &Reason::SameLines)
    );
    let favoured = String::from_utf8(conflict.favouring(Side::Theirs).unwrap()).unwrap();
    assert!(
        favoured.contains("axum = \"0.9\"") && favoured.contains("\"none\""),
        "{favoured}"
    );
}

#[test]
fn a_feature_of_mine_and_a_newer_version_are_both_there() {
    let ours = edited(&[("[\"rt\"]", "[\"rt\", \"fs\"]")]);
    let theirs = edited(&[("1.50", "1.54")]);
    let merged = clean(MANIFEST, BASE, &ours, &theirs);
    let line = "tokio = { version = \"1.54\", features = [\"rt\", \"fs\"] } # the runtime\n";
    assert!(merged.contains(line), "{merged}");
}

#[test]
fn a_key_added_to_an_inline_table_joins_a_change_of_another() {
    let ours = edited(&[("[\"rt\"] }", "[\"rt\"], default-features = false }")]);
    let theirs = edited(&[(
        "version = \"1.50\", ",
        "version = \"1.54\", optional = true, ",
    )]);
    let merged = clean(MANIFEST, BASE, &ours, &theirs);
    let line = "tokio = { version = \"1.54\", features = [\"rt\"], default-features = false, optional = true } # the runtime\n";
    assert!(merged.contains(line), "{merged}");
}

#[test]
fn an_array_is_one_value() {
    let ours = edited(&[("[\"rt\"]", "[\"rt\", \"fs\"]")]);
    let theirs = edited(&[("[\"rt\"]", "[\"net\", \"rt\"]")]);
    assert_eq!(
        conflicting(MANIFEST, BASE, &ours, &theirs)
            .matches("<<<<<<<")
            .count(),
        1
    );

    let array = |items: &str| format!("members = [\n{items}]\n");
    let base = array("    \"a\",\n    \"b\",\n    \"c\",\n    \"d\",\n");
    let ours = array("    \"mine\",\n    \"a\",\n    \"b\",\n    \"c\",\n    \"d\",\n");
    let theirs = array("    \"a\",\n    \"b\",\n    \"c\",\n    \"d\",\n    \"new\",\n");
    let text = conflicting(MANIFEST, &base, &ours, &theirs);
    assert!(text.starts_with("<<<<<<<"), "{text}");
}

#[test]
fn an_array_of_tables_is_one_value() {
    let base = "[[bin]]\nname = \"a\"\n\n[[bin]]\nname = \"b\"\n\n[lib]\nname = \"l\"\n";
    let ours = base.replace("\"a\"", "\"mine\"");
    let theirs = base.replace("\"l\"", "\"new\"");
    let merged = clean(MANIFEST, base, &ours, &theirs);
    assert_eq!(
        merged,
        base.replace("\"a\"", "\"mine\"")
            .replace("\"l\"", "\"new\"")
    );
    let theirs = base.replace("\"b\"", "\"new\"");
    let text = conflicting(MANIFEST, base, &ours, &theirs);
    assert!(
        text.ends_with(">>>>>>> theirs: v2\n\n[lib]\nname = \"l\"\n"),
        "{text}"
    );
}

#[test]
fn comments_of_both_sides_arrive() {
    let ours = edited(&[
        (
            "# The server.\n",
            "# The server.\n# Pinned: see the notes.\n",
        ),
        ("axum = \"0.8\"", "axum = \"0.8\" # mine"),
    ]);
    let theirs = edited(&[
        ("# What this service is.", "# What this is."),
        ("name = ", "# Its name.\nname = "),
        ("\"0.8\"", "\"0.9\""),
    ]);
    insta::assert_snapshot!(clean(MANIFEST, BASE, &ours, &theirs), @r#"
    # What this is.
    [package]
    # Its name.
    name = "service"
    version = "0.1.0"

    # The server.
    # Pinned: see the notes.
    [dependencies]
    axum = "0.9" # mine
    tokio = { version = "1.50", features = ["rt"] } # the runtime

    [profile.release]
    strip = "symbols"
    "#);
}

#[test]
fn a_comment_that_both_changed_is_a_conflict_of_the_comment() {
    let ours = edited(&[
        ("# The server.", "# Our server."),
        ("name = \"service\"", "name = \"mine\""),
    ]);
    let theirs = edited(&[("# The server.", "# The HTTP server."), ("0.1.0", "0.2.0")]);
    insta::assert_snapshot!(conflicting(MANIFEST, BASE, &ours, &theirs), @r#"
    # What this service is.
    [package]
    name = "mine"
    version = "0.2.0"

    <<<<<<< ours: your file
    # Our server.
    ||||||| base: v1
    # The server.
    =======
    # The HTTP server.
    >>>>>>> theirs: v2
    [dependencies]
    axum = "0.8"
    tokio = { version = "1.50", features = ["rt"] } # the runtime

    [profile.release]
    strip = "symbols"
    "#);
}

#[test]
fn a_key_that_i_commented_out_stays_so() {
    let ours = edited(&[("axum = \"0.8\"", "# axum = \"0.8\"\nwarp = \"0.3\"")]);
    let theirs = edited(&[("1.50", "1.54")]);
    let merged = clean(MANIFEST, BASE, &ours, &theirs);
    assert!(
        merged.contains(
            "[dependencies]\n# axum = \"0.8\"\nwarp = \"0.3\"\ntokio = { version = \"1.54\""
        ),
        "{merged}"
    );
}

#[test]
fn a_key_that_one_removed_and_the_other_changed_is_a_conflict() {
    let ours = edited(&[("axum = \"0.8\"\n", "")]);
    let theirs = edited(&[("\"0.8\"", "\"0.9\"")]);
    let text = conflicting(MANIFEST, BASE, &ours, &theirs);
    assert!(text.contains("<<<<<<< ours: your file\n||||||| base: v1\naxum = \"0.8\"\n=======\naxum = \"0.9\"\n>>>>>>>"), "{text}");
    let text = conflicting(MANIFEST, BASE, &theirs, &ours);
    assert!(text.contains("\n=======\n>>>>>>>"), "{text}");
}

#[test]
fn tables_may_be_added_and_removed_on_both_sides() {
    let ours = format!("{BASE}\n[profile.dev]\ndebug = false\n");
    let theirs = edited(&[(
        "[profile.release]\nstrip = \"symbols\"\n",
        "[features]\ndocs = []\n\n[lints.rust]\nunsafe_code = \"forbid\"\n",
    )]);
    insta::assert_snapshot!(clean(MANIFEST, BASE, &ours, &theirs), @r#"
    # What this service is.
    [package]
    name = "service"
    version = "0.1.0"

    # The server.
    [dependencies]
    axum = "0.8"
    tokio = { version = "1.50", features = ["rt"] } # the runtime

    [features]
    docs = []

    [lints.rust]
    unsafe_code = "forbid"

    [profile.dev]
    debug = false
    "#);
}

#[test]
fn a_table_that_moved_still_takes_the_change() {
    let release = "[profile.release]\nstrip = \"symbols\"\n";
    let ours = format!("{release}\n{}", edited(&[(release, "")]));
    let theirs = edited(&[
        ("strip = \"symbols\"", "strip = \"symbols\"\nlto = \"thin\""),
        ("[dependencies]\n", "[dependencies]\nserde = \"1\"\n"),
    ]);
    insta::assert_snapshot!(clean(MANIFEST, BASE, &ours, &theirs), @r#"
    [profile.release]
    strip = "symbols"
    lto = "thin"

    # What this service is.
    [package]
    name = "service"
    version = "0.1.0"

    # The server.
    [dependencies]
    serde = "1"
    axum = "0.8"
    tokio = { version = "1.50", features = ["rt"] } # the runtime
    "#);
}

#[test]
fn a_table_that_the_user_removed_is_not_given_half_back() {
    let ours = edited(&[("[profile.release]\nstrip = \"symbols\"\n", "")]);
    let theirs = edited(&[("strip = \"symbols\"", "strip = \"symbols\"\nlto = \"thin\"")]);
    let conflict = conflict(
        MANIFEST,
        BASE.as_bytes(),
        ours.as_bytes(),
        theirs.as_bytes(),
    );
    assert_eq!(conflict.favouring(Side::Ours).unwrap(), ours.as_bytes());
}

#[test]
fn dotted_keys_are_the_keys_that_they_name() {
    let base = "[package]\nname = \"a\"\nedition = \"2021\"\n";
    let ours = "package.name = \"a\"\npackage.edition = \"2021\"\nmine = 1\n";
    let theirs = "[package]\nname = \"a\"\nedition = \"2024\"\n";
    assert_eq!(
        clean("a.toml", base, ours, theirs),
        "package.name = \"a\"\npackage.edition = \"2024\"\nmine = 1\n"
    );
}

#[test]
fn line_endings_and_the_byte_order_mark_survive_a_merge_by_key() {
    let crlf = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let ours = crlf(&edited(&[
        ("name = \"service\"", "name = \"mine\""),
        ("[\"rt\"]", "[\"rt\", \"fs\"]"),
    ]));
    let theirs = edited(&[
        ("version = \"0.1.0\"", "version = \"0.2.0\""),
        ("1.50", "1.54"),
    ]);
    let merged = clean(MANIFEST, BASE, &ours, &theirs);
    let expected = edited(&[
        ("\"service\"", "\"mine\""),
        ("0.1.0", "0.2.0"),
        ("1.50", "1.54"),
        ("[\"rt\"]", "[\"rt\", \"fs\"]"),
    ]);
    assert_eq!(merged, crlf(&expected));
}

#[test]
fn a_file_that_is_no_toml_merges_as_text() {
    let base = "a = 1\nb = \nc = 3\nd = 4\n";
    let merged = clean(
        "a.toml",
        base,
        &base.replace('1', "9"),
        &base.replace('4', "8"),
    );
    assert_eq!(merged, "a = 9\nb = \nc = 3\nd = 8\n");
}

#[test]
fn lines_that_merge_into_the_wrong_table_are_not_taken() {
    let base = "[a]\nx = 1\n\n[b]\nx = 1\n";
    let ours = "[b]\nx = 1\n\n[a]\nx = 1\n";
    let theirs = "[a]\nx = 1\n\n[b]\nx = 2\n";
    assert_eq!(
        clean("a.toml", base, ours, theirs),
        "[b]\nx = 2\n\n[a]\nx = 1\n"
    );
}
