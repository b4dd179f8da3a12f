//! `new` is killed, interrupted early or late, or runs twice at once.

use std::fs::{self, File};
use std::io::{Read, Write, pipe};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process};

use crate::program::{PROGRAM, Scratch};

const NEW: [&str; 5] = ["new", "demo", "--yes", "--templates", "../set"];

fn stages(scratch: &Scratch) -> usize {
    let listing = scratch.listing();
    let is_stage = |path: &&String| path.starts_with(".tac-new-") && path.ends_with('/');
    let outermost = |path: &&String| path.matches('/').count() == 1;
    listing.iter().filter(is_stage).filter(outermost).count()
}

#[test]
fn what_a_kill_leaves_is_told_and_then_removed() {
    for path in ["demo", "."] {
        let scratch = Scratch::new();
        // Runs between the writing of the files and their move into place.
        scratch.shim("git", "kill -KILL $PPID");
        let output = scratch
            .command(&["new", path, "--templates", "../set"])
            .output()
            .unwrap();
        assert_eq!(output.status.signal(), Some(9));
        assert_eq!(stages(&scratch), 1);

        fs::remove_file(scratch.work().join("../bin/git")).unwrap();
        let doctor = scratch.run(&["doctor"]);
        assert!(
            doctor.out.contains("a `new` that was killed left"),
            "{}",
            doctor.out
        );

        scratch.new_project(&[path]).succeeds();
        assert_eq!(stages(&scratch), 0);
        let doctor = scratch.run(&["doctor"]);
        assert!(doctor.out.contains("leftovers   none"), "{}", doctor.out);
    }
}

#[test]
fn what_another_one_is_writing_is_no_leftover() {
    let scratch = Scratch::new();
    let work = scratch.work();
    let second = format!(
        "cd {} && {PROGRAM} new second --vcs none --templates ../set",
        work.display()
    );
    scratch.shim("git", &second);
    scratch.new_project(&["first"]).succeeds();
    for folder in ["first", "second"] {
        assert!(work.join(folder).join(".tac/tac.toml").exists(), "{folder}");
    }
}

#[test]
fn of_two_at_once_in_one_folder_one_wins_whole() {
    for path in ["demo", "."] {
        let scratch = Scratch::new();
        // Holds each until both have written their files, and before either moves them into place.
        let wait =
            "echo >>$STAGED; until [ $(wc -l <$STAGED) -ge 2 ]; do sleep 0.01; done; mkdir .git";
        scratch.shim("git", wait);
        let start = || {
            let mut command = scratch.command(&["new", path, "--templates", "../set"]);
            command.env("STAGED", scratch.work().join("../staged"));
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let both = [start(), start()].map(|child| child.wait_with_output().unwrap());
        let (won, lost): (Vec<Output>, Vec<Output>) =
            both.into_iter().partition(|output| output.status.success());
        assert_eq!((won.len(), lost.len()), (1, 1));
        let said = String::from_utf8_lossy(&lost[0].stderr);
        assert!(
            said.contains("; nothing was written\nhint: something has appeared there"),
            "{said}"
        );

        let alone = Scratch::new();
        alone.shim("git", "mkdir .git");
        alone.new_project(&[path]).succeeds();
        assert_eq!(scratch.listing(), alone.listing());
    }
}

#[test]
fn before_anything_is_written_a_signal_ends_the_program() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let scratch = Scratch::new();
        let answers = scratch.work().join("../answers");
        let made = Command::new("mkfifo").arg(&answers).status().unwrap();
        assert!(made.success());
        let args = [
            "new",
            "demo",
            "--answers",
            "../answers",
            "--templates",
            "../set",
        ];
        default_in_children(signal);
        let mut program = scratch.command(&args).spawn().unwrap();
        // Opens once the program reads; what it reads has no end.
        let _endless = File::options().write(true).open(&answers).unwrap();
        kill_process(Pid::from_child(&program), signal).unwrap();
        assert_eq!(program.wait().unwrap().signal(), Some(signal.as_raw()));
    }
}

/// Who runs these tests may ignore the signal, as a shell does for what it puts into the background, and programs
/// inherit that. What is caught is no longer ignored, and no program inherits a handler.
fn default_in_children(signal: Signal) {
    let always = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_default(signal.as_raw(), always).unwrap();
}

#[test]
fn a_signal_between_the_writing_and_the_build_is_not_lost() {
    let scratch = Scratch::new();
    scratch.shim("cargo", "echo cargo was run >&2; exit 1");
    let (mut reader, mut writer) = pipe().unwrap();
    // With the pipe full, the program stands still where it tells what it has written.
    fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    while writer.write(&[b'.'; 4096]).is_ok() {}
    fcntl_setfl(&writer, OFlags::empty()).unwrap();
    let mut command = scratch.command(&[&NEW[..], &["--run", "--vcs", "none"]].concat());
    let program = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(command);
    while !scratch.work().join("demo/.tac/tac.toml").exists() {
        std::thread::yield_now();
    }
    kill_process(Pid::from_child(&program), Signal::INT).unwrap();
    reader.read_to_end(&mut Vec::new()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("error: interrupted before building\n"),
        "{said}"
    );
}

#[test]
fn a_report_that_nobody_can_read_still_says_that_the_project_is_written() {
    let scratch = Scratch::new();
    for args in [
        &NEW[..],
        &["new", "other", "--json", "--templates", "../set"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = scratch.command(args).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(scratch.work().join(args[1]).join(".tac/tac.toml").exists());
        if args == NEW {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                said.contains("; the project is written\nhint: it is in /"),
                "{said}"
            );
        }
    }
}
