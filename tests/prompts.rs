//! What a person at a terminal sees.

use std::process::Command;

use rexpect::session::{Options, PtySession, spawn_with_options};

use crate::program::Scratch;

const PATIENCE: u64 = 20_000;

/// `new demo` on a terminal of its own.
fn session(scratch: &Scratch, args: &[&str]) -> PtySession {
    let command: Command =
        scratch.command(&[&["new", "demo", "--templates", "../set"], args].concat());
    let mut on_terminal = Command::new(command.get_program());
    on_terminal
        .args(command.get_args())
        .current_dir(scratch.work())
        .env("TERM", "xterm");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => on_terminal.env(name, value),
            None => on_terminal.env_remove(name),
        };
    }
    let options = Options::new()
        .timeout_ms(Some(PATIENCE))
        .strip_ansi_escape_codes(true);
    spawn_with_options(on_terminal, options).unwrap()
}

#[test]
fn what_is_not_given_is_asked_and_nothing_is_written_before_the_summary() {
    let scratch = Scratch::new();
    let mut session = session(&scratch, &[]);
    session.exp_string("Title").unwrap();
    session.send_line("The Demo").unwrap();
    session.exp_string("Port of the service").unwrap();
    session.send_line("eight").unwrap();
    session.exp_string("`eight` is no port").unwrap();
    session.send("\u{8}\u{8}\u{8}\u{8}\u{8}").unwrap();
    session.send_line("8123").unwrap();
    session.exp_string("Options").unwrap();
    session.exp_string("extra: Notes that few need").unwrap();
    session.send(" ").unwrap();
    session.send_line("").unwrap();
    session.exp_string("The Demo").unwrap();
    session.exp_string("Write it?").unwrap();
    assert_eq!(scratch.listing(), [""; 0]);
    session.send_line("y").unwrap();
    session.exp_string("files in demo").unwrap();
    session.exp_eof().unwrap();

    assert_eq!(scratch.read("demo/README.md"), "# The Demo\n");
    let state = scratch.read("demo/.tac/tac.toml");
    assert!(
        state.contains("port = 8123") && state.contains("options = [\"extra\"]"),
        "{state}"
    );
}

#[test]
fn what_is_given_is_not_asked() {
    let scratch = Scratch::new();
    let mut session = session(
        &scratch,
        &["--title", "Given", "--port", "8200", "--with", "extra"],
    );
    let before = session.exp_string("Write it?").unwrap();
    assert!(
        before.contains("Given") && !before.contains("Port of"),
        "{before}"
    );
    session.send_line("y").unwrap();
    session.exp_string("files in demo").unwrap();
}

#[test]
fn a_no_and_an_interrupt_write_nothing() {
    let scratch = Scratch::new();
    let mut refused = session(
        &scratch,
        &["--title", "Given", "--port", "8200", "--with", "extra"],
    );
    refused.exp_string("Write it?").unwrap();
    refused.send_line("n").unwrap();
    refused
        .exp_string("error: stopped; nothing was written")
        .unwrap();
    refused.exp_eof().unwrap();

    let mut interrupted = session(&scratch, &[]);
    interrupted.exp_string("Title").unwrap();
    interrupted.send_control('c').unwrap();
    interrupted
        .exp_string("error: interrupted; nothing was written")
        .unwrap();
    interrupted.exp_eof().unwrap();
    assert_eq!(scratch.listing(), [""; 0]);
}

#[test]
fn nobody_is_asked_who_wants_no_questions() {
    let scratch = Scratch::new();
    for args in [&["--yes"][..], &["--json"]] {
        let mut session = session(&scratch, &[args, &["--vcs", "none"]].concat());
        let seen = session.exp_eof().unwrap();
        assert!(
            !seen.contains("Title:") && !seen.contains("Write it?"),
            "{seen}"
        );
        std::fs::remove_dir_all(scratch.work().join("demo")).unwrap();
    }
}
