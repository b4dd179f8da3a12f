//! `adopt`: a project whose `.tac/` is lost, or that was never ours.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::Value;
use tac_bootstrap::disk;
use tac_bootstrap::templates::released::RELEASED;
use tac_bootstrap::tree::Tree;

use crate::fixture;
use crate::program::{Scratch, assert_snapshot};

/// Everything but what git keeps, and what was written to be undone.
fn tree(folder: &Path) -> Tree {
    let is_meant = |part: &str| ![".git", "undo", "lock"].contains(&part);
    disk::read(folder, |path| path.parts().all(is_meant)).unwrap()
}

#[track_caller]
fn assert_same(one: &Tree, other: &Tree) {
    let paths = one.keys().chain(other.keys());
    let differing: Vec<_> = paths
        .filter(|path| one.get(*path) != other.get(*path))
        .collect();
    assert!(differing.is_empty(), "{differing:?}");
}

fn forget(scratch: &Scratch) {
    fs::remove_dir_all(scratch.work().join(".tac")).unwrap();
}

fn json(scratch: &Scratch, args: &[&str]) -> Value {
    let ran = scratch.run(&[&["adopt", "--json"], args].concat());
    serde_json::from_str(&ran.succeeds().out).unwrap()
}

const WITH_SET: [&str; 2] = ["--templates", "../set"];

#[test]
fn an_upgrade_after_it_is_the_one_that_it_would_have_been() {
    for released in &RELEASED {
        let scratch = Scratch::new();
        fixture::write(
            &scratch.work().join("../released"),
            &released.stored().unwrap(),
        );
        let new = [
            "new",
            "kept",
            "--framework",
            "django",
            "--title",
            "A \"b\"\\",
            "--port",
            "9123",
            "--with",
            "systemd",
            "--without",
            "docs",
            "--templates",
            "../released",
        ];
        scratch.run(&new).succeeds();
        let app = scratch.read("kept/orchestrator_web/src/app.rs");
        let mine = app.replace(
            "        workflows::",
            "        mine(),\n        workflows::",
        );
        scratch.write("kept/orchestrator_web/src/app.rs", &mine);
        scratch.write("kept/orchestrator_web/src/mine.rs", "pub fn mine() {}\n");
        let cargo = scratch.read("kept/orchestrator_web/Cargo.toml");
        scratch.write(
            "kept/orchestrator_web/Cargo.toml",
            &cargo.replace("anyhow = \"1\"", "anyhow = \"1\"\neither = \"1\""),
        );
        fs::remove_file(scratch.work().join("kept/orchestrator_web/.env.sample")).unwrap();
        let copied = std::process::Command::new("cp")
            .args(["-r", "kept", "lost"])
            .current_dir(scratch.work())
            .status();
        assert!(copied.unwrap().success());
        fs::remove_dir_all(scratch.work().join("lost/.tac")).unwrap();
        let before = tree(&scratch.work().join("lost"));

        scratch.run(&["adopt", "lost"]).succeeds();
        let (kept, lost) = (scratch.work().join("kept"), scratch.work().join("lost"));
        assert_eq!(
            scratch.read("lost/.tac/tac.toml"),
            scratch.read("kept/.tac/tac.toml")
        );
        let mut now = tree(&lost);
        now.retain(|path, _| !path.as_str().starts_with(".tac/"));
        assert_same(&now, &before);
        assert_same(&tree(&kept), &tree(&lost));
        let upgraded = [&kept, &lost].map(|folder| {
            let mut upgrade = scratch.command(&["upgrade", "--allow-dirty"]);
            upgrade.current_dir(folder).output().unwrap().status.code()
        });
        assert_eq!(upgraded, [Some(0), Some(0)]);
        assert_same(&tree(&kept), &tree(&lost));
        assert!(
            scratch
                .read("lost/orchestrator_web/src/app.rs")
                .contains("costs")
        );
    }
}

#[test]
fn each_file_is_told_with_what_it_was_taken_for() {
    let scratch = Scratch::new();
    scratch.write("../set/files/a.txt", "1\n2\n3\n4\n");
    scratch.write("../set/files/b.txt", "1\n2\n3\n4\n");
    scratch.write("../set/files/c/d.txt", "1\n");
    scratch.new_project(&["."]).succeeds();
    forget(&scratch);
    scratch.write("a.txt", "1\n2\n3\n5\n");
    scratch.write("b.txt", "6\n7\n8\n4\n");
    fs::remove_file(scratch.work().join("docs/usage.md")).unwrap();
    fs::remove_dir_all(scratch.work().join("c")).unwrap();
    scratch.write("c", "a file\n");
    let before = scratch.listing();
    let dry = scratch.run(&[&["adopt", "--name", "work", "--dry-run"][..], &WITH_SET].concat());
    assert_snapshot("adopt-dry-run", &dry.succeeds().transcript);
    assert_eq!(scratch.listing(), before);
    let ran = scratch.run(&[&["adopt", "--title", "Mine"][..], &WITH_SET].concat());
    let status = scratch.run(&["status"]).succeeds().transcript;
    assert_snapshot("adopt", &(ran.succeeds().transcript + &status));
    assert_eq!(scratch.read(".tac/offered/b.txt"), "1\n2\n3\n4\n");
    let upgrade = scratch.run(&[&["upgrade", "--allow-dirty"][..], &WITH_SET].concat());
    assert!(upgrade.succeeds().out.starts_with("up to date"));
}

