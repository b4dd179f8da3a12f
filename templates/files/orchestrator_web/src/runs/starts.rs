//! How often runs may be started: a loop that somebody has lost hold of shall not fill the queue.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{Error, Result};

const MINUTE: Duration = Duration::from_mins(1);

/// A bucket that holds the starts of one minute, and fills evenly.
#[derive(Default)]
pub struct Starts {
    /// When it is full again.
    full: Mutex<Option<Instant>>,
}

impl Starts {
    /// Takes one of `per_minute`, 0 of which is no bound; 429 if there is none left.
    pub fn take(&self, per_minute: u16, now: Instant) -> Result<()> {
        let Some(each) = MINUTE.checked_div(per_minute.into()) else {
            return Ok(());
        };
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = full.map_or(now, |full| full.max(now)) + each;
        if let Some(wait) = (taken - now).checked_sub(MINUTE).filter(|it| !it.is_zero()) {
            let detail = format!("at most {per_minute} runs may be started in a minute");
            return Err(Error::TooMany(detail, wait));
        }
        *full = Some(taken);
        Ok(())
    }
}
