use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::program::{Scratch, assert_snapshot};

#[test]
fn a_project_is_written_told_and_remembered() {
    let scratch = Scratch::new();
    let ran = scratch.new_project(&["demo"]).succeeds();
    assert_snapshot(
        "new",
        &format!("{}\n{}\n", ran.transcript, scratch.listing().join("\n")),
    );
    assert_snapshot("tac-toml", &scratch.read("demo/.tac/tac.toml"));
}

#[test]
fn modes_are_those_of_the_template_set() {
    let scratch = Scratch::new();
    scratch.new_project(&["demo"]).succeeds();
    let mode = |path: &str| {
        fs::metadata(scratch.work().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o111
    };
    assert_ne!(mode("demo/orchestrator_web/start.sh"), 0);
    assert_eq!(mode("demo/README.md"), 0);
    assert_ne!(mode("demo"), 0);
}

#[test]
fn a_dry_run_tells_the_same_and_writes_nothing() {
    let scratch = Scratch::new();
    scratch.write("README.md", "mine\n");
    let modified = || fs::metadata(scratch.work()).unwrap().modified().unwrap();
    let before = modified();
    let ran = scratch.new_project(&[".", "--dry-run"]).succeeds();
    assert_snapshot("new-dry-run", &ran.transcript);
    assert_eq!(scratch.listing(), ["README.md"]);
    assert_eq!(modified(), before);

    let promised = scratch
        .new_project(&[".", "--dry-run", "--json"])
        .succeeds();
    let done = scratch.new_project(&[".", "--json"]).succeeds();
    let [promised, done] =
        [promised, done].map(|ran| serde_json::from_str::<serde_json::Value>(&ran.out).unwrap());
    for key in ["created", "kept", "unchanged", "answers", "options"] {
        assert_eq!(promised[key], done[key], "{key}");
    }
    assert_eq!(
        (&promised["written"], &done["written"]),
        (&false.into(), &true.into())
    );
}

#[test]
fn the_result_is_a_document_for_programs() {
    let scratch = Scratch::new();
    let ran = scratch
        .new_project(&["demo", "--with", "extra", "--json"])
        .succeeds();
    assert_snapshot("new-json", &ran.transcript);
}

#[test]
fn in_an_existing_repository_what_is_there_stays() {
    let scratch = Scratch::new();
    scratch.write("README.md", "mine\n");
    scratch.write(".gitignore", "/data\n");
    scratch.write("docs/own.md", "mine too\n");
    assert!(
        Command::new("git")
            .args(["init", "-q"])
            .current_dir(scratch.work())
            .status()
            .unwrap()
            .success()
    );

    let ran = scratch.new_project(&["."]).succeeds();
    assert_snapshot(
        "new-existing",
        &format!("{}\n{}\n", ran.transcript, scratch.listing().join("\n")),
    );
    assert_eq!(scratch.read("README.md"), "mine\n");
    assert_eq!(scratch.read("docs/own.md"), "mine too\n");
    assert_eq!(scratch.read(".tac/offered/README.md"), "# Work\n");
}

#[test]
fn every_clash_is_listed_and_nothing_is_written() {
    let scratch = Scratch::new();
    scratch.write("orchestrator_web/start.sh", "mine\n");
    scratch.write("orchestrator_web/src/deep/mine.rs", "mine\n");
    scratch.write("orchestrator_web/notes", "mine\n");
    scratch.write(".tac/other", "mine\n");
    scratch.write("docs", "a file where a folder has to be\n");
    fs::create_dir(scratch.work().join("README.md")).unwrap();
    symlink(
        "/nowhere",
        scratch.work().join("orchestrator_web/Cargo.toml"),
    )
    .unwrap();
    let before = scratch.listing();

    let ran = scratch.new_project(&["."]).fails();
    assert_snapshot("new-clashes", &ran.transcript);
    assert_snapshot(
        "new-clashes-json",
        &scratch.new_project(&[".", "--json"]).fails().transcript,
    );
    assert_snapshot(
        "new-clashes-dry-run",
        &scratch.new_project(&[".", "--dry-run"]).fails().transcript,
    );
    assert_eq!(scratch.listing(), before);
}

#[test]
fn a_second_time_says_that_a_project_is_there() {
    let scratch = Scratch::new();
    scratch.new_project(&["demo"]).succeeds();
    let before = scratch.listing();
    let ran = scratch.new_project(&["demo"]).fails();
    assert!(
        ran.err
            .contains("hint: a project of tac-bootstrap is here already"),
        "{}",
        ran.err
    );
    assert_eq!(scratch.listing(), before);
}

#[test]
fn nothing_is_written_through_a_link() {
    let scratch = Scratch::new();
    scratch.write("elsewhere/keep", "");
    symlink("elsewhere", scratch.work().join("orchestrator_web")).unwrap();
    let ran = scratch.new_project(&["."]).fails();
    assert!(ran.err.contains("\n  orchestrator_web\n"), "{}", ran.err);
    symlink("nowhere", scratch.work().join("gone")).unwrap();
    scratch.new_project(&["gone"]).fails();
    scratch.new_project(&["gone/demo"]).fails();
    assert_eq!(
        scratch.listing(),
        ["elsewhere/", "elsewhere/keep", "gone", "orchestrator_web"]
    );
}

#[test]
fn an_empty_folder_of_ours_is_filled() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.work().join("demo/orchestrator_web")).unwrap();
    scratch.new_project(&["demo"]).succeeds();
    assert!(
        scratch
            .read("demo/orchestrator_web/start.sh")
            .starts_with("#!")
    );
}

