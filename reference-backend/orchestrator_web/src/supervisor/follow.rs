//! One task, one run: from its start, or from where an earlier service has left it, to its end.

use std::future::ready;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::link::{self, Found, Heard, Link};
use super::tail::Tail;
use super::watch::{Cause, Due, Watch};
use super::{Attempt, PAUSE, Signals, answers, begin, ending, files, launch};
use crate::adapters::{Adapter, AgentEvent, Before, ExitReason, NoticeLevel, Totals};
use crate::app::App;
use crate::approvals;
use crate::db::{Read, Write};
use crate::executors::Executor;
use crate::runs::progress::{Again, Asked, Finish, Progress, commands, line};
use crate::runs::{Run, queries};
use crate::shim::protocol::{Files, Request};
use crate::time::{Clock, Timestamp};
use crate::{Error, Result};

/// Between two looks at the output of an agent that goes on printing; what comes in between is one
/// transaction.
const BATCH: Duration = Duration::from_millis(40);
/// Between two looks at the clock.
const LOOK: Duration = Duration::from_millis(200);
/// What a shim may take for its own part of a stop.
const SHIM: Duration = Duration::from_secs(5);

/// Returns when the run has ended, or `leave` is cancelled. Tries again after every failure, from what
/// the tables and the files say then.
pub async fn follow(app: App, run: Run, signals: Signals, leave: CancellationToken) -> Attempt {
    let id = run.agent.id;
    let followed = Attempt {
        run: id,
        number: run.attempt,
    };
    let mut run = Ok(run);
    loop {
        let attempt = async {
            let run = run?;
            if run.is_queued {
                // For another attempt: somebody else's, when its time has come.
                return Ok(());
            }
            tokio::select! {
                ended = Follow::to_the_end(&app, run, &signals) => ended,
                () = leave.cancelled() => Ok(()),
            }
        };
        match Box::pin(app.metrics.catch_panic(attempt)).await {
            // One that is not there any more was deleted.
            Ok(()) | Err(Error::NotFound(_)) => return followed,
            Err(error) => tracing::error!(%id, ?error, "could not follow a run; it is tried again"),
        }
        sleep(PAUSE).await;
        run = app.db.read(move |db| queries::get(db, id)).await;
    }
}

struct Follow<'a> {
    app: &'a App,
    run: Run,
    executor: Executor,
    files: Files,
    adapter: Adapter,
    /// What the attempts before this one have spent.
    earlier: Totals,
    tail: Tail,
    link: Link,
    watch: Watch,
    ending: Option<Cause>,
    /// When a shim that was told to end the agent should have done so.
    end_by: Option<Instant>,
    /// Whether the tables still know it as running.
    is_ours: bool,
    /// Whether the agent still listens, if it ever did.
    is_input_open: bool,
    /// How an agent that listens is asked to stop.
    interrupt: Option<String>,
}

impl<'a> Follow<'a> {
    async fn to_the_end(app: &'a App, run: Run, signals: &Signals) -> Result<()> {
        let files = files(&app.db, &run);
        // Those of the start of this attempt: the executor shall not change under a run.
        let settings = app.settings();
        let Some(executor) = settings.executors.get(&run.executor) else {
            let why = format!("the executor `{}` is not configured any more", run.executor);
            link::kill(run.agent.id, &files).await?;
            let outcome = ending::unstarted(ExitReason::SpawnFailed, why);
            return ending::end_without(app, &run, outcome).await;
        };
        let link = match link::find(run.agent.id, &files).await? {
            Found::Shim(link) => link,
            Found::Files => Link::Closed,
            Found::Nothing if signals.stop.is_cancelled() => {
                return ending::end_without(app, &run, ending::cancelled()).await;
            }
            Found::Nothing => match begin::begin(app, &run, executor, &files).await? {
                Ok(link) => link,
                Err(outcome) => return ending::end_without(app, &run, outcome).await,
            },
        };
        let mut this = Self::new(app, run, executor, files, link).await?;
        this.replay().await?;
        // With what it has spent: the last service may have ended before it did anything about it.
        let totals = Some(this.totals());
        let so_far = this.progress(&[]);
        this.advance(Progress { totals, ..so_far }).await?;
        this.heed_decisions().await?;
        this.wait_for_the_end(signals).await?;
        this.finish().await
    }

