//! The sessions that the documents show, typed in again.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use regex_lite::Regex;

use crate::fixture::root;
use crate::program::{PROGRAM, Scratch};

const UPDATE: &str = "with INSTA_UPDATE=always the page is written anew";

/// Types the commands of the page's `console` blocks in `demo`. The page must show what they print, or with
/// `INSTA_UPDATE=always` shows it from now on.
#[track_caller]
fn type_in(page: &str, scratch: &Scratch) {
    let path = root().join(page);
    let before = fs::read_to_string(&path).unwrap();
    let (mut after, mut is_session) = (String::new(), false);
    for line in before.lines() {
        if line.starts_with("```") {
            is_session = line == "```console";
        }
        let command = line.strip_prefix("$ ").filter(|_| is_session);
        if !is_session || command.is_some() || line.starts_with("```") {
            after += &format!("{line}\n");
        }
        after += &command.map_or(String::new(), |command| typed(command, scratch));
    }
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &after).unwrap();
        return;
    }
    for (number, (shown, said)) in before.lines().zip(after.lines()).enumerate() {
        let number = number + 1;
        assert_eq!(shown, said, "{page}, line {number}; {UPDATE}");
    }
    assert_eq!(before.len(), after.len(), "{page}; {UPDATE}");
}

/// What the shell prints; the time is always the same.
fn typed(command: &str, scratch: &Scratch) -> String {
    let bin = scratch.work().join("../bin");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(scratch.work().join("demo"))
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let time = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").unwrap();
    time.replace_all(&text, "2026-11-21T09:00:00Z").into_owned()
}

/// A project `demo` of the template set in `v1`.
fn demo(scratch: &Scratch) {
    let bin = scratch.work().join("../bin");
    fs::create_dir(&bin).unwrap();
    symlink(PROGRAM, bin.join("tac-bootstrap")).unwrap();
    let new = ["new", "demo", "--yes", "--vcs", "none", "--templates", "v1"];
    scratch.run(&new).succeeds();
}

/// Has `then` in the file, where there is `now`.
fn replace(scratch: &Scratch, path: &str, now: &str, then: &str) {
    let text = scratch.read(path);
    assert_eq!(text.matches(now).count(), 1, "{path}: {now}");
    scratch.write(path, &text.replace(now, then));
}

#[test]
fn the_upgrade_in_the_readme() {
    let scratch = Scratch::new();
    let v1 = scratch.work().join("v1");
    let mut copy = Command::new("cp");
    let copied = copy
        .arg("-r")
        .arg(root().join("templates"))
        .arg(&v1)
        .status();
    assert!(copied.unwrap().success());
    let version = concat!("\nversion = \"", env!("CARGO_PKG_VERSION"), "\"\n");
    let (health, settings) = ("orchestrator_web/src/health/mod.rs", "orchestrator.toml");
    let template = |name: &str| format!("v1/files/{name}");
    replace(&scratch, "v1/set.toml", version, "\nversion = \"0.1.0\"\n");
    let reported = template(&format!("{health}.tera"));
    replace(&scratch, &reported, "\"operational\"", "\"ok\"");
    replace(
        &scratch,
        &template("orchestrator.toml.tera"),
        "# host = \"localhost\"\n",
        "",
    );
    fs::remove_file(v1.join("files/orchestrator_web/ARCHITECTURE.md.tera")).unwrap();
    demo(&scratch);
    replace(
        &scratch,
        &format!("demo/{settings}"),
        "\nport = 8000\n",
        "\nport = 8100\n",
    );
    replace(&scratch, &format!("demo/{health}"), "\"ok\"", "\"up\"");
    type_in("README.md", &scratch);
}

#[test]
fn the_conflicts_in_the_page_on_upgrading() {
    let scratch = Scratch::new();
    let words = "pub fn greeting() -> &'static str {\n    \"hello\"\n}\n\npub fn farewell() -> &'static str {\n    \"bye\"\n}\n";
    let next = words.replace("hello", "welcome").replace("bye", "so long");
    for (version, words) in [("1", words), ("2", &next)] {
        let write = |path: &str, text: &str| scratch.write(&format!("v{version}/{path}"), text);
        write(
            "set.toml",
            &format!("name = \"greeter\"\nversion = \"{version}.0.0\"\n"),
        );
        write("files/src/words.rs", words);
        write("files/logo.png", &format!("\0{version}"));
    }
    demo(&scratch);
    replace(&scratch, "demo/src/words.rs", "hello", "good day");
    scratch.write("demo/logo.png", "\0mine");
    type_in("docs/upgrade.md", &scratch);
}