#[test]
fn a_project_that_was_never_ours_keeps_its_files_and_gets_the_rest_by_an_upgrade() {
    let scratch = Scratch::new();
    scratch.write("README.md", "mine\n");
    scratch.write(".gitignore", "/data\n");
    scratch.write("main.py", "print()\n");
    let ran = scratch.run(&[&["adopt"][..], &WITH_SET].concat());
    let mut told = ran.succeeds().transcript;
    let state = scratch.read(".tac/tac.toml");
    assert!(state.contains("kept = [\"README.md\"]"), "{state}");
    assert!(!scratch.work().join("orchestrator_web").exists());
    let ran = scratch.run(&[&["upgrade", "--allow-dirty"][..], &WITH_SET].concat());
    told += &ran.succeeds().transcript;
    assert_snapshot("adopt-foreign", &told);
    assert_eq!(scratch.read("README.md"), "mine\n");
    assert_eq!(
        scratch.read("orchestrator_web/start.sh"),
        "#!/bin/sh\ncargo run\n"
    );
}

#[test]
fn a_flag_goes_before_what_stands_in_the_project_and_what_cannot_be_an_answer_is_told() {
    let scratch = Scratch::new();
    scratch
        .run(&["new", ".", "--yes", "--port", "9000"])
        .succeeds();
    forget(&scratch);
    let settings = scratch.read("orchestrator.toml");
    let settings = settings.replace("language = \"none\"", "language = \"cobol\"");
    let settings = settings.replace("web_ui_port = 5173", "web_ui_port = 70000");
    scratch.write("orchestrator.toml", &settings);
    let found = json(&scratch, &["--dry-run"]);
    assert_eq!(found["answers"]["port"], 9000);
    assert_eq!(found["answers"]["language"], "none");
    assert_eq!(found["answers"]["ui_port"], 5173);
    let refused = found["refused"].as_array().unwrap();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(
        refused[0]
            .as_str()
            .unwrap()
            .starts_with("orchestrator.toml: ")
    );
    let flags = ["--dry-run", "--port", "9001", "--with", "systemd"];
    let found = json(&scratch, &flags);
    assert_eq!(found["answers"]["port"], 9001);
    let options = ["ci", "dashboard", "docs", "systemd"];
    assert_eq!(found["options"], serde_json::json!(options));
}

#[test]
fn a_project_of_this_version_is_found_whole() {
    let scratch = Scratch::new();
    let options = ["--with", "systemd", "--language", "go", "--ui-port", "3000"];
    scratch
        .run(&[&["new", "demo", "--yes"][..], &options].concat())
        .succeeds();
    let before = tree(&scratch.work());
    fs::remove_dir_all(scratch.work().join("demo/.tac")).unwrap();
    let found = json(&scratch, &["demo"]);
    assert_eq!(found["fits"], true);
    assert_same(&tree(&scratch.work()), &before);
}

#[test]
fn line_ends_and_modes_do_not_hide_a_generated_file() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    forget(&scratch);
    scratch.write("docs/usage.md", "Type `cargo run`.\r\n");
    let start = scratch.work().join("orchestrator_web/start.sh");
    fs::set_permissions(start, fs::Permissions::from_mode(0o644)).unwrap();
    let found = json(&scratch, &WITH_SET);
    for file in found["files"].as_array().unwrap() {
        let is_same = ["docs/usage.md", "orchestrator_web/start.sh"]
            .iter()
            .all(|changed| file["path"] != *changed);
        let expected = if is_same { "exact" } else { "like" };
        assert_eq!(file["match"], expected, "{file}");
        assert_eq!(
            file["likeness"],
            if is_same { Value::Null } else { 1.0.into() }
        );
    }
}

#[test]
fn a_project_inside_of_another_is_adopted_if_it_was_made_as_one() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    scratch.new_project(&["services/hub"]).succeeds();
    fs::remove_dir_all(scratch.work().join("services/hub/.tac")).unwrap();
    let found = json(&scratch, &["services/hub", "--templates", "../set"]);
    assert_eq!(found["fits"], true);
    assert_eq!(found["answers"]["name"], "hub");
}

#[test]
fn what_can_be_undone_stays_where_it_is() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    scratch
        .run(&[&["set", "port=9000"][..], &WITH_SET].concat())
        .succeeds();
    for name in ["base", "tac.toml", ".gitattributes", ".gitignore"] {
        let path = scratch.work().join(".tac").join(name);
        let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
    }
    scratch
        .run(&[&["adopt"][..], &WITH_SET].concat())
        .succeeds();
    let list = scratch.run(&["undo", "--list"]).succeeds().out;
    assert!(list.starts_with("set of "), "{list}");
    let diff = scratch.run(&["status"]).succeeds().out;
    assert!(diff.contains("files are as they were generated"), "{diff}");
}

#[test]
fn what_is_no_lost_project_is_refused() {
    let scratch = Scratch::new();
    scratch.write("file", "");
    let mut told = String::new();
    for args in [
        &["adopt", "none"][..],
        &["adopt", "file"],
        &["adopt", "--templates", "../none"],
        &["adopt", "--with", "extras", "--templates", "../set"],
        &["adopt", "--with", "extras"],
        &["adopt", "--name", "a b"],
    ] {
        told += &scratch.run(args).fails().transcript;
    }
    assert!(!scratch.work().join(".tac").exists());
    scratch.new_project(&["."]).succeeds();
    told += &scratch.run(&["adopt"]).fails().transcript;
    told += &scratch.run(&["adopt", "docs"]).fails().transcript;
    let state = scratch.read(".tac/tac.toml");
    scratch.write(".tac/tac.toml", &state.replace("schema = 1", "schema = x"));
    let before = tree(&scratch.work());
    told += &scratch.run(&["adopt"]).fails().transcript;
    assert_same(&tree(&scratch.work()), &before);
    forget(&scratch);
    symlink("/tmp", scratch.work().join(".tac")).unwrap();
    told += &scratch.run(&["adopt"]).fails().transcript;
    assert_snapshot("adopt-refused", &told);
}
