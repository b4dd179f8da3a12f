//! A project in a real repository of git.

use std::process::Command;

use crate::program::{Ran, Scratch};

fn git(scratch: &Scratch, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org"])
        .args(args)
        .current_dir(scratch.work())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "git {args:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn commit_everything(scratch: &Scratch) {
    git(scratch, &["add", "-A"]);
    git(scratch, &["commit", "-qm", "everything"]);
}

#[test]
fn the_ignore_rules_of_the_repository_hide_nothing_of_the_project() {
    let scratch = Scratch::new();
    git(&scratch, &["init", "-q"]);
    let rules = "logs\ndocs/\ntests\nassets/\n*.lock\n*.sql\n.env.*\nbase\n";
    scratch.write(".gitignore", rules);
    scratch
        .run(&["new", ".", "--yes", "--with", "systemd"])
        .succeeds();
    let written = scratch.listing();
    for left in [
        "orchestrator_web/target/debug/x",
        "orchestrator_web/data/x",
        "orchestrator_web/.env",
        ".tac/lock",
    ] {
        scratch.write(left, "left by running it\n");
    }

    git(&scratch, &["add", "-A"]);
    let staged = git(&scratch, &["ls-files"]);
    let is_file = |path: &&String| !path.ends_with('/');
    let written: Vec<&str> = written.iter().filter(is_file).map(String::as_str).collect();
    let mut staged: Vec<&str> = staged.lines().collect();
    let mut expected = written.clone();
    staged.sort_unstable();
    expected.sort_unstable();
    assert_eq!(staged, expected);
}

#[test]
fn what_git_ignores_is_not_listed_among_the_users_own_files() {
    let scratch = Scratch::new();
    scratch.run(&["new", ".", "--yes"]).succeeds();
    for left in ["data/orchestrator.db", "data/runs/1/stdout", ".env"] {
        scratch.write(&format!("orchestrator_web/{left}"), "left by running it\n");
    }
    scratch.write("orchestrator_web/src/mine.rs", "// Mine.\n");
    let foreign = || {
        let told = scratch.run(&["status"]).succeeds().out;
        let foreign = told
            .lines()
            .filter_map(|it| it.strip_prefix("  foreign    "));
        foreign.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(foreign(), ["orchestrator_web/src/mine.rs"]);

    git(&scratch, &["add", "--force", "orchestrator_web/data/runs"]);
    let committed = "orchestrator_web/data/runs/1/stdout";
    assert_eq!(foreign(), [committed, "orchestrator_web/src/mine.rs"]);

    std::fs::remove_dir_all(scratch.work().join(".git")).unwrap();
    assert_eq!(foreign().len(), 4, "{:?}", foreign());
}

#[test]
fn a_conflict_between_two_branches_ends_as_the_state_says() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    commit_everything(&scratch);
    let state = scratch.read(".tac/tac.toml");
    let commands: Vec<&str> = state
        .lines()
        .filter_map(|line| line.strip_prefix("#   "))
        .collect();
    assert_eq!(commands.len(), 3);

    git(&scratch, &["checkout", "-qb", "theirs"]);
    scratch.write(".tac/tac.toml", &state.replace("1.0.0", "1.0.1"));
    scratch.write(".tac/base/new.md", "which git merges by itself\n");
    commit_everything(&scratch);
    git(&scratch, &["checkout", "-q", "-"]);
    scratch.write(".tac/tac.toml", &state.replace("1.0.0", "1.0.2"));
    commit_everything(&scratch);

    for (side, commit) in [("HEAD", "HEAD"), ("MERGE_HEAD", "theirs")] {
        let merge = Command::new("git")
            .args(["merge", "-q", "theirs"])
            .current_dir(scratch.work())
            .output()
            .unwrap();
        assert!(!merge.status.success(), "there is no conflict");
        let doctor = scratch.run(&["doctor"]).fails();
        assert!(
            doctor.out.contains("<<<<<<<") || doctor.out.contains("tac.toml"),
            "{}",
            doctor.out
        );

        let script = commands.join(" && ").replace("HEAD", side);
        let shell = Command::new("sh")
            .args(["-c", &script])
            .current_dir(scratch.work())
            .output()
            .unwrap();
        assert!(shell.status.success(), "{shell:?}");
        git(
            &scratch,
            &["diff", "--cached", "--exit-code", commit, "--", ".tac"],
        );
        let status = git(&scratch, &["status", "--porcelain", "--", ".tac"]);
        assert!(!status.contains("??"), "{status}");
        let has_theirs = scratch.work().join(".tac/base/new.md").exists();
        assert_eq!(has_theirs, side == "MERGE_HEAD");
        git(&scratch, &["merge", "--abort"]);
    }
}

#[test]
fn a_project_that_the_repository_around_it_ignores_has_no_files_of_others() {
    let scratch = Scratch::new();
    git(&scratch, &["init", "-q"]);
    scratch.write(".gitignore", "/demo\n");
    scratch.run(&["new", "demo", "--yes"]).succeeds();
    scratch.write("demo/orchestrator_web/data/orchestrator.db", "left by it\n");
    let mut status = scratch.command(&["status"]);
    let status = status.current_dir(scratch.work().join("demo"));
    let output = status.output().unwrap();
    let told = Ran::new(&scratch, &["status"], &output).succeeds().out;
    assert!(!told.contains("foreign"), "{told}");
}
