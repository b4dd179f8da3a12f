//! One command at a time, and whoever comes second learns who was first.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;

use tac_bootstrap::interrupt::Interrupt;
use tac_bootstrap::transaction::{Lock, Pending, Progress, apply, pending, recover};

use super::home::{Home, change};
use super::sample::{self, label};
use super::watched::Watched;

/// Another process that holds the lock of a project, until it is killed.
struct Other(Child);

impl Other {
    fn new(home: &Home) -> Self {
        let mut child = Command::new("flock")
            .arg(home.at(".tac/lock"))
            .args(["sh", "-c", "echo \"$$ undo\" >\"$0\"; echo locked; read _"])
            .arg(home.at(".tac/lock"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "locked\n");
        Self(child)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // The end of its input ends it.
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

/// A project with a journal that a dead disk has left.
fn interrupted() -> Home {
    let home = Home::new(&[("README.md", "old")]);
    let watch = |operation: &str| match operation {
        "rename .tac/undo/0001/after/0 README.md" | "remove .tac/journal" => {
            Err(io::Error::other("dead"))
        }
        _ => Ok(()),
    };
    let disk = Watched {
        disk: home.project(),
        watch,
    };
    let changes = [change("README.md", Some("old"), Some("new"))];
    sample::apply(&Lock::alone(disk, "upgrade"), &changes).unwrap_err();
    home
}

fn states(home: &Home) -> Option<(String, Progress)> {
    let pending = pending(home.root()).unwrap();
    pending.map(|Pending { command, state, .. }| (command, state))
}

#[test]
fn a_second_command_is_told_which_one_is_at_work() {
    let home = Home::new(&[]);
    let first = home.lock();
    let error = Lock::take(home.root(), "undo").err().unwrap();
    let process = std::process::id();
    assert_eq!(
        error.what(),
        format!("lock the project: `upgrade` is at work in it (process {process})")
    );
    drop(first);
    Lock::take(home.root(), "undo").unwrap();
}

#[test]
fn a_lock_of_a_process_that_has_ended_is_none() {
    let home = Home::new(&[]);
    let other = Other::new(&home);
    let error = Lock::take(home.root(), "upgrade").err().unwrap();
    assert!(
        error.what().contains("`undo` is at work"),
        "{}",
        error.what()
    );
    drop(other);
    home.lock();
}

#[test]
fn a_journal_is_running_while_its_command_is_and_interrupted_after_that() {
    let home = interrupted();
    assert_eq!(
        states(&home),
        Some(("upgrade".into(), Progress::Interrupted))
    );
    let other = Other::new(&home);
    assert_eq!(states(&home), Some(("upgrade".into(), Progress::Running)));
    drop(other);
    assert_eq!(
        states(&home),
        Some(("upgrade".into(), Progress::Interrupted))
    );
    let lock = home.lock();
    assert_eq!(
        states(&home),
        Some(("upgrade".into(), Progress::Interrupted)),
        "who has the lock knows"
    );
    recover(&lock).unwrap().unwrap();
    assert_eq!(states(&home), None);
}

#[test]
fn nothing_begins_before_what_was_interrupted_is_taken_back() {
    let home = interrupted();
    let before = home.state();
    let changes = [change("README.md", Some("old"), Some("new"))];
    let error = home.apply(&changes).unwrap_err();
    assert!(
        error.what().starts_with("`upgrade` of 20") && error.what().ends_with("was interrupted"),
        "{}",
        error.what()
    );
    assert_eq!(
        error.next_step(),
        "`tac-bootstrap upgrade --abort` takes it back"
    );
    assert_eq!(home.state(), before);
    home.undo().unwrap();
    home.apply(&changes).unwrap();
    assert_eq!(home.read("README.md"), "new");
}

#[test]
fn a_signal_takes_back_what_was_done() {
    for then in [
        "write .tac/undo/0001/after/1",
        "rename .tac/undo/0001/after/0 a.md",
    ] {
        let home = Home::new(&[("a.md", "old"), ("b.md", "old")]);
        let before = home.state();
        let interrupt = Interrupt::default();
        let flag = interrupt.flag();
        let watch = |operation: &str| {
            if operation == then {
                flag.store(true, Ordering::Relaxed);
            }
            Ok(())
        };
        let lock = Lock::alone(
            Watched {
                disk: home.project(),
                watch,
            },
            "upgrade",
        );
        let changes = ["a.md", "b.md", "c.md"]
            .map(|path| change(path, (path != "c.md").then_some("old"), Some("new")));
        let error = apply(&lock, &label(), &changes, &interrupt).unwrap_err();
        assert_eq!(error.what(), "interrupted; nothing has changed");
        assert_eq!(home.state(), before);
    }
}
