use std::fs;
use std::net::TcpListener;

use serde_json::Value;

use crate::program::{Scratch, assert_snapshot};

/// What `doctor --json` finds for one check.
fn finding(scratch: &Scratch, path: &str, check: &str) -> (Value, Value) {
    let output = scratch
        .command(&["doctor", "--json"])
        .env("PATH", path)
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["good"], Value::Bool(output.status.success()));
    let findings = document["findings"].as_array().unwrap();
    let finding = findings
        .iter()
        .find(|finding| finding["check"] == check)
        .unwrap();
    (finding["verdict"].clone(), finding.clone())
}

/// A `PATH` that holds the four tools, each in a version that will do.
fn tools(scratch: &Scratch) -> String {
    scratch.shim("cargo", "echo cargo 1.95.0");
    scratch.shim("rustc", "echo rustc 1.95.0");
    scratch.shim("cc", "echo cc 12.2.0");
    scratch.shim("git", "echo git version 2.47.3");
    scratch
        .work()
        .join("../bin")
        .canonicalize()
        .unwrap()
        .display()
        .to_string()
}

/// The report on a project, less what differs from machine to machine.
fn report(scratch: &Scratch, code: i32) -> String {
    let path = tools(scratch);
    let output = scratch
        .command(&["doctor"])
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(code));
    let text = String::from_utf8(output.stdout).unwrap();
    let here = scratch.work().canonicalize().unwrap();
    same_everywhere(&text).replace(&*here.to_string_lossy(), "[HERE]")
}

