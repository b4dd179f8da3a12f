//! Ctrl-C and a polite kill, as something to look at between two steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::error::Context;
use crate::{Error, Result};

/// Set once a signal has come that asks the program to end.
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From here on, such a signal no longer ends the program by itself.
    pub fn watch() -> Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&flag)).context(
                "watch for signals",
                "start it again; if it stays, the system takes no more handlers",
            )?;
        }
        Ok(Self(flag))
    }

    pub fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) {
            return Err(Error::new(
                "interrupted; nothing was written",
                "the same command starts again",
            ));
        }
        Ok(())
    }
}