    async fn new(
        app: &'a App,
        run: Run,
        executor: &Executor,
        files: Files,
        link: Link,
    ) -> Result<Self> {
        let run_id = run.agent.id;
        let earlier = run.clone();
        let both = move |db: &Read| {
            let by_attempts = queries::spent_by_attempts(db, run_id)?;
            Ok((queries::spent_before(db, &earlier)?, by_attempts))
        };
        let (spent, earlier) = app.db.read(both).await?;
        let of_executor = || executor.model.as_ref().map(ToString::to_string);
        let before = Before {
            model: run.agent.model.clone().or_else(of_executor),
            spent: if run.native_session.is_some() {
                spent
            } else {
                Totals::default()
            },
            prices: app.settings().prices.clone(),
        };
        Ok(Self {
            app,
            adapter: Adapter::new(executor.kind, before),
            earlier,
            tail: Tail::of(&files, run.before),
            watch: Watch::new(&run, executor),
            run,
            executor: executor.clone(),
            files,
            link,
            ending: None,
            end_by: None,
            is_ours: true,
            is_input_open: true,
            interrupt: launch::interrupt(run_id, executor)?,
        })
    }

    /// Reads again what is in the log already: for the state that the adapter had then.
    async fn replay(&mut self) -> Result<()> {
        while let Some((stream, bytes)) = self.tail.next(Some(self.run.read))? {
            let events = self.adapter.read(stream, &bytes);
            self.watch.hear(&events);
            // There may be much of it, and others wait for this thread.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn wait_for_the_end(&mut self, signals: &Signals) -> Result<()> {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let began = Instant::now();
            let is_more = self.read().await?;
            self.heed_the_clock().await?;
            let is_ending = self.ending.is_some();
            tokio::select! {
                biased;
                () = signals.stop.cancelled(), if !is_ending => self.end(Cause::Asked).await,
                () = signals.decided.notified() => self.heed_decisions().await?,
                heard = self.link.hear() => match heard {
                    Heard::End if is_ending || !is_more => return Ok(()),
                    Heard::Output if !is_more => sleep_until(began + BATCH).await,
                    _ => {}
                },
                () = ready(()), if is_more => {}
                _ = look.tick() => {}
            }
        }
    }

    async fn heed_the_clock(&mut self) -> Result<()> {
        if self.link.is_closed() {
            return Ok(());
        }
        match self.watch.due() {
            Some(Due::Notice(text)) => {
                let level = NoticeLevel::Warning;
                self.commit(vec![AgentEvent::Notice { level, text }])
                    .await?;
            }
            Some(Due::End(cause)) => self.end(cause).await,
            None => {}
        }
        if self.end_by.is_some_and(|end_by| end_by <= Instant::now()) {
            link::kill(self.run.agent.id, &self.files).await?;
        }
        Ok(())
    }

    /// Takes the next part of the output; whether there was one.
    async fn read(&mut self) -> Result<bool> {
        let Some((stream, bytes)) = self.tail.next(None)? else {
            return Ok(false);
        };
        let events = self.adapter.read(stream, &bytes);
        self.watch.hear(&events);
        answers::refuse(&events, &mut self.link).await;
        self.commit(events).await?;
        if self.adapter.outcome_so_far().is_some() && self.is_input_open {
            self.is_input_open = false;
            self.link.ask(&Request::CloseStdin).await;
        }
        Ok(true)
    }

    /// Commits events with the place up to which the output was read.
    async fn commit(&mut self, events: Vec<AgentEvent>) -> Result<()> {
        self.advance(self.progress(&events)).await
    }

