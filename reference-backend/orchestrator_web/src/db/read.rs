//! Queries: a read-only view of the database, and the pool that lends it.

use std::ops::Deref;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{CachedStatement, Connection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::check::Identity;
use super::{Bind, Row, connect};
use crate::{Error, Result};

/// What a query may touch: reading, in the one state of the database that it began with.
pub struct Read<'conn> {
    pub(super) conn: &'conn Connection,
}

impl Read<'_> {
    /// Every row of `sql`, each read by `row`.
    pub fn all<T>(
        &self,
        sql: &str,
        params: &[&dyn Bind],
        row: impl Fn(&mut Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.take_while(sql, params, |it| row(it).map(Some))
    }

    /// The rows of `sql` from the first one on, until `row` makes `None` of one.
    pub fn take_while<T>(
        &self,
        sql: &str,
        params: &[&dyn Bind],
        mut row: impl FnMut(&mut Row) -> Result<Option<T>>,
    ) -> Result<Vec<T>> {
        let mut statement = self.prepare(sql)?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(next) = rows.next()? {
            let Some(item) = row(&mut Row::new(next))? else {
                break;
            };
            found.push(item);
        }
        Ok(found)
    }

    /// The first row of `sql`, if there is one.
    pub fn first<T>(
        &self,
        sql: &str,
        params: &[&dyn Bind],
        row: impl Fn(&mut Row) -> Result<T>,
    ) -> Result<Option<T>> {
        first(&mut self.prepare(sql)?, params, row)
    }

    /// The one number that `sql` computes.
    pub fn number(&self, sql: &str, params: &[&dyn Bind]) -> Result<i64> {
        let number = self.first(sql, params, |row| row.take())?;
        Ok(number.ok_or_else(|| anyhow::anyhow!("no row where one number was asked for"))?)
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>> {
        tracing::trace!(sql, "query");
        let statement = self.conn.prepare_cached(sql)?;
        if !statement.readonly() {
            return Err(anyhow::anyhow!("a query may not write: {sql}").into());
        }
        Ok(statement)
    }
}

pub(super) fn first<T>(
    statement: &mut CachedStatement<'_>,
    params: &[&dyn Bind],
    row: impl Fn(&mut Row) -> Result<T>,
) -> Result<Option<T>> {
    bind(statement, params)?;
    let mut rows = statement.raw_query();
    rows.next()?
        .map(|next| row(&mut Row::new(next)))
        .transpose()
}

pub(super) fn bind(statement: &mut CachedStatement<'_>, params: &[&dyn Bind]) -> Result<()> {
    for (index, param) in (1..).zip(params) {
        statement.raw_bind_parameter(index, param.value())?;
    }
    Ok(())
}

/// Read-only connections, lent one query at a time. The last that came back goes first, and one that was
/// never needed is never opened: each has a memory of its own.
pub(super) struct Readers {
    path: PathBuf,
    file: Identity,
    lent: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path, file: Identity, most: usize) -> Self {
        Self {
            path: path.to_owned(),
            file,
            lent: Arc::new(Semaphore::new(most)),
            idle: Mutex::default(),
        }
    }

    /// Waits for a free connection and runs `query` on it, in a thread that may block.
    pub(super) async fn run<T, F>(self: Arc<Self>, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Read) -> Result<T> + Send + 'static,
    {
        let permit = Arc::clone(&self.lent).acquire_owned().await;
        let stopping = || Error::Unavailable("the service is stopping".into());
        let permit = permit.map_err(|_| stopping())?;
        let query = || {
            let lease = Lease::take(self, permit)?;
            // Every statement sees the state that the first one saw.
            let state = lease.unchecked_transaction()?;
            query(&Read { conn: &state })
        };
        let answer = tokio::task::spawn_blocking(query).await;
        answer.unwrap_or_else(|ended| match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(stopping()),
        })
    }

    /// Another file than the one that the writer has open is none of ours.
    fn connect(&self) -> Result<Connection> {
        let conn = connect(&self.path)?;
        conn.pragma_update(None, "query_only", true)?;
        match Identity::of(&self.path) {
            Ok(file) if file == self.file => Ok(conn),
            _ => Err(Error::Unavailable("the database cannot be reached".into())),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A borrowed connection, given back on drop, even if the query panics.
struct Lease {
    conn: Option<Connection>,
    readers: Arc<Readers>,
    // Dropped last: the connection is back before the next query is let in.
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn take(readers: Arc<Readers>, permit: OwnedSemaphorePermit) -> Result<Self> {
        let idle = readers.idle().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => readers.connect()?,
        };
        Ok(Self {
            conn: Some(conn),
            readers,
            _permit: permit,
        })
    }
}

impl Deref for Lease {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn.as_ref().expect("it is given back only on drop")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.readers.idle().extend(self.conn.take());
    }
}
