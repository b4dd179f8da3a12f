//! Every operation of a transaction fails: once, or with everything after it.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::rc::Rc;

use tac_bootstrap::Result;
use tac_bootstrap::transaction::{Lock, Project, recover, undo};

use super::model::Model;
use super::sample::{State, apply, assert_same, begin, both_states, changes, folder, kept, state};
use super::watched::Watched;

const KINDS: [ErrorKind; 3] = [
    ErrorKind::StorageFull,
    ErrorKind::PermissionDenied,
    ErrorKind::Other,
];

fn lock(disk: &Project) -> Lock<Project> {
    Lock::alone(disk.clone(), "upgrade")
}

#[derive(Debug, Clone, Copy)]
struct Fault {
    /// The first operation that fails.
    at: usize,
    lasts: Lasts,
    kind: ErrorKind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lasts {
    Once,
    Always,
}

type Faulty = Watched<Box<dyn Fn(&str) -> io::Result<()>>>;

/// Lets `act` meet the fault. Returns what it said, and how many operations it made.
fn fail<T>(
    disk: &Project,
    fault: Fault,
    act: impl Fn(&Lock<Faulty>) -> Result<T>,
) -> (Result<T>, usize) {
    let operations = Rc::new(Cell::new(0));
    let count = Rc::clone(&operations);
    let watch = move |_: &str| {
        let now = count.replace(count.get() + 1);
        let is_over = fault.lasts == Lasts::Once && now > fault.at;
        if now < fault.at || is_over {
            Ok(())
        } else {
            Err(fault.kind.into())
        }
    };
    let faulty = Watched {
        disk: disk.clone(),
        watch: Box::new(watch) as Box<_>,
    };
    let done = act(&Lock::alone(faulty, "upgrade"));
    (done, operations.get())
}

/// Does `act` with a fault at each of its operations; `check` looks at what is there then.
fn at_each_operation<T>(
    prepare: impl Fn(&Project),
    act: impl Fn(&Lock<Faulty>) -> Result<T>,
    check: impl Fn(&Project, Result<T>, &str),
) {
    for lasts in [Lasts::Once, Lasts::Always] {
        for at in 0.. {
            let fault = Fault {
                at,
                lasts,
                kind: KINDS[at % KINDS.len()],
            };
            let folder = folder();
            let disk = Project::new(folder.path());
            prepare(&disk);
            let (done, operations) = fail(&disk, fault, &act);
            check(&disk, done, &format!("{fault:?}"));
            if operations <= at {
                assert!(at > 100, "only {at} operations");
                break;
            }
        }
    }
}

fn real_states() -> (State, State) {
    let model = Model::new();
    begin(&model);
    both_states(&model, &changes())
}

#[test]
fn a_failure_at_any_operation_leaves_the_old_state_or_one_that_is_taken_back() {
    let (old, new) = real_states();
    let act = |lock: &Lock<Faulty>| apply(lock, &changes());
    at_each_operation(begin, act, |disk, done, place| {
        let Err(error) = done else {
            return assert_same(&state(disk), &new, place);
        };
        if error.what().ends_with("; nothing has changed") {
            assert_same(&state(disk), &old, place);
        } else {
            let hint = error.next_step();
            assert!(
                hint.contains("upgrade --abort"),
                "{place}: {}: {hint}",
                error.what()
            );
        }
        recover(&lock(disk)).unwrap();
        assert_same(&state(disk), &old, place);
        assert_eq!(kept(disk), [""; 0], "{place}");
    });
}

#[test]
fn a_failure_while_it_is_undone_leaves_the_new_state_or_one_that_is_undone() {
    let (old, new) = real_states();
    let prepare = |disk: &Project| {
        begin(disk);
        apply(&lock(disk), &changes()).unwrap();
    };
    at_each_operation(prepare, undo, |disk, done, place| {
        if let Err(error) = done {
            let hint = error.next_step();
            if state(disk) != new {
                assert!(
                    hint.contains("upgrade --abort"),
                    "{place}: {}: {hint}",
                    error.what()
                );
            }
            undo(&lock(disk)).unwrap();
        }
        assert_same(&state(disk), &old, place);
        recover(&lock(disk)).unwrap();
        assert_eq!(kept(disk), [""; 0], "{place}");
    });
}

#[test]
fn a_failure_while_it_is_taken_back_leaves_one_that_is_taken_back_later() {
    let (old, _) = real_states();
    let whole = folder();
    let disk = Project::new(whole.path());
    begin(&disk);
    let never = Fault {
        at: usize::MAX,
        lasts: Lasts::Once,
        kind: ErrorKind::Other,
    };
    let act = |lock: &Lock<Faulty>| apply(lock, &changes());
    let (_, operations) = fail(&disk, never, act);
    // Most of the changes are made by then.
    let dead = Fault {
        at: operations - 40,
        lasts: Lasts::Always,
        kind: ErrorKind::Other,
    };
    let prepare = |disk: &Project| {
        begin(disk);
        let (done, _) = fail(disk, dead, act);
        done.unwrap_err();
        assert!(state(disk).contains_key(".tac/journal"));
    };
    at_each_operation(prepare, recover, |disk, done, place| {
        if done.is_err() {
            recover(&lock(disk)).unwrap();
        }
        assert_same(&state(disk), &old, place);
        recover(&lock(disk)).unwrap();
        assert_eq!(kept(disk), [""; 0], "{place}");
    });
}
