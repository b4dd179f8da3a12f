//! How long a run may take, and how long it may be silent.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::adapters::{AgentEvent, ExitReason, MOST_OPEN};
use crate::executors::Executor;
use crate::runs::Run;
use crate::time::{Clock, Timestamp};

/// Why the service ends a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Somebody has asked for it.
    Asked,
    /// The agent is done, and does not go.
    Lingers,
    Failed(ExitReason, String),
}

pub enum Due {
    /// To tell whoever looks.
    Notice(String),
    End(Cause),
}

pub struct Watch {
    limits: Limits,
    began: Instant,
    /// The last sign of life; `None` before the first.
    alive: Option<Instant>,
    is_noticed: bool,
    /// Tool calls that have not ended: the agent waits, and is silent rightly.
    open: HashSet<String>,
    /// The same of what it has asked.
    asked: HashSet<String>,
    done: Option<Instant>,
}

/// `None` is no bound.
struct Limits {
    start: Option<Duration>,
    notice: Option<Duration>,
    idle: Option<Duration>,
    all: Option<Duration>,
    grace: Option<Duration>,
}

impl Watch {
    /// Counts all of the attempt's time, also that in which nobody watched, and its silence from now on.
    pub fn new(run: &Run, executor: &Executor) -> Self {
        let seconds = |count: u32| (count != 0).then(|| Duration::from_secs(count.into()));
        let own = run
            .timeout_seconds
            .map(|it| Duration::from_secs(it.unsigned_abs()));
        let now = Instant::now();
        let age = |start: Timestamp| Clock::system().now().millis_since(start);
        let age = Duration::from_millis(run.attempted_at.map_or(0, age).unsigned_abs());
        Self {
            limits: Limits {
                start: seconds(executor.start_timeout_seconds),
                notice: seconds(executor.idle_notice_seconds),
                idle: seconds(executor.idle_timeout_seconds),
                all: own.or(seconds(executor.timeout_seconds)),
                grace: seconds(executor.grace_seconds),
            },
            began: now.checked_sub(age).unwrap_or(now),
            alive: None,
            is_noticed: false,
            open: HashSet::new(),
            asked: HashSet::new(),
            done: None,
        }
    }

    /// Bytes have come, and these events with them.
    pub fn hear(&mut self, events: &[AgentEvent]) {
        self.alive = Some(Instant::now());
        self.is_noticed = false;
        for event in events {
            match event {
                AgentEvent::ToolCall { id, .. } if self.open.len() < MOST_OPEN => {
                    self.open.insert(id.clone());
                }
                AgentEvent::Approval { request_id, .. } if self.asked.len() < MOST_OPEN => {
                    self.asked.insert(request_id.clone());
                }
                AgentEvent::ToolResult { id, .. } => drop(self.open.remove(id)),
                AgentEvent::ApprovalWithdrawn { request_id } => {
                    self.asked.remove(request_id);
                }
                // Another turn.
                AgentEvent::Session { .. } => self.done = None,
                AgentEvent::Result(_) => self.done = Some(Instant::now()),
                _ => {}
            }
        }
    }

    /// Of all that the agent has asked, only this waits for an answer; its silence counts from now on.
    pub fn await_only(&mut self, asked: HashSet<String>) {
        self.alive = self.alive.map(|_| Instant::now());
        self.is_noticed = false;
        self.asked = asked;
    }

    pub fn due(&mut self) -> Option<Due> {
        let now = Instant::now();
        let over = |limit: Option<Duration>, since: Instant| limit.filter(|it| *it <= now - since);
        if let Some(done) = self.done {
            return over(self.limits.grace, done).map(|_| Due::End(Cause::Lingers));
        }
        let end = |reason, error| Some(Due::End(Cause::Failed(reason, error)));
        if let Some(limit) = over(self.limits.all, self.began) {
            let error = format!("it took longer than {} s", limit.as_secs());
            return end(ExitReason::TimedOut, error);
        }
        let Some(alive) = self.alive else {
            let limit = over(self.limits.start, self.began)?;
            let error = format!(
                "it printed nothing within {} s of its start",
                limit.as_secs()
            );
            return end(ExitReason::Stalled, error);
        };
        if !self.open.is_empty() || !self.asked.is_empty() {
            return None;
        }
        if let Some(limit) = over(self.limits.idle, alive) {
            let error = format!("it printed nothing for {} s", limit.as_secs());
            return end(ExitReason::Stalled, error);
        }
        let limit = over(self.limits.notice, alive).filter(|_| !self.is_noticed)?;
        self.is_noticed = true;
        let text = format!("the agent has printed nothing for {} s", limit.as_secs());
        Some(Due::Notice(text))
    }
}
