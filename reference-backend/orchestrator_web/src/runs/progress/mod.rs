//! What a run does, as it gets into the tables.

pub mod commands;
mod lines;

use crate::adapters::{Outcome, Spent, Totals};
use crate::ids::Id;
use crate::runtime::logs::commands::NewLog;
use crate::time::Timestamp;

use super::Offsets;

pub use lines::line;

/// What a run has done since the last time. Its output up to `read` is in `lines` and the rest, and the
/// two are committed together: nothing is lost or doubled when the service ends in between.
#[derive(Debug, Clone)]
pub struct Progress {
    pub run: Id,
    pub prompt: Id,
    pub read: Offsets,
    pub lines: Vec<NewLog>,
    /// So far.
    pub spent: Option<Spent>,
    pub model: Option<String>,
    pub native_session: Option<String>,
}

impl Progress {
    pub fn nothing(run: Id, prompt: Id, read: Offsets) -> Self {
        Self {
            run,
            prompt,
            read,
            lines: Vec::new(),
            spent: None,
            model: None,
            native_session: None,
        }
    }
}

/// How a run has ended.
#[derive(Debug, Clone)]
pub struct Finish {
    pub outcome: Outcome,
    pub totals: Totals,
    /// When the process was gone; now, if nobody knows.
    pub at: Option<Timestamp>,
}
