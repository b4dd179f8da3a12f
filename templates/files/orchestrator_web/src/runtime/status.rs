//! The states of a running agent, and the one place that knows the legal moves between them.

use crate::text;

text::choices! {
    /// How far a running agent is.
    pub enum Status {
        Pending = "pending",
        Initializing = "initializing",
        Planning = "planning",
        Executing = "executing",
        Reviewing = "reviewing",
        Waiting = "waiting",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
        /// Nobody knows how it ended.
        Lost = "lost",
    }
}

#[derive(PartialEq, PartialOrd)]
enum Stage {
    Queued,
    Starting,
    Working,
    Ended,
}

impl Status {
    /// Whether nothing follows it.
    pub fn is_terminal(self) -> bool {
        self.stage() == Stage::Ended
    }

    /// Whether an agent may move from here to `next`: forward, steps may be skipped, and to and
    /// fro among the kinds of work.
    pub fn may_become(self, next: Self) -> bool {
        let is_working = |it: Self| it.stage() == Stage::Working;
        self.stage() < next.stage() || is_working(self) && is_working(next)
    }

    fn stage(self) -> Stage {
        match self {
            Self::Pending => Stage::Queued,
            Self::Initializing => Stage::Starting,
            Self::Planning | Self::Executing | Self::Reviewing | Self::Waiting => Stage::Working,
            Self::Completed | Self::Failed | Self::Cancelled | Self::Lost => Stage::Ended,
        }
    }
}
