//! The program itself is killed at each system call that changes something.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use tac_bootstrap::transaction::Project;

use super::sample::{State, assert_same, state};
use crate::program::{PROGRAM, Scratch};

const UPGRADE: [&str; 4] = ["upgrade", "--allow-dirty", "--templates", "../set"];

/// System calls that change something. A question mark stands before those that not every processor has.
const CALLS: [&str; 12] = [
    "write",
    "renameat2",
    "?renameat",
    "?rename",
    "unlinkat",
    "?unlink",
    "?rmdir",
    "mkdirat",
    "?mkdir",
    "symlinkat",
    "fchmod",
    "flock",
];

/// A project, edited, and a template set that has gone on since.
fn project() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("../set/files/gone/old.md", "old\n");
    scratch.write("../set/files/notes", "a file\n");
    scratch.new_project(&[".", "--vcs", "none"]).succeeds();
    scratch.write("docs/usage.md", "Mine.\n\nType `cargo run`.\n");
    scratch.write("mine.md", "mine\n");

    let set = scratch.read("../set/set.toml");
    scratch.write("../set/set.toml", &set.replace("1.0.0", "2.0.0"));
    scratch.write(
        "../set/files/docs/usage.md",
        "Type `cargo run`.\n\nThen look.\n",
    );
    scratch.write("../set/files/docs/new/new.md", "new\n");
    scratch.write(
        "../set/files/orchestrator_web/start.sh",
        "#!/bin/sh\nexec cargo run\n",
    );
    for path in ["../set/files/gone", "../set/files/notes"] {
        let removed = Command::new("rm")
            .arg("-r")
            .arg(scratch.work().join(path))
            .status();
        assert!(removed.unwrap().success());
    }
    scratch.write("../set/files/notes/monday.md", "a folder\n");
    scratch
}

/// Runs the program and kills it as it makes this system call for the so many-th time.
fn kill_at(call: &str, count: usize, scratch: &Scratch, args: &[&str]) -> Output {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
    command.args([&format!("trace={call}"), "-e"]);
    command.arg(format!("inject={call}:signal=SIGKILL:when={count}"));
    command.arg(PROGRAM).args(args).current_dir(scratch.work());
    command.output().expect("the program `strace` is there")
}

fn files(scratch: &Scratch) -> State {
    state(&Project::new(scratch.work()))
}

/// Kills `args` at each call, until it is through. `prepare` makes what it finds, `check` sees what it leaves.
fn kill_at_each_call(prepare: impl Fn() -> Scratch, args: &[&str], check: impl Fn(&Scratch, &str)) {
    let mut kills = 0;
    for call in CALLS {
        for count in 1.. {
            let scratch = prepare();
            let output = kill_at(call, count, &scratch, args);
            if output.status.signal().is_none() {
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{said}");
                break;
            }
            check(&scratch, &format!("killed at {call} {count}"));
            kills += 1;
        }
    }
    assert!(kills > 50, "killed only {kills} times");
}

#[test]
fn a_killed_upgrade_is_taken_back_or_done() {
    let scratch = project();
    let old = files(&scratch);
    scratch.run(&UPGRADE).succeeds();
    let new = files(&scratch);
    kill_at_each_call(project, &UPGRADE, |scratch, place| {
        if scratch.work().join(".tac/journal").exists() {
            let half = files(scratch);
            let refused = scratch
                .run(&[&UPGRADE[..], &["--dry-run"]].concat())
                .fails();
            assert!(refused.err.contains("upgrade --abort"), "{}", refused.err);
            assert_same(&files(scratch), &half, place);
            scratch.run(&["upgrade", "--abort"]).succeeds();
            assert_same(&files(scratch), &old, place);
        } else if files(scratch) != new {
            assert_same(&files(scratch), &old, place);
        }
        scratch.run(&UPGRADE).succeeds();
        assert_same(&files(scratch), &new, place);
        scratch.run(&["undo"]).succeeds();
        assert_same(&files(scratch), &old, place);
    });
}

#[test]
fn a_killed_undo_is_done_by_the_next_command() {
    let upgraded = || {
        let scratch = project();
        scratch.run(&UPGRADE).succeeds();
        scratch
    };
    let old = files(&project());
    let new = files(&upgraded());
    kill_at_each_call(upgraded, &["undo"], |scratch, place| {
        if scratch.work().join(".tac/journal").exists() {
            scratch.run(&["upgrade", "--abort"]).succeeds();
        } else if files(scratch) != old {
            assert_same(&files(scratch), &new, place);
            scratch.run(&["undo"]).succeeds();
        }
        assert_same(&files(scratch), &old, place);
    });
}
