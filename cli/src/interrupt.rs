//! Ctrl-C and a polite kill, as something to look at between two steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::error::Context;
use crate::{Error, Result};

/// Set once a signal has come that asks the program to end.
#[derive(Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From here on, Ctrl-C no longer ends the program by itself: a prompt has to bring the cursor back first.
    pub fn watch_keys(&self) -> Result<()> {
        self.watch_for(&[SIGINT])
    }

    /// From here on, none of the signals ends the program by itself.
    pub fn watch(&self) -> Result<()> {
        self.watch_for(&[SIGINT, SIGTERM, SIGHUP])
    }

    fn watch_for(&self, signals: &[i32]) -> Result<()> {
        for signal in signals {
            signal_hook::flag::register(*signal, self.flag()).context(
                "watch for signals",
                "start it again; if it stays, the system takes no more handlers",
            )?;
        }
        Ok(())
    }

    /// What a signal sets.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    pub fn has_come(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error once it has come, for as long as nothing is in its place.
    pub fn check(&self) -> Result<()> {
        if self.has_come() {
            return Err(Error::new(
                "interrupted; nothing was written",
                "the same command starts again",
            ));
        }
        Ok(())
    }
}
