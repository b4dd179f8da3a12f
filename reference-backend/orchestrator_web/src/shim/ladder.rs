//! When which signal is due: first asked, then told, then killed.

use std::time::Instant;

use rustix::process::Signal;

use super::protocol::Pauses;

pub struct Ladder {
    pauses: Pauses,
    next: Option<(Instant, Signal)>,
}

impl Ladder {
    pub fn new(pauses: Pauses) -> Self {
        Self { pauses, next: None }
    }

    /// The agent is to stop, with the first signal at `start`. Asking twice does not hurry it.
    pub fn climb(&mut self, start: Instant) {
        self.next.get_or_insert((start, Signal::INT));
    }

    /// The agent has ended by itself or by us; what it has left behind is not asked, only told.
    pub fn clear(&mut self, now: Instant) {
        match self.next {
            Some((_, Signal::KILL)) => {}
            _ => self.next = Some((now, Signal::TERM)),
        }
    }

    pub fn is_climbing(&self) -> bool {
        self.next.is_some()
    }

    /// The signal to send now. The last one is due again and again: processes may start others faster
    /// than we find them.
    pub fn due(&mut self, now: Instant) -> Option<Signal> {
        let (at, signal) = self.next.filter(|(at, _)| *at <= now)?;
        self.next = Some(match signal {
            Signal::INT => (now + self.pauses.interrupt(), Signal::TERM),
            Signal::TERM => (now + self.pauses.terminate(), Signal::KILL),
            _ => (at, Signal::KILL),
        });
        Some(signal)
    }
}
