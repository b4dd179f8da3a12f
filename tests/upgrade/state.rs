//! `.tac/` damaged, hostile, or from another time: a clear error, and no write.

use std::fs;

use super::story::Story;

fn project() -> Story {
    let story = Story::new(&[("a.txt", "1\n2\n3\n"), ("deep/b.txt", "b\n")]);
    story.write("a.txt", "mine\n2\n3\n");
    story.learns(&[("a.txt", "1\n2\nnew\n"), ("deep/b.txt", "new\n")]);
    story
}

fn edit(story: &Story, from: &str, to: &str) {
    let text = story.read(".tac/tac.toml");
    assert!(text.contains(from), "{text}");
    story.write(".tac/tac.toml", text.replace(from, to));
}

/// No command writes anything, and the error names what is wrong and a remedy.
#[track_caller]
fn is_refused(story: &Story, told: &str) {
    let before = story.disk();
    for args in [
        &["upgrade", "--templates", "../set"][..],
        &["upgrade", "--dry-run", "--templates", "../set"],
        &["upgrade", "--check", "--templates", "../set"],
        &["set", "name=other", "--templates", "../set"],
        &["resolve"],
        &["status"],
    ] {
        let ran = story.run(args).exits(1);
        assert!(ran.err.contains(told), "{}", ran.transcript);
        assert!(ran.err.contains("\nhint: "), "{}", ran.transcript);
    }
    let mut after = story.disk();
    let folder = ".tac/".to_owned();
    if let (true, Some(times)) = (after.remove(".tac/lock").is_some(), before.get(&folder)) {
        after.insert(folder, times.clone());
    }
    assert_eq!(after, before);
}

#[test]
fn a_folder_without_a_project_is_told() {
    let story = Story::before();
    is_refused(&story, "there is no project in ");
}

#[test]
fn a_missing_tac_toml_is_told() {
    let story = project();
    story.remove(".tac/tac.toml");
    is_refused(&story, "/.tac/tac.toml: there is no such file");
}

#[test]
fn a_tac_toml_that_is_not_readable_is_told() {
    for text in [
        "",
        "\0\u{1}",
        "<<<<<<< HEAD\n",
        "schema = 1\n",
        "schema = \"1\"\n",
        "schema = -1",
    ] {
        let story = project();
        story.write(".tac/tac.toml", text);
        is_refused(&story, "/.tac/tac.toml");
    }
    let story = project();
    story.write(".tac/tac.toml", b"schema = 1 # f\xfcr\n");
    is_refused(&story, "/.tac/tac.toml");
}

#[test]
fn a_tac_toml_of_two_branches_is_told() {
    let story = project();
    edit(
        &story,
        "schema = 1\n",
        "<<<<<<< HEAD\nschema = 1\n=======\nschema = 1\n>>>>>>> other\n",
    );
    is_refused(&story, "/.tac/tac.toml");
}

#[test]
fn a_tac_toml_of_a_newer_program_is_told() {
    let story = project();
    edit(&story, "schema = 1\n", "schema = 2\nsomething = \"new\"\n");
    is_refused(&story, "its schema is 2, this program knows 1");
    let hint = "hint: use the version of tac-bootstrap that wrote it, or a later one\n";
    assert!(story.upgrade().err.ends_with(hint));
}

#[test]
fn paths_that_leave_the_project_are_told() {
    for path in [
        "../a.txt",
        "/etc/passwd",
        "deep/../../a.txt",
        "deep//b.txt",
        "./a.txt",
        "a\\\\b",
        "a\\u0000b",
        "",
    ] {
        let story = project();
        edit(&story, "\"a.txt\" = ", &format!("\"{path}\" = "));
        is_refused(&story, "is not a path inside a project");
        edit(&story, &format!("\"{path}\" = "), "\"a.txt\" = ");
        edit(&story, "kept = []", &format!("kept = [\"{path}\"]"));
        is_refused(&story, "is not a path inside a project");
    }
}

#[test]
fn what_belongs_to_git_or_to_us_is_no_file_of_a_project() {
    for path in [
        ".git/config",
        ".tac/tac.toml",
        "deep/.git/hooks/x",
        ".GIT/config",
    ] {
        let story = project();
        edit(&story, "\"a.txt\" = ", &format!("\"{path}\" = "));
        is_refused(&story, "is no file of a project");
    }
}

#[test]
fn a_conflict_that_is_about_git_or_about_a_file_of_the_users_is_none() {
    for (of, left) in [
        ("a.txt", "{ beside = \".git/config\" }"),
        ("a.txt", "{ beside = \"deep/b.txt\" }"),
        ("a.txt", "{ beside = \"a.txt\" }"),
        ("a.txt", "{ beside = \"../set/set.toml\" }"),
        (".git/config", "\"markers\""),
    ] {
        let story = project();
        story.write(".git/config", "<<<<<<< ours: x\n");
        let text = story.read(".tac/tac.toml") + &format!("\n[conflicts]\n\"{of}\" = {left}\n");
        story.write(".tac/tac.toml", text);
        is_refused(&story, "/.tac/tac.toml");
    }
}

