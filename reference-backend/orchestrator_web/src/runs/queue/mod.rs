//! What keeps a run in the queue: a decision over what the tables and the settings say.

pub mod commands;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroU16;
use std::thread::available_parallelism;

use super::QueueState;
use crate::config::Settings;
use crate::ids::Id;
use crate::text;
use crate::time::Timestamp;

/// Of [`idle`] runs. They work on nothing, but each is a process that has to fit into memory.
const MOST_IDLE: usize = 16;

text::choices! {
    /// Why a run waits.
    pub enum Reason {
        QueueStopped = "queue_stopped",
        /// Whoever queued it named a later time.
        StartAfter = "start_after",
        /// The last attempt has failed, and the next may end better after a pause.
        Retry = "retry",
        /// That of the account is reached.
        UsageLimit = "usage_limit",
        /// Another run of its session has begun and not ended: an agent is told one thing after the other.
        Session = "session",
        /// As many runs are at work as may be: in all, or of what the name says.
        Limit = "limit",
        AgentLimit = "agent_limit",
        RepositoryLimit = "repository_limit",
        ExecutorLimit = "executor_limit",
        AccountLimit = "account_limit",
    }
}

/// A run, as the queue sees it.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: Id,
    pub agent: Id,
    pub session: String,
    pub executor: String,
    /// `None` where it works in a work tree of its own.
    pub repository: Option<String>,
    pub priority: i64,
    pub attempt: i64,
    pub not_before: Option<Timestamp>,
    /// Whether it waits for an answer, if it is at work.
    pub is_idle: bool,
}

/// What keeps a run, and until when; `None` if no time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub reason: Reason,
    pub until: Option<Timestamp>,
}

/// What holds for every run that waits.
pub struct Rules<'a> {
    pub state: QueueState,
    pub settings: &'a Settings,
    /// Until when which accounts start nothing.
    pub parked: &'a BTreeMap<String, Timestamp>,
    pub now: Timestamp,
}

