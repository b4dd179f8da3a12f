//! What lies in `.tac/` may come from anybody: it is refused, and nothing is written.

use std::fs;
use std::os::unix::fs::symlink;

use tac_bootstrap::transaction::{Change, recover, undo};
use tac_bootstrap::tree::File;

use super::home::{Home, change};
use super::sample::{kept, path};

pub const RECORD: &str = ".tac/undo/0001/record.toml";
const JOURNAL: &str =
    "schema = 1\nrecord = 1\ncommand = \"upgrade\"\nwhen = \"2026-11-21T07:00:00Z\"\nsaved = []\n";

type Edit = fn(&str) -> Vec<u8>;

type Damage = fn(&Home);

/// A project with one record and a journal that names it.
pub fn pending_project() -> Home {
    let home = Home::new(&[("src/lib.rs", "old"), ("gone/old.rs", "old")]);
    home.apply(&[
        change("src/lib.rs", Some("old"), Some("new")),
        change("gone/old.rs", Some("old"), None),
        change("new/new.rs", None, Some("new")),
    ])
    .unwrap();
    home.write(".tac/journal", JOURNAL);
    home
}

/// The error of taking back, which must have changed nothing.
pub fn refusal(home: &Home) -> String {
    let (state, records) = (home.state(), kept(&home.project()));
    let lock = home.lock();
    let error = recover(&lock).unwrap_err();
    assert_eq!(home.state(), state, "{}", error.what());
    assert_eq!(kept(&home.project()), records);
    assert_eq!(undo(&lock).unwrap_err().what(), error.what());
    assert!(!error.next_step().is_empty());
    error.what().to_owned()
}

#[test]
fn the_journal_of_these_tests_is_one() {
    let home = pending_project();
    recover(&home.lock()).unwrap().unwrap();
    assert_eq!(home.read("src/lib.rs"), "old");
}

#[test]
fn a_record_that_leads_out_of_the_project_is_refused() {
    for hostile in [
        "../lib.rs",
        "/etc/passwd",
        "src/../../lib.rs",
        "",
        "src//lib.rs",
        "a\\u0000b",
    ] {
        for known in ["src/lib.rs", "gone", "new"] {
            let home = pending_project();
            let record = home
                .read(RECORD)
                .replace(&format!("\"{known}\""), &format!("\"{hostile}\""));
            let record = record.replace(&format!("\n{known} ="), &format!("\n\"{hostile}\" ="));
            assert_ne!(record, home.read(RECORD), "{known}");
            home.write(RECORD, &record);
            let said = refusal(&home);
            assert!(
                said.contains("is not a path inside a project"),
                "{hostile}: {said}"
            );
        }
    }
}

#[test]
fn a_record_that_changes_what_git_runs_or_what_transactions_live_on_is_refused() {
    for hostile in [
        ".git/hooks/post-checkout",
        "sub/.GIT/config",
        ".tac/lock",
        ".tac/journal",
        ".tac/undo/0001/before/0",
    ] {
        let home = pending_project();
        let record = home.read(RECORD).replace("src/lib.rs", hostile);
        home.write(RECORD, &record);
        assert_eq!(
            refusal(&home),
            format!("change {hostile}: it is no file of a project")
        );
        let change = Change {
            path: path(hostile),
            before: None,
            after: Some(File::text("new")),
            moved_from: None,
        };
        fs::remove_file(home.at(".tac/journal")).unwrap();
        let error = home.apply(&[change]).unwrap_err();
        assert!(
            error
                .what()
                .contains("it is no file of a project; nothing has changed"),
            "{}",
            error.what()
        );
    }
}

#[test]
fn a_record_or_a_journal_that_cannot_be_read_is_refused() {
    for file in [RECORD, ".tac/journal"] {
        let edits: [(&str, Edit); 7] = [
            ("its schema is 2, this program knows 1", |text| {
                text.replace("schema = 1", "schema = 2").into()
            }),
            ("missing field `schema`", |text| {
                text.replace("schema = 1\n", "").into()
            }),
            ("it is not UTF-8", |text| {
                [text.as_bytes(), b"\xff"].concat()
            }),
            ("unknown field `more`", |text| {
                text.replacen("when", "more = 1\nwhen", 1).into()
            }),
            ("missing field `command`", |text| {
                text.replace("command = \"upgrade\"\n", "").into()
            }),
            ("line 1", |_| b"<<<<<<< ours".into()),
            ("missing field `schema`", |_| Vec::new()),
        ];
        for (why, edit) in edits {
            let home = pending_project();
            let text = home.read(file);
            fs::write(home.at(file), edit(&text)).unwrap();
            let said = refusal(&home);
            assert!(
                said.contains(&format!("read {file}")) && said.contains(why),
                "{why}: {said}"
            );
        }
    }
}

#[test]
fn a_record_that_is_not_whole_is_refused() {
    let damage: [(&str, Damage); 8] = [
        ("read .tac/undo/0001/record.toml: it is not there", |home| {
            fs::remove_file(home.at(RECORD)).unwrap();
        }),
        ("read .tac/undo/0001/record.toml: it is not there", |home| {
            fs::remove_dir_all(home.at(".tac/undo")).unwrap();
        }),
        (
            "bring src/lib.rs back from .tac/undo/0001/before/0: it is not there",
            |home| {
                fs::remove_file(home.at(".tac/undo/0001/before/0")).unwrap();
            },
        ),
        (
            "bring src/lib.rs back from .tac/undo/0001/before/0: it is not there",
            |home| {
                fs::remove_dir_all(home.at(".tac/undo/0001/before")).unwrap();
            },
        ),
        (
            "bring gone/old.rs back from .tac/undo/0001/before/1: its checksum is not the recorded one",
            |home| {
                home.write(".tac/undo/0001/before/1", "something else");
            },
        ),
        (
            "bring gone/old.rs back from .tac/undo/0001/before/1: its checksum is not the recorded one",
            |home| {
                fs::remove_file(home.at(".tac/undo/0001/before/1")).unwrap();
                symlink("/etc/passwd", home.at(".tac/undo/0001/before/1")).unwrap();
            },
        ),
        (
            "bring gone/old.rs back from .tac/undo/0001/before/1: it is not a file",
            |home| {
                fs::remove_file(home.at(".tac/undo/0001/before/1")).unwrap();
                fs::create_dir(home.at(".tac/undo/0001/before/1")).unwrap();
            },
        ),
        (
            "read .tac/undo/0001/record.toml: it calls itself number 2",
            |home| {
                home.write(
                    RECORD,
                    &home.read(RECORD).replace("number = 1", "number = 2"),
                );
            },
        ),
    ];
    for (why, damage) in damage {
        let home = pending_project();
        damage(&home);
        assert_eq!(refusal(&home), why);
    }
}