#[test]
fn a_base_that_was_edited_is_told() {
    let story = project();
    story.write(".tac/base/a.txt", "edited\n");
    is_refused(&story, "/.tac/base/a.txt: it is not what was generated");
}

#[test]
fn links_and_folders_in_place_of_what_was_written_are_told() {
    for (path, what) in [
        (
            ".tac/tac.toml",
            "/.tac/tac.toml: it is not a file, or lies behind a link",
        ),
        (".tac/base", "it is not a file, or lies behind a link"),
        (".tac/base/deep", "it is not a file, or lies behind a link"),
        (
            ".tac/base/a.txt",
            "/.tac/base/a.txt: it is not a file, or lies behind a link",
        ),
        (".tac", ".tac is a link"),
    ] {
        let story = project();
        let aside = story.path("../aside");
        fs::rename(story.path(path), &aside).unwrap();
        story.link(path, aside.to_str().unwrap());
        is_refused(&story, what);
    }
    let story = project();
    story.remove(".tac/base/a.txt");
    story.write(".tac/base/a.txt/in", "");
    is_refused(&story, "/.tac/base/a.txt: it is not a file");
}

#[test]
fn a_lock_that_is_a_link_is_not_written_through() {
    let story = project();
    story.write("../outside", "outside\n");
    story.link(".tac/lock", "../../outside");
    let ran = story.upgrade().exits(1);
    assert!(
        ran.err.starts_with("error: lock the project"),
        "{}",
        ran.err
    );
    assert_eq!(story.read("../outside"), "outside\n");
    assert_eq!(story.read("a.txt"), "mine\n2\n3\n");
}

#[test]
fn a_copy_of_the_base_that_is_missing_is_an_empty_base() {
    let story = project();
    story.remove(".tac/base");
    let ran = story.upgrade().exits(2);
    assert!(
        ran.out
            .contains("conflict  a.txt: yours and the template's were made apart"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("a.txt"), "mine\n2\n3\n");
    assert_eq!(story.read("a.txt.theirs"), "1\n2\nnew\n");
    assert_eq!(
        story.read("deep/b.txt"),
        "b\n",
        "nobody knows whether this was edited"
    );
    assert_eq!(story.read("deep/b.txt.theirs"), "new\n");
    assert_eq!(story.read(".tac/base/a.txt"), "1\n2\nnew\n");
}

#[test]
fn a_file_without_a_base_that_the_template_drops_stays() {
    let story = project();
    story.remove(".tac/base/deep");
    story.learns(&[("a.txt", "1\n2\nnew\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("deep/b.txt"), "b\n");
}

#[test]
fn what_else_lies_in_tac_is_left_alone() {
    let story = project();
    story.write(".tac/mine.txt", "mine\n");
    story.write(".tac/base/mine.txt", "mine\n");
    story.upgrade().exits(0);
    assert_eq!(story.read(".tac/mine.txt"), "mine\n");
    assert_eq!(story.read(".tac/base/mine.txt"), "mine\n");
}

#[test]
fn what_another_branch_has_left_where_a_copy_is_to_be_is_replaced() {
    let story = project();
    story.write(".tac/base/c.txt", "left\n");
    story.learns(&[
        ("a.txt", "1\n2\n3\n"),
        ("deep/b.txt", "b\n"),
        ("c.txt", "c\n"),
    ]);
    let before = story.committed();
    story.upgrade().exits(0);
    assert_eq!(story.read(".tac/base/c.txt"), "c\n");
    story.run(&["undo"]).exits(0);
    assert_eq!(story.committed(), before);
}

#[test]
fn line_endings_that_git_has_converted_in_the_base_are_told() {
    let story = project();
    story.write(".tac/base/a.txt", "1\r\n2\r\n3\r\n");
    is_refused(&story, "/.tac/base/a.txt: it is not what was generated");
}

#[test]
fn a_path_that_is_a_file_and_a_folder_is_told() {
    let story = project();
    let text = story.read(".tac/tac.toml");
    let row = text
        .lines()
        .find(|line| line.starts_with("\"a.txt\" = "))
        .unwrap();
    let (_, written) = row.split_once(" = ").unwrap();
    story.write(
        ".tac/tac.toml",
        format!("{text}\"a.txt/b.txt\" = {written}\n"),
    );
    is_refused(
        &story,
        ".tac/base/a.txt/b.txt: it is not a file, or lies behind a link",
    );
}

#[test]
fn answers_that_no_longer_hold_are_told() {
    let port = "[answers.port]\ntype = \"integer\"\nhelp = \"\"\n";
    let story = Story::of_set(port, &[("a.txt", "a\n")]);
    edit(&story, "port = 8000", "port = \"many\"");
    let before = story.disk();
    let ran = story.with_set(&["upgrade"]).exits(1);
    assert!(
        ran.err.contains("port") && ran.err.contains("hint: "),
        "{}",
        ran.err
    );
    assert_eq!(story.disk(), before);
}