/// What a run takes a place of.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Room<'a> {
    All,
    Agent(Id),
    Repository(Option<&'a str>),
    Executor(&'a str),
    Account(&'a str),
}

/// How many runs may go on at the same time.
pub fn limit(settings: &Settings) -> i64 {
    match settings.max_running {
        0 => {
            let cores = available_parallelism().map_or(1, usize::from);
            i64::try_from((cores / 2).clamp(1, 4)).expect("a small number")
        }
        limit => limit.into(),
    }
}

/// How many of those at work wait for an answer, and take none of the places that there are in all.
pub fn idle(at_work: &[Entry]) -> usize {
    let idle = at_work.iter().filter(|run| run.is_idle);
    idle.count().min(MOST_IDLE)
}

impl<'a> Rules<'a> {
    /// What keeps each of `waiting`, which are in the order of the queue. One that nothing keeps takes
    /// its places before the next is looked at: it goes first.
    pub fn holds(&self, at_work: &'a [Entry], waiting: &'a [Entry]) -> Vec<Option<Hold>> {
        let mut taken = Taken::default();
        for run in at_work {
            taken.enter(run, self.rooms(run));
        }
        taken.leave(idle(at_work));
        for run in waiting.iter().filter(|run| run.has_begun()) {
            taken.sessions.insert(run.native());
        }
        let decide = |run| {
            let hold = self.hold(run, &taken);
            if hold.is_none() {
                taken.enter(run, self.rooms(run));
            }
            hold
        };
        waiting.iter().map(decide).collect()
    }

    fn hold(&self, run: &'a Entry, taken: &Taken) -> Option<Hold> {
        if self.state == QueueState::Stopped {
            return Some(Hold::open(Reason::QueueStopped));
        }
        if let Some(hold) = self.wait(run) {
            return Some(hold);
        }
        if !run.has_begun() && taken.sessions.contains(&run.native()) {
            return Some(Hold::open(Reason::Session));
        }
        let is_full = |room: &Room| self.most(room).is_some_and(|most| most <= taken.of(room));
        let full = self.rooms(run).into_iter().find(is_full)?;
        Some(Hold::open(full.reason()))
    }

    /// The longest of what ends by itself.
    fn wait(&self, run: &Entry) -> Option<Hold> {
        let delay = if run.has_begun() {
            Reason::Retry
        } else {
            Reason::StartAfter
        };
        let parked = self.account(run).and_then(|it| self.parked.get(it));
        let waits = [
            (run.not_before, delay),
            (parked.copied(), Reason::UsageLimit),
        ];
        let waits = waits.into_iter().filter_map(|(at, why)| Some((at?, why)));
        let waits = waits.filter(|(at, _)| self.now < *at);
        let (at, reason) = waits.max_by_key(|(at, _)| *at)?;
        Some(Hold::until(reason, at))
    }

    fn rooms(&self, run: &'a Entry) -> [Room<'a>; 5] {
        [
            Room::All,
            Room::Agent(run.agent),
            Room::Repository(run.repository.as_deref()),
            Room::Executor(&run.executor),
            Room::Account(self.account(run).unwrap_or_default()),
        ]
    }

    /// The account that a run spends; `None` if its executor is not configured any more.
    pub(super) fn account(&self, run: &Entry) -> Option<&'a str> {
        let executor = self.settings.executors.get(&run.executor);
        executor.map(|it| it.account.as_str())
    }

    /// How many runs a room holds; `None` is no bound.
    pub(super) fn most(&self, room: &Room) -> Option<i64> {
        let number = |most: NonZeroU16| i64::from(most.get());
        match room {
            Room::All => Some(limit(self.settings)),
            Room::Agent(_) => NonZeroU16::new(self.settings.max_running_per_agent).map(number),
            Room::Repository(None) => None,
            Room::Repository(Some(_)) => {
                NonZeroU16::new(self.settings.max_running_per_repository).map(number)
            }
            Room::Executor(name) => {
                let executor = self.settings.executors.get(name)?;
                executor.max_running.map(number)
            }
            Room::Account(name) => {
                let account = self.settings.accounts.get(*name)?;
                account.max_running.map(number)
            }
        }
    }
}

impl Entry {
    /// Whether it waits for another attempt; its session is its own until it ends.
    fn has_begun(&self) -> bool {
        1 < self.attempt
    }

    /// What the agents' own sessions go by.
    fn native(&self) -> (&str, &str) {
        (&self.executor, &self.session)
    }
}

#[derive(Default)]
struct Taken<'a> {
    /// How many runs are in each.
    rooms: HashMap<Room<'a>, i64>,
    sessions: HashSet<(&'a str, &'a str)>,
}

impl<'a> Taken<'a> {
    fn enter(&mut self, run: &'a Entry, rooms: [Room<'a>; 5]) {
        for room in rooms {
            *self.rooms.entry(room).or_default() += 1;
        }
        self.sessions.insert(run.native());
    }

    /// So many of those that have entered are idle. They keep their other places: a repository is half
    /// changed, an account knows the session.
    fn leave(&mut self, idle: usize) {
        let idle = i64::try_from(idle).expect("a small number");
        *self.rooms.entry(Room::All).or_default() -= idle;
    }

    fn of(&self, room: &Room) -> i64 {
        self.rooms.get(room).copied().unwrap_or(0)
    }
}

impl Room<'_> {
    fn reason(&self) -> Reason {
        match self {
            Room::All => Reason::Limit,
            Room::Agent(_) => Reason::AgentLimit,
            Room::Repository(_) => Reason::RepositoryLimit,
            Room::Executor(_) => Reason::ExecutorLimit,
            Room::Account(_) => Reason::AccountLimit,
        }
    }
}

impl Hold {
    fn open(reason: Reason) -> Self {
        Self {
            reason,
            until: None,
        }
    }

    fn until(reason: Reason, at: Timestamp) -> Self {
        Self {
            reason,
            until: Some(at),
        }
    }
}