/// Less the room on the disk, and whether somebody has the port, with the remedies.
fn same_everywhere(text: &str) -> String {
    let mut is_left_out = false;
    let lines = text.lines().filter(|line| {
        if !line.starts_with(' ') {
            is_left_out = line.contains("GB") || line.contains(" port ");
        }
        !is_left_out
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn each_finding_names_its_remedy() {
    let scratch = Scratch::new();
    scratch.write("../none/.keep", "");
    let none = scratch.work().join("../none").canonicalize().unwrap();
    let output = scratch
        .command(&["doctor"])
        .env("PATH", none)
        .env_remove("CC")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_snapshot("doctor-nothing-there", &same_everywhere(&text));
}

#[test]
fn old_tools_are_told() {
    let scratch = Scratch::new();
    let path = tools(&scratch);
    scratch.shim("rustc", "echo rustc 1.70.0");
    scratch.shim("git", "echo git version 2.9.5");
    assert_eq!(finding(&scratch, &path, "rustc").0, "bad");
    assert_eq!(finding(&scratch, &path, "git").0, "warning");
    scratch.shim("git", "exit 1");
    assert_eq!(finding(&scratch, &path, "git").0, "warning");
}

#[test]
fn a_port_in_use_is_a_warning() {
    let scratch = Scratch::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    scratch
        .new_project(&[".", "--port", &port.to_string()])
        .succeeds();
    let path = tools(&scratch);
    let (verdict, finding_) = finding(&scratch, &path, "port");
    assert_eq!(verdict, "warning");
    assert!(
        finding_["detail"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{port} cannot be used"))
    );
    drop(listener);
    assert_eq!(finding(&scratch, &path, "port").0, "good");
}

#[test]
fn the_files_of_a_project_are_counted() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    assert_snapshot("doctor-untouched", &report(&scratch, 0));

    scratch.write("README.md", "mine\n");
    fs::remove_file(scratch.work().join("docs/usage.md")).unwrap();
    let start = scratch.work().join("orchestrator_web/start.sh");
    let plain = fs::metadata(scratch.work().join("README.md"))
        .unwrap()
        .permissions();
    fs::set_permissions(start, plain).unwrap();
    let counts = report(&scratch, 0);
    assert!(
        counts.contains("2 generated files unedited, 1 edited, 1 missing, 1 yours"),
        "{counts}"
    );
}

#[test]
fn a_state_that_cannot_be_trusted_is_told() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    let state = scratch.read(".tac/tac.toml");
    let mut told = String::new();
    for bad in [
        "",
        "nonsense",
        &state.replace("schema = 1", "schema = 2"),
        &state.replace("\"README.md\" =", "\"../README.md\" ="),
        &state.replace("\"README.md\" =", "\"/etc/passwd\" ="),
        &state.replace("mode = \"644\"", "mode = \"777\""),
        &state.replace("schema = 1", "schema = 1\nextra = 1"),
    ] {
        scratch.write(".tac/tac.toml", bad);
        told += &report(&scratch, 1)
            .lines()
            .skip_while(|line| !line.contains("project"))
            .map(|line| format!("{line}\n"))
            .collect::<String>();
    }
    fs::remove_file(scratch.work().join(".tac/tac.toml")).unwrap();
    told += &report(&scratch, 1)
        .lines()
        .skip_while(|line| !line.contains("project"))
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    assert_snapshot("doctor-bad-state", &told);
}

/// What `doctor` says of the project, from the line on that counts its files.
fn of_project(scratch: &Scratch, code: i32) -> String {
    let text = report(scratch, code);
    let lines = text.lines().skip_while(|line| !line.contains(" project "));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn conflicts_and_what_is_left_of_them_are_told() {
    let scratch = Scratch::new();
    scratch.write("../set/files/notes.txt", "one\n");
    scratch.write("../set/files/logo.bin", "a\0b");
    scratch.new_project(&["."]).succeeds();
    let tac = scratch.read(".tac/tac.toml");
    scratch.write("notes.txt", "mine\n");
    scratch.write("logo.bin", "a\0mine");
    scratch.write("../set/files/notes.txt", "theirs\n");
    scratch.write("../set/files/logo.bin", "a\0theirs");
    let upgrade = ["upgrade", "--allow-dirty", "--templates", "../set"];
    assert_eq!(scratch.run(&upgrade).code, Some(2));
    let mut told = of_project(&scratch, 0);
    scratch.run(&["upgrade", "--abort"]).succeeds();
    assert_eq!(scratch.read(".tac/tac.toml"), tac);
    assert!(of_project(&scratch, 0).contains("good     conflicts   none\n"));
    scratch.write(
        "notes.txt",
        "<<<<<<< ours: your file\nmine\n=======\ntheirs\n>>>>>>> theirs: small 1.0.0\n",
    );
    scratch.write("logo.bin.theirs", "a\0theirs");
    told += &of_project(&scratch, 0);
    assert_snapshot("doctor-conflicts", &told);
}

#[test]
fn an_interrupted_command_is_told_with_what_takes_it_back() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    let set = ["set", "port=9000", "--templates", "../set"];
    scratch.run(&set).succeeds();
    // As a kill leaves it.
    scratch.write(
        ".tac/journal",
        "schema = 1\nrecord = 1\ncommand = \"set\"\nwhen = \"2026-11-21T07:00:00Z\"\nsaved = []\n",
    );
    assert_snapshot("doctor-interrupted", &of_project(&scratch, 1));
    scratch.run(&["upgrade", "--abort"]).succeeds();
    assert!(of_project(&scratch, 0).contains("none is pending"));
    scratch.write(".tac/journal", "nonsense");
    let told = of_project(&scratch, 1);
    assert!(
        told.contains("bad      transaction read .tac/journal"),
        "{told}"
    );
}

#[test]
fn who_holds_the_lock_is_told_and_one_that_is_left_is_nobodys() {
    let scratch = Scratch::new();
    scratch.new_project(&["."]).succeeds();
    scratch.write(".tac/lock", "4711 upgrade\n");
    assert!(of_project(&scratch, 0).contains("good     lock        nobody writes"));
    let lock = fs::File::open(scratch.work().join(".tac/lock")).unwrap();
    lock.lock().unwrap();
    assert_snapshot("doctor-locked", &of_project(&scratch, 0));
    drop(lock);
    assert!(of_project(&scratch, 0).contains("good     lock        nobody writes"));
}

#[test]
fn a_tac_that_is_a_link_to_nowhere_is_told() {
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("nowhere", scratch.work().join(".tac")).unwrap();
    let told = of_project(&scratch, 1);
    assert!(told.starts_with("bad      project"), "{told}");
}
