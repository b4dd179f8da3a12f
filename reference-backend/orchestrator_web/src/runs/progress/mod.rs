//! What a run does, as it gets into the tables.

mod again;
pub mod commands;
mod lines;

use crate::adapters::{AgentEvent, Outcome, Totals};
use crate::approvals::Terms;
use crate::approvals::commands::Question;
use crate::ids::Id;
use crate::runtime::logs::commands::NewLog;
use crate::time::Timestamp;

use super::Offsets;

pub use again::{Again, pause};
pub use lines::line;

/// What a run has done since the last time. Its output up to `read` is in `lines` and the rest, and the
/// two are committed together: nothing is lost or doubled when the service ends in between.
#[derive(Debug, Clone)]
pub struct Progress {
    pub run: Id,
    pub prompt: Id,
    pub read: Offsets,
    pub lines: Vec<NewLog>,
    /// What it has spent so far, in all attempts, if that is news.
    pub totals: Option<Totals>,
    pub model: Option<String>,
    pub native_session: Option<String>,
    /// In their order.
    pub asked: Vec<Asked>,
}

/// What an agent asks of people.
#[derive(Debug, Clone)]
pub enum Asked {
    Question(Question),
    /// It waits for the answer to this request no longer.
    Withdrawal(String),
}

impl Asked {
    /// `None` for other events.
    pub fn of(event: &AgentEvent, terms: Terms) -> Option<Self> {
        match event {
            AgentEvent::Approval {
                request_id,
                tool,
                input,
            } => Some(Self::Question(Question {
                request_id: request_id.clone(),
                tool: tool.clone(),
                input: input.clone(),
                terms,
            })),
            AgentEvent::ApprovalWithdrawn { request_id } => {
                Some(Self::Withdrawal(request_id.clone()))
            }
            _ => None,
        }
    }
}

impl Progress {
    pub fn nothing(run: Id, prompt: Id, read: Offsets) -> Self {
        Self {
            run,
            prompt,
            read,
            lines: Vec::new(),
            totals: None,
            model: None,
            native_session: None,
            asked: Vec::new(),
        }
    }
}

/// How a run has ended.
#[derive(Debug, Clone)]
pub struct Finish {
    pub outcome: Outcome,
    /// What it has spent in all, where its output tells; otherwise it is what is known already.
    pub totals: Option<Totals>,
    /// When the process was gone; now, if nobody knows.
    pub at: Option<Timestamp>,
}
