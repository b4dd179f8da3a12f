//! `--verify`: an upgrade that has to build, or to pass the tests, before it counts.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Ran, Scratch, assert_snapshot, listing};

const LIB: &str = "orchestrator_web/src/lib.rs";
const MANIFEST: &str = "[package]\nname = \"orchestrator_web\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
const ONE: &str = "\
/// What it says first.
pub fn greeting() -> &'static str {
    \"hello\"
}

/// What it says last.
pub fn farewell() -> &'static str {
    \"bye\"
}
";

/// A project of a service without dependencies, and the set that is to come.
struct Pair(Scratch);

impl Pair {
    /// The next version of the set has `next` for its library.
    fn new(next: &str) -> Self {
        Self::of(ONE, next)
    }

    fn of(first: &str, next: &str) -> Self {
        let scratch = Scratch::new();
        for (version, lib) in [("1", first), ("2", next)] {
            let write =
                |path: &str, text: &str| scratch.write(&format!("../v{version}/{path}"), text);
            write(
                "set.toml",
                &format!("name = \"tiny\"\nversion = \"{version}.0.0\"\n"),
            );
            write("files/orchestrator_web/Cargo.toml", MANIFEST);
            write(&format!("files/{LIB}"), lib);
        }
        fs::create_dir(scratch.work().join("../tmp")).unwrap();
        let new = [
            "new",
            "demo",
            "--yes",
            "--vcs",
            "none",
            "--templates",
            "../v1",
        ];
        scratch.run(&new).succeeds();
        Self(scratch)
    }

    fn write(&self, path: &str, text: &str) {
        self.0.write(&format!("demo/{path}"), text);
    }

    fn append(&self, path: &str, text: &str) {
        let before = self.0.read(&format!("demo/{path}"));
        self.write(path, &format!("{before}{text}"));
    }

    fn command(&self, args: &[&str]) -> Command {
        let upgrade = ["upgrade", "--templates", "../../v2"];
        let mut command = self.0.command(&[&upgrade, args].concat());
        command
            .current_dir(self.0.work().join("demo"))
            .env("TMPDIR", self.0.work().join("../tmp"))
            .env("CARGO_TERM_QUIET", "true")
            .env("RUST_BACKTRACE", "0")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS");
        command
    }

    fn upgrade(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().unwrap();
        Ran::new(&self.0, &[&["upgrade"], args].concat(), &output)
    }

    /// Every file with its contents, but for what cargo and the lock leave; nothing is left of the copy.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let is_empty = |folder: &str| listing(&self.0.work().join(folder)).is_empty();
        assert!(is_empty("../tmp"));
        let demo = self.0.work().join("demo");
        let files = listing(&demo).into_iter().filter(|path| {
            !path.ends_with('/') && !path.contains("/target/") && path != ".tac/lock"
        });
        files
            .map(|path| (path.clone(), fs::read(demo.join(path)).unwrap()))
            .collect()
    }
}

/// What the program says once cargo has said why.
fn ending(ran: &Ran) -> &str {
    let begins = ran.err.rfind("error: `cargo").unwrap();
    &ran.err[begins..]
}

#[test]
fn what_builds_is_written_and_the_copy_goes_away() {
    let pair = Pair::new(&ONE.replace("hello", "welcome"));
    pair.append(LIB, "\npub mod mine {}\n");
    let ran = pair.upgrade(&["--verify", "build"]).succeeds();
    let said =
        "`cargo check --all-targets` in a copy of the project: this runs the project's own code\n";
    assert!(ran.err.starts_with(said), "{}", ran.err);
    assert!(pair.0.read(&format!("demo/{LIB}")).contains("welcome"));
    pair.files();
}

#[test]
fn what_does_not_build_changes_nothing_and_is_named() {
    let pair = Pair::new(&ONE.replace("greeting", "welcome"));
    pair.append(
        LIB,
        "\npub fn both() -> String {\n    [greeting(), farewell()].concat()\n}\n",
    );
    let before = pair.files();
    let ran = pair.upgrade(&["--verify", "build"]).fails();
    assert_eq!(pair.files(), before);
    assert_snapshot("verify-build", ending(&ran));
}

#[test]
fn an_error_in_a_file_that_is_not_written_names_what_is_merged() {
    let pair = Pair::new(&ONE.replace("farewell", "goodbye"));
    pair.write(
        "orchestrator_web/tests/mine.rs",
        "#[test]\nfn ends() {\n    orchestrator_web::farewell();\n}\n",
    );
    pair.append(LIB, "\npub mod mine {}\n");
    let before = pair.files();
    let ran = pair.upgrade(&["--verify", "build"]).fails();
    assert_eq!(pair.files(), before);
    assert!(
        ran.err.contains(
            "\n  orchestrator_web/tests/mine.rs, line 3: cannot find function `farewell`"
        ),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains(&format!("\n  {LIB} would be merged\n")),
        "{}",
        ran.err
    );
}

#[test]
fn a_test_that_fails_changes_nothing_and_is_named() {
    let pair = Pair::new(&ONE.replace("hello", "welcome"));
    pair.append(
        LIB,
        "\n#[test]\nfn it_says_hello() {\n    assert_eq!(greeting(), \"hello\");\n}\n",
    );
    let before = pair.files();
    let ran = pair.upgrade(&["--verify", "test"]).fails();
    assert_eq!(pair.files(), before);
    assert_snapshot("verify-test", ending(&ran));
    // It builds all the same.
    pair.upgrade(&["--verify", "build"]).succeeds();
}

