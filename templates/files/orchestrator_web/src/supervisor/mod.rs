//! Starts runs from the queue, and follows each to its end, over restarts of the service.
//!
//! It hears of everything from the event log, as any follower does: whoever queues, stops or deletes a
//! run writes into the tables and knows nothing of processes. One task owns one run; a shim owns its
//! process, so that the service may end at any moment.

mod answers;
mod begin;
mod ending;
mod follow;
mod launch;
mod link;
mod sweep;
mod tail;
mod turn;
mod watch;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::Result;
use crate::app::App;
use crate::db::{Db, Write};
use crate::events::Recorded;
use crate::ids::Id;
use crate::live::{Arrival, Follower};
use crate::runs::queue::commands::{Next, take};
use crate::runs::{Run, commands, queries};
use crate::runtime::Status;
use crate::shim::protocol::Files;
use crate::time::{Clock, Timestamp};

/// Between two attempts at what has failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Without a look at the queue: a timer stands still while the machine is suspended, and runs wait for
/// an hour of the day.
const LONGEST: Duration = Duration::from_mins(1);

/// What becomes of agents when the service stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStop {
    /// They go on, and the next start follows them again.
    LeaveAgents,
    StopAgents,
}

/// Whether somebody looks after the runs of this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Another service does, or this one has only just started.
    #[default]
    Waiting,
    AtWork,
    /// It has met a failure, and begins again in a moment.
    Failed,
}

/// The files of the last attempt at a run, beside the database.
pub fn files(db: &Db, run: &Run) -> Files {
    let folder = folder(db).join(run.agent.id.as_str());
    Files::of(&folder.join(run.attempt.to_string()))
}

fn folder(db: &Db) -> PathBuf {
    db.path().parent().unwrap_or(Path::new("")).join("runs")
}

/// Runs until the service stops.
pub async fn run(app: App, on_stop: OnStop) {
    let Some(_turn) = turn::wait(&app).await else {
        return;
    };
    while !app.stop.is_cancelled() {
        app.supervision.send_replace(Standing::AtWork);
        let supervise = supervise(&app, on_stop);
        // The tasks are gone with it; the tables and the files tell the next round all they knew.
        if let Err(error) = app.metrics.catch_panic(supervise).await {
            app.supervision.send_replace(Standing::Failed);
            tracing::error!(?error, "the supervisor begins again");
            sleep(PAUSE).await;
        }
    }
}

/// Who follows which run.
#[derive(Default)]
struct Runs {
    tasks: JoinSet<Attempt>,
    signals: HashMap<Id, Signals>,
    /// Leaves all runs alone.
    leave: CancellationToken,
}

/// Which attempt at which run a task has followed.
struct Attempt {
    run: Id,
    number: i64,
}

/// What the task of a run is told. What stands in the tables says the rest.
#[derive(Clone, Default)]
struct Signals {
    /// The attempt that it follows.
    attempt: i64,
    stop: CancellationToken,
    /// Something that the agent has asked is decided.
    decided: Arc<Notify>,
}

async fn supervise(app: &App, on_stop: OnStop) -> Result<()> {
    // Before the tables are read, so that what happens in between is heard.
    let mut news = Follower::now(app, "runtime,queue,account,approval");
    let mut runs = Runs::default();
    // On the writer: after what a task of the last round may have left in its queue.
    for run in app.db.write(|db| queries::going_on(db)).await? {
        runs.follow(app, run);
    }
    let mut sweep = sweep::every();
    let mut settings = app.config.changes();
    loop {
        let wake = runs.start(app).await;
        // Until there may be something to take again.
        loop {
            tokio::select! {
                arrival = news.next() => match arrival? {
                    Some(Arrival::Event(event)) => if runs.hear(&event)? { break },
                    // What was missed stands in the tables.
                    Some(Arrival::Gap(_)) => return Ok(()),
                    None => return runs.part(app, on_stop).await,
                },
                Some(ended) = runs.tasks.join_next() => {
                    runs.forget(&ended.map_err(anyhow::Error::from)?);
                    break;
                }
                () = sleep_until(wake) => break,
                // There may be more room now.
                Ok(()) = settings.changed() => break,
                _ = sweep.tick() => sweep::sweep(app, runs.signals.keys().copied().collect()).await,
            }
        }
    }
}

impl Runs {
    /// Starts what may be started, and tells when to look again whatever happens.
    async fn start(&mut self, app: &App) -> Instant {
        while !app.stop.is_cancelled() {
            let settings = app.settings();
            let next = move |db: &mut Write| take(db, &settings);
            match app.db.write(next).await {
                Ok(Next::Run(run)) => self.follow(app, *run),
                Ok(Next::Nothing(soonest)) => {
                    let pause = |at: Timestamp| at.millis_since(Clock::system().now());
                    let pause = soonest.map_or(LONGEST, |at| {
                        Duration::from_millis(pause(at).unsigned_abs())
                    });
                    return Instant::now() + pause.min(LONGEST);
                }
                Err(error) => {
                    tracing::error!(?error, "could not take a run from the queue");
                    return Instant::now() + PAUSE;
                }
            }
        }
        Instant::now() + LONGEST
    }

    fn follow(&mut self, app: &App, run: Run) {
        let signals = Signals {
            attempt: run.attempt,
            ..Signals::default()
        };
        if run.is_to_stop {
            signals.stop.cancel();
        }
        self.signals.insert(run.agent.id, signals.clone());
        let leave = self.leave.clone();
        self.tasks
            .spawn(follow::follow(app.clone(), run, signals, leave));
    }

    /// The next attempt may be followed already.
    fn forget(&mut self, ended: &Attempt) {
        self.signals
            .retain(|run, signals| *run != ended.run || signals.attempt != ended.number);
    }

    /// Whether there may be something to take from the queue.
    fn hear(&mut self, event: &Recorded) -> Result<bool> {
        #[derive(Deserialize)]
        struct Told {
            id: Id,
            to: Option<String>,
        }
        #[derive(Deserialize)]
        struct Decided {
            agent_id: Id,
        }
        let data = event.data.get();
        match event.topic.as_str() {
            "runtime.created" | "queue.started" | "account.resumed" => return Ok(true),
            "runtime.stopping" | "runtime.status" => {}
            "approval.decided" => {
                let told: Decided = serde_json::from_str(data).map_err(anyhow::Error::from)?;
                if let Some(signals) = self.signals.get(&told.agent_id) {
                    signals.decided.notify_one();
                }
                return Ok(false);
            }
            _ => return Ok(false),
        }
        let told: Told = serde_json::from_str(data).map_err(anyhow::Error::from)?;
        let status = told.to.and_then(|word| word.parse::<Status>().ok());
        // Somebody else's end of it, or our own, when there is nothing left to stop.
        if status.is_none_or(Status::is_terminal)
            && let Some(signals) = self.signals.get(&told.id)
        {
            signals.stop.cancel();
        }
        // What waits for an answer makes room.
        Ok(status == Some(Status::Waiting))
    }

    /// The service stops.
    async fn part(mut self, app: &App, on_stop: OnStop) -> Result<()> {
        match on_stop {
            OnStop::LeaveAgents => self.leave.cancel(),
            OnStop::StopAgents => {
                for (&run, signals) in &self.signals {
                    // One that has just ended needs no stop.
                    let _ = app.db.write(move |db| commands::stop(db, run)).await;
                    signals.stop.cancel();
                }
            }
        }
        while self.tasks.join_next().await.is_some() {}
        Ok(())
    }
}