    async fn advance(&mut self, progress: Progress) -> Result<()> {
        if !self.is_ours {
            return Ok(());
        }
        let settings = self.app.settings();
        let advance = move |db: &mut Write| commands::advance(db, progress, &settings.budgets);
        match self.app.db.write(advance).await {
            Ok(Some(exceeded)) => {
                let error = exceeded.to_string();
                self.end(Cause::Failed(ExitReason::Budget, error)).await;
                Ok(())
            }
            // Deleted, or ended by a word of somebody else's: its process goes too.
            Err(Error::NotFound(_) | Error::Conflict(_)) => {
                self.is_ours = false;
                self.end(Cause::Asked).await;
                Ok(())
            }
            committed => committed.map(drop),
        }
    }

    fn progress(&self, events: &[AgentEvent]) -> Progress {
        let id = self.run.agent.id;
        let mut progress = Progress::nothing(id, self.run.prompt_id, self.tail.offsets());
        let earlier = self.earlier.sum();
        let tell = |event: &AgentEvent| match event {
            AgentEvent::Usage(spent) => line(id, &AgentEvent::Usage(earlier + *spent)),
            _ => line(id, event),
        };
        progress.lines = events.iter().map(tell).collect();
        let terms = self.executor.approvals;
        let asked = events.iter().filter_map(|it| Asked::of(it, terms));
        progress.asked = asked.collect();
        for event in events {
            match event {
                AgentEvent::Usage(_) => progress.totals = Some(self.totals()),
                AgentEvent::Session {
                    session_id, model, ..
                } => {
                    progress.native_session = Some(session_id.clone());
                    progress.model = model.clone().or(progress.model);
                }
                _ => {}
            }
        }
        progress
    }

    /// What all attempts have spent.
    fn totals(&self) -> Totals {
        self.earlier.clone().plus(self.adapter.totals())
    }

    /// Something that the agent has asked may be decided.
    async fn heed_decisions(&mut self) -> Result<()> {
        let run = self.run.agent.id;
        let pending = move |db: &Read| approvals::queries::pending(db, run);
        let pending = self.app.db.read(pending).await?;
        self.watch
            .await_only(pending.into_iter().map(|it| it.request_id).collect());
        if self.is_input_open && self.ending.is_none() && self.link.is_open() {
            answers::tell(&self.app.db, run, &mut self.link).await?;
        }
        Ok(())
    }

    /// Has the process ended; the first cause counts.
    async fn end(&mut self, cause: Cause) {
        if self.ending.is_none() {
            self.ending = Some(cause);
            let word = self.interrupt.take().filter(|_| self.is_input_open);
            let is_told = self.link.ask(&Request::Stop { word }).await;
            // It pauses after a word, after SIGINT and after SIGTERM.
            let pauses = Duration::from_secs(self.executor.stop_pause_seconds.into()) * 3;
            let patience = is_told.then_some(pauses + SHIM);
            self.end_by = Some(Instant::now() + patience.unwrap_or_default());
        }
    }

    async fn finish(mut self) -> Result<()> {
        link::clear(self.run.agent.id, &self.files).await?;
        if self.ending.is_some() {
            self.tail.skip_to_the_end()?;
        }
        while self.read().await? {}
        let ended = link::ended(&self.files)?;
        let (events, outcome) =
            ending::conclude(&mut self.adapter, self.ending.take(), ended.as_ref());
        if !self.is_ours {
            return Ok(());
        }
        let chance = getrandom::u32().expect("the system gives random bytes");
        let now = Clock::system().now();
        let again = Again::after(&outcome, &self.run, &self.executor, now, chance);
        let finish = Finish {
            outcome,
            totals: Some(self.totals()),
            at: ended.and_then(|it| Timestamp::parse(&it.at)),
        };
        ending::write(self.app, self.progress(&events), finish, again).await
    }
}