#[test]
fn a_manifest_that_cargo_refuses_changes_nothing() {
    let pair = Pair::new(&ONE.replace("hello", "welcome"));
    pair.append(
        "orchestrator_web/Cargo.toml",
        "\n[dependencies]\nmine = { path = \"../gone\" }\n",
    );
    let before = pair.files();
    let ran = pair.upgrade(&["--verify", "build"]).fails();
    assert_eq!(pair.files(), before);
    assert!(
        ran.err.contains("hint: cargo says above why; "),
        "{}",
        ran.err
    );
}

#[test]
fn the_copy_has_links_as_links_and_neither_caches_nor_history() {
    let pair = Pair::new(&ONE.replace("hello", "welcome"));
    // Leaves a record.
    pair.upgrade(&[]).succeeds();
    pair.0.write(
        &format!("../v2/files/{LIB}"),
        &ONE.replace("bye", "so long"),
    );
    pair.write("notes/now.txt", "mine\n");
    symlink("nowhere", pair.0.work().join("demo/notes/link")).unwrap();
    pair.write(".git/HEAD", "ref: refs/heads/main\n");
    pair.write("cache/CACHEDIR.TAG", "");
    let test = "
#[test]
fn sees_the_copy() {
    use std::fs;
    use std::path::Path;
    assert_eq!(fs::read_to_string(\"../notes/now.txt\").unwrap(), \"mine\\n\");
    assert_eq!(fs::read_link(\"../notes/link\").unwrap(), Path::new(\"nowhere\"));
    assert!(!Path::new(\"../.git\").exists());
    assert!(!Path::new(\"../cache\").exists());
    // That of the copy itself.
    assert_eq!(fs::read_dir(\"../.tac/undo\").unwrap().count(), 1);
}
";
    pair.append(LIB, test);
    pair.upgrade(&["--verify", "test", "--allow-dirty"])
        .succeeds();
}

#[test]
fn the_user_s_own_builds_stay() {
    let pair = Pair::new(&ONE.replace("hello", "welcome"));
    pair.append(LIB, "\npub mod mine {}\n");
    pair.write("orchestrator_web/target/CACHEDIR.TAG", "");
    pair.write("orchestrator_web/target/debug/orchestrator_web", "built\n");
    pair.upgrade(&["--verify", "build"]).succeeds();
    assert_eq!(
        pair.0
            .read("demo/orchestrator_web/target/debug/orchestrator_web"),
        "built\n"
    );
    assert!(
        pair.0
            .work()
            .join("demo/orchestrator_web/target/verify")
            .is_dir()
    );
}

#[test]
fn ctrl_c_ends_what_runs_and_leaves_nothing() {
    let pair = Pair::new(&ONE.replace("hello", "welcome"));
    let test = "
#[test]
fn waits() {
    std::io::Write::write_all(&mut std::io::stderr(), b\"it waits\\n\").unwrap();
    loop {
        std::thread::park();
    }
}
";
    pair.append(LIB, test);
    let before = pair.files();
    let mut program = pair
        .command(&["--verify", "test"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(program.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap);
    assert!(said.any(|line| line.ends_with("it waits")));
    kill_process(Pid::from_child(&program), Signal::INT).unwrap();
    // Ends when nobody is left who could say something.
    let said: Vec<String> = said.collect();
    assert_eq!(
        said[said.len() - 2..],
        [
            "error: interrupted; nothing was written",
            "hint: the same command starts again"
        ],
    );
    assert_eq!(program.wait().unwrap().code(), Some(1));
    assert_eq!(pair.files(), before);
}

#[test]
fn markers_do_not_build() {
    let pair = Pair::new(&ONE.replace("hello", "welcome"));
    pair.write(LIB, &ONE.replace("hello", "good day"));
    let before = pair.files();
    let ran = pair.upgrade(&["--verify", "build"]).fails();
    assert_eq!(pair.files(), before);
    assert_snapshot("verify-markers", &ran.transcript);
    let ran = pair
        .upgrade(&["--verify", "build", "--conflict", "ours"])
        .succeeds();
    assert!(ran.out.contains("decided"), "{}", ran.out);
}

#[test]
fn a_dry_run_builds_nothing() {
    let pair = Pair::new(ONE);
    let ran = pair.upgrade(&["--verify", "build", "--dry-run"]).fails();
    assert!(
        ran.err
            .starts_with("error: `--dry-run` writes nothing, `cargo check --all-targets` does\n"),
        "{}",
        ran.err
    );
}

#[test]
fn a_merge_that_no_longer_parses_is_a_conflict_unless_nothing_is_verified() {
    let one = "pub fn f(x: bool) -> u8 {\n    if x {\n        g();\n\n        g();\n    }\n    1\n}\n\npub fn g() {}\n";
    let next = one.replace("\n\n        g", "\n    } else {\n        g");
    let ours = one
        .replace("    if x {\n", "")
        .replace("    }\n    1", "    1");
    let pair = Pair::of(one, &next);
    pair.write(LIB, &ours);
    let before = pair.files();
    let ran = pair.upgrade(&["--conflict", "fail"]).fails();
    assert!(ran.err.contains("1 file would conflict"), "{}", ran.err);
    assert_eq!(pair.files(), before);
    pair.upgrade(&["--conflict", "fail", "--verify", "none"])
        .succeeds();
    let merged = next
        .replace("    if x {\n", "")
        .replace("    }\n    1", "    1");
    assert_eq!(pair.0.read(&format!("demo/{LIB}")), merged);
}
