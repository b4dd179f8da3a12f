//! Rules of the house that no compiler checks. ARCHITECTURE.md says why they are.

use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let lines = text.lines().count();
        assert!(
            lines <= 400,
            "{} has {lines} lines; split it",
            path.display()
        );
    }
}

#[test]
fn only_the_database_folder_names_the_engine() {
    for (path, text) in sources("src") {
        let is_allowed = path.starts_with("src/db");
        assert!(
            is_allowed || !text.contains("rusqlite"),
            "{} names rusqlite",
            path.display()
        );
    }
}

#[test]
fn sql_stands_in_commands_queries_events_and_the_database_folder_only() {
    let statements = [
        "SELECT ",
        "INSERT INTO",
        "UPDATE ",
        "DELETE FROM",
        "CREATE TABLE",
        "PRAGMA ",
    ];
    for (path, text) in sources("src") {
        let name = path.file_name().unwrap().to_str().unwrap();
        let in_its_place = ["src/db", "src/events"]
            .iter()
            .any(|it| path.starts_with(it))
            || ["commands.rs", "queries.rs"].contains(&name);
        let code = || {
            text.lines()
                .filter(|line| !line.trim_start().starts_with("//"))
        };
        let sql = code().find(|line| statements.iter().any(|it| line.contains(it)));
        assert!(
            in_its_place || sql.is_none(),
            "{} holds SQL: {}",
            path.display(),
            sql.unwrap()
        );
    }
}

#[test]
fn commands_and_queries_do_not_know_http() {
    for (path, text) in sources("src") {
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_inside = ["commands.rs", "queries.rs"].contains(&name) || path.starts_with("src/db");
        assert!(
            !is_inside || !text.contains("axum"),
            "{} names axum",
            path.display()
        );
    }
}

#[test]
fn a_feature_does_not_use_the_http_of_another() {
    for (path, text) in sources("src") {
        let is_the_table = path == Path::new("src/app.rs");
        let reaches_over = text
            .lines()
            .any(|line| line.starts_with("use crate::") && line.contains("::http"));
        assert!(
            is_the_table || !reaches_over,
            "{} uses another feature's http",
            path.display()
        );
    }
}
