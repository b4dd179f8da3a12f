//! Commands: the one thread that writes, a transaction at a time.
//!
//! Commands that wait together are committed together (group commit): each runs in its own
//! savepoint, so that one that fails leaves nothing behind and the others stand, and each is
//! answered only when the commit has happened.

use std::fs::File;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::read::{bind, first};
use super::{Bind, Read, Row};
use crate::events::EventId;
use crate::time::{Clock, Timestamp};
use crate::{Error, Result};

const MOST_COMMANDS: usize = 64;
const LONGEST_BATCH: Duration = Duration::from_millis(10);

/// A transaction in progress: everything that a command may touch.
pub struct Write<'conn> {
    read: Read<'conn>,
    now: Timestamp,
    last_event: Option<EventId>,
}

impl Write<'_> {
    /// The time of this command: the same for everything that it writes.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Runs one statement; the number of rows that it changed.
    pub fn execute(&mut self, sql: &str, params: &[&dyn Bind]) -> Result<usize> {
        let mut statement = self.conn.prepare_cached(sql)?;
        bind(&mut statement, params)?;
        Ok(statement.raw_execute()?)
    }

    /// Runs one statement with `RETURNING`; its first row, if it changed any.
    pub fn returning<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Bind],
        row: impl Fn(&mut Row) -> Result<T>,
    ) -> Result<Option<T>> {
        first(&mut self.conn.prepare_cached(sql)?, params, row)
    }

    /// Runs a part of the command that may fail: what it has written then is taken back, and the rest
    /// stands.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let last_event = self.last_event;
        self.execute("SAVEPOINT part", &[])?;
        let done = part(self);
        if done.is_err() {
            self.execute("ROLLBACK TO part", &[])?;
            // The ids of its events are given again.
            self.last_event = last_event;
        }
        self.execute("RELEASE part", &[])?;
        done
    }

    /// Rings the bell with `id` once this command is committed.
    pub(crate) fn ring(&mut self, id: EventId) {
        self.last_event = Some(id);
    }
}

impl<'conn> Deref for Write<'conn> {
    type Target = Read<'conn>;

    fn deref(&self) -> &Read<'conn> {
        &self.read
    }
}

/// A command with the way back to whoever waits for it.
pub(super) trait Job: Send {
    /// Runs the command; `true` if what it wrote shall be kept.
    fn run(&mut self, db: &mut Write) -> bool;
    /// Tells the caller, after the commit; `failure` if it did not happen.
    fn answer(self: Box<Self>, failure: Option<&'static str>);
}

pub(super) struct Command<T, F> {
    run: Option<F>,
    result: thread::Result<Result<T>>,
    caller: oneshot::Sender<thread::Result<Result<T>>>,
}

impl<T, F> Command<T, F> {
    pub(super) fn new(command: F) -> (Self, oneshot::Receiver<thread::Result<Result<T>>>) {
        let (caller, answer) = oneshot::channel();
        let result = Ok(Err(Error::Unavailable("the command was not run".into())));
        (
            Self {
                run: Some(command),
                result,
                caller,
            },
            answer,
        )
    }
}

impl<T, F> Job for Command<T, F>
where
    T: Send,
    F: FnOnce(&mut Write) -> Result<T> + Send,
{
    fn run(&mut self, db: &mut Write) -> bool {
        let command = self.run.take().expect("a command runs once");
        self.result = catch_unwind(AssertUnwindSafe(|| command(db)));
        matches!(self.result, Ok(Ok(_)))
    }

    fn answer(self: Box<Self>, failure: Option<&'static str>) {
        let result = match failure {
            Some(reason) => self.result.and(Ok(Err(Error::Unavailable(reason.into())))),
            None => self.result,
        };
        // A caller that has gone away (a closed tab, a time-out) does not want to know.
        let _ = self.caller.send(result);
    }
}

pub(super) struct Writer {
    pub(super) conn: Connection,
    pub(super) queue: mpsc::Receiver<Box<dyn Job>>,
    pub(super) bell: watch::Sender<EventId>,
    pub(super) clock: Clock,
    /// Given up after the connection is closed.
    pub(super) _lock: File,
}

impl Writer {
    /// Runs until the last handle to the database is dropped.
    pub(super) fn run(mut self) {
        while let Some(job) = self.queue.blocking_recv() {
            self.batch(job);
        }
        // Housekeeping for the next start; nothing is lost without it.
        let _ = self
            .conn
            .execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
    }

    fn batch(&mut self, first: Box<dyn Job>) {
        let began = Instant::now();
        let mut failure = self.statement("BEGIN IMMEDIATE").err();
        let mut last_event = None;
        let mut keep_any = false;
        let mut batch = Vec::with_capacity(1);
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            if failure.is_none() {
                match self.in_savepoint(&mut *job) {
                    Ok((keep, event)) => {
                        keep_any |= keep;
                        last_event = event.or(last_event);
                    }
                    Err(reason) => failure = Some(reason),
                }
            }
            batch.push(job);
            if failure.is_none() && batch.len() < MOST_COMMANDS && began.elapsed() < LONGEST_BATCH {
                next = self.queue.try_recv().ok();
            }
        }
        // What was rolled back to its savepoint would still be written by a commit.
        let end = if keep_any { "COMMIT" } else { "ROLLBACK" };
        let failure = failure.or_else(|| self.statement(end).err());
        if failure.is_some() && !self.conn.is_autocommit() {
            // The transaction is given up; if even this fails, closing the connection ends it.
            let _ = self.statement("ROLLBACK");
        }
        if let (None, Some(id)) = (failure, last_event) {
            self.bell.send_replace(id);
        }
        for job in batch {
            job.answer(failure);
        }
    }

    /// Whether the command's writes are kept, and its last event; or why the whole batch is lost.
    fn in_savepoint(&mut self, job: &mut dyn Job) -> Result<(bool, Option<EventId>), &'static str> {
        self.statement("SAVEPOINT command")?;
        let read = Read { conn: &self.conn };
        let mut db = Write {
            read,
            now: self.clock.now(),
            last_event: None,
        };
        let keep = job.run(&mut db);
        let event = db.last_event.filter(|_| keep);
        // A full disk or an I/O error rolls back the transaction, not just the statement.
        if self.conn.is_autocommit() {
            return Err("the database could not be written; nothing was changed");
        }
        if !keep {
            self.statement("ROLLBACK TO command")?;
        }
        self.statement("RELEASE command")?;
        Ok((keep, event))
    }

    fn statement(&self, sql: &str) -> Result<(), &'static str> {
        let run = self
            .conn
            .prepare_cached(sql)
            .and_then(|mut it| it.execute(()));
        run.map(drop).map_err(|error| {
            tracing::error!(%error, sql, "the writer could not run a statement");
            super::reason(&error).unwrap_or("the database could not be written")
        })
    }
}