#[test]
fn a_cargo_workspace_around_it_is_told_with_what_to_exclude() {
    let scratch = Scratch::new();
    scratch.write("Cargo.toml", "[workspace]\nmembers = [\"apps/*/*\"]\n");
    let ran = scratch.new_project(&["apps/demo"]).succeeds();
    assert_snapshot("new-in-workspace", &ran.transcript);

    scratch.write("apps/demo/orchestrator_web/src/main.rs", "fn main() {}\n");
    let metadata = |folder: &str| {
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--no-deps", "--offline", "--format-version=1"]);
        cargo
            .current_dir(scratch.work().join(folder))
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(
        metadata("apps/demo/orchestrator_web"),
        "the service is a workspace of its own"
    );
    assert!(
        !metadata("."),
        "cargo no longer minds, nor does the note have to"
    );
    let exclude = "[workspace]\nmembers = [\"apps/*/*\"]\nexclude = [\"apps/demo\"]\n";
    scratch.write("Cargo.toml", exclude);
    assert!(metadata("."), "the note's remedy works");
}

#[test]
fn a_repository_is_made_where_there_is_none() {
    let scratch = Scratch::new();
    let is_repository = |folder: &str| scratch.work().join(folder).join(".git/HEAD").exists();
    scratch.new_project(&["one"]).succeeds();
    assert!(is_repository("one"));
    scratch.new_project(&["one/inside"]).succeeds();
    assert!(!is_repository("one/inside"));
    scratch.new_project(&["one/own", "--vcs", "git"]).succeeds();
    assert!(is_repository("one/own"));
    scratch.new_project(&["none", "--vcs", "none"]).succeeds();
    assert!(!is_repository("none"));
    let folder = scratch.work().join("plain");
    fs::create_dir(&folder).unwrap();
    scratch.new_project(&["plain"]).succeeds();
    assert!(is_repository("plain"));
}

#[test]
fn the_repository_of_the_environment_is_not_touched() {
    let scratch = Scratch::new();
    let output = scratch
        .command(&["new", "demo", "--templates", "../set"])
        .env("GIT_DIR", "../stray")
        .output();
    assert!(output.unwrap().status.success());
    assert!(scratch.work().join("demo/.git/HEAD").exists());
    assert!(!scratch.work().join("../stray").exists());
}

#[test]
fn without_git_there_is_no_repository_unless_it_was_asked_for() {
    let scratch = Scratch::new();
    let run = |args: &[&str]| {
        scratch
            .command(args)
            .env("PATH", "/nonexistent")
            .output()
            .unwrap()
    };
    let asked = run(&["new", "demo", "--vcs", "git", "--templates", "../set"]);
    assert!(!asked.status.success());
    assert!(
        String::from_utf8_lossy(&asked.stderr)
            .contains("there is no program `git`; nothing was written")
    );
    assert_eq!(scratch.listing(), [""; 0]);

    let plain = run(&["new", "demo", "--templates", "../set"]);
    assert!(plain.status.success());
    assert!(String::from_utf8_lossy(&plain.stdout).contains("made no git repository"));
}

#[test]
fn a_place_with_an_odd_name_is_told_as_a_shell_reads_it() {
    let scratch = Scratch::new();
    let ran = scratch.new_project(&["it's here/demo"]).succeeds();
    let next = "  cd 'it'\\''s here/demo/orchestrator_web'\n";
    assert!(ran.out.contains(next), "{}", ran.out);

    let folder = OsStr::from_bytes(b"d\xff");
    fs::create_dir(scratch.work().join(folder)).unwrap();
    let mut command = scratch.command(&["new", "--json", "--templates", "../set"]);
    let output = command.arg(Path::new(folder).join("demo")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let path = document["path"].as_str().unwrap();
    assert!(path.ends_with("d\u{fffd}/demo"), "{path}");
}

#[test]
fn what_has_no_service_cannot_be_run_and_is_not_written() {
    let scratch = Scratch::new();
    let manifest = "../set/files/orchestrator_web/Cargo.toml.tera";
    fs::remove_file(scratch.work().join(manifest)).unwrap();
    let ran = scratch.new_project(&["demo", "--run"]).fails();
    let said = "error: run the service: the template set has no orchestrator_web/Cargo.toml; nothing was written\n\
                hint: leave out `--run`\n";
    assert_eq!(ran.err, said);
    assert_eq!(scratch.listing(), [""; 0]);
}
