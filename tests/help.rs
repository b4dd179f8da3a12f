use std::process::Command;

use crate::program::{Scratch, assert_snapshot};

#[test]
fn every_help_text_is_as_approved() {
    let scratch = Scratch::new();
    for (name, args) in [
        ("help", &["--help"][..]),
        ("help-new", &["new", "--help"]),
        ("help-new-short", &["new", "-h"]),
        ("help-options", &["options", "--help"]),
        ("help-doctor", &["doctor", "--help"]),
        ("help-completions", &["completions", "--help"]),
        ("help-adopt", &["adopt", "--help"]),
        ("help-diff", &["diff", "--help"]),
        ("help-why", &["why", "--help"]),
        ("help-upgrade", &["upgrade", "--help"]),
        ("help-add", &["add", "--help"]),
        ("help-remove", &["remove", "--help"]),
        ("help-set", &["set", "--help"]),
        ("help-status", &["status", "--help"]),
        ("help-undo", &["undo", "--help"]),
        ("help-resolve", &["resolve", "--help"]),
        ("help-mirror", &["mirror", "--help"]),
    ] {
        assert_snapshot(name, &scratch.run(args).succeeds().transcript);
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let ran = Scratch::new().run(&["--version"]).succeeds();
    assert_eq!(
        ran.out,
        format!("tac-bootstrap {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn completions_name_the_commands_and_bash_can_read_them() {
    let scratch = Scratch::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = scratch.run(&["completions", shell]).succeeds().out;
        assert!(
            script.contains("doctor") && script.contains("package-manager"),
            "{shell}"
        );
    }
    scratch.write("script", &scratch.run(&["completions", "bash"]).out);
    let parsed = Command::new("bash")
        .arg("-n")
        .arg(scratch.work().join("script"))
        .status();
    assert!(parsed.unwrap().success());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = Scratch::new();
    let program = crate::program::PROGRAM;
    let script = format!(
        "set -o pipefail; {program} completions zsh | true; {program} completions zsh | head -1"
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(scratch.work())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn colour_is_for_terminals_and_for_those_who_force_it() {
    let scratch = Scratch::new();
    let run = |name: &str, value: &str| {
        let output = scratch
            .command(&["new", "a b"])
            .env(name, value)
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run("CLICOLOR_FORCE", "1").contains("\u{1b}["));
    assert!(!run("NO_COLOR", "1").contains('\u{1b}'));
    assert!(!run("UNRELATED", "1").contains('\u{1b}'));
}
