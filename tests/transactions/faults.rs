//! Every operation of a transaction fails once, and so does everything after it.

use std::cell::Cell;
use std::io::ErrorKind;
use std::rc::Rc;

use tac_bootstrap::transaction::{Lock, Project, recover};

use super::faulty::{Fault, Faulty, Lasts};
use super::sample::{State, apply, begin, folder, kept, state};

const KINDS: [ErrorKind; 3] = [
    ErrorKind::StorageFull,
    ErrorKind::PermissionDenied,
    ErrorKind::Other,
];

/// Does `act` with a fault at each of its operations; `check` looks at what is there then.
fn at_each_operation(
    prepare: impl Fn(&Project),
    act: impl Fn(&Lock<Faulty<Project>>) -> tac_bootstrap::Result<()>,
    check: impl Fn(&Project, tac_bootstrap::Result<()>, Fault),
) {
    for lasts in [Lasts::Once, Lasts::Always] {
        for at in 0.. {
            let kind = KINDS[at % KINDS.len()];
            let fault = Fault { at, lasts, kind };
            let folder = folder();
            let disk = Project::new(folder.path());
            prepare(&disk);
            let operations = Rc::new(Cell::new(0));
            let faulty = Faulty::new(disk.clone(), fault, &operations);
            check(&disk, act(&Lock::alone(faulty, "upgrade")), fault);
            if operations.get() <= at {
                assert!(at > 100, "only {at} operations");
                break;
            }
        }
    }
}

fn both_states() -> (State, State) {
    let folder = folder();
    let disk = Project::new(folder.path());
    begin(&disk);
    let old = state(&disk);
    apply(&Lock::alone(disk.clone(), "upgrade")).unwrap();
    (old, state(&disk))
}

#[test]
fn a_failure_at_any_operation_leaves_the_old_state_or_one_that_is_taken_back() {
    let (old, new) = both_states();
    at_each_operation(begin, apply, |disk, done, fault| {
        let Err(error) = done else {
            assert_eq!(state(disk), new, "{fault:?}");
            return;
        };
        if error.what().ends_with("; nothing has changed") {
            assert_eq!(state(disk), old, "{fault:?}: {}", error.what());
        } else {
            assert!(
                error.next_step().contains("upgrade --abort"),
                "{fault:?}: {} {}",
                error.what(),
                error.next_step()
            );
        }
        recover(&Lock::alone(disk.clone(), "upgrade")).unwrap();
        assert_eq!(state(disk), old, "{fault:?}");
        assert_eq!(kept(disk), [""; 0], "{fault:?}");
    });
}
