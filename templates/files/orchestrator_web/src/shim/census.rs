//! Who lives of what the agent has started, written down: when this process is killed they are nobody's
//! descendants any more, and one that has cleared its environment does not carry the mark either.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::getpid;

use super::process::{self, Identity};
use super::protocol::{self, Files};

/// What began within this time before the end of the shim, and left its parent, is not known.
const EVERY: Duration = Duration::from_secs(1);

pub struct Census {
    file: PathBuf,
    /// Those that stand in the file.
    known: Vec<Identity>,
    due: Instant,
}

impl Census {
    pub fn of(files: &Files) -> Self {
        Self {
            file: files.tree.clone(),
            known: Vec::new(),
            due: Instant::now(),
        }
    }

    /// Counts them if it is time. What a full disk does not take now, it may take the next time.
    pub fn take(&mut self, now: Instant) {
        if now < self.due {
            return;
        }
        self.due = now + EVERY;
        let living = process::offspring(getpid());
        if living != self.known && protocol::write(&self.file, &living).is_ok() {
            self.known = living;
        }
    }
}
