//! Queries: a read-only view of the database, and the pool that lends it.

use std::ops::Deref;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{CachedStatement, Connection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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

/// Read-only connections, lent one query at a time.
pub(super) struct Readers {
    idle: Arc<Semaphore>,
    conns: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn open(path: &Path, count: usize) -> Result<Self> {
        let conns = (0..count)
            .map(|_| reader(path))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            idle: Arc::new(Semaphore::new(count)),
            conns: Mutex::new(conns),
        })
    }

    /// Waits for a free connection and runs `query` on it, in a thread that may block.
    pub(super) async fn run<T, F>(self: Arc<Self>, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Read) -> Result<T> + Send + 'static,
    {
        let permit = Arc::clone(&self.idle).acquire_owned().await;
        let stopping = || Error::Unavailable("the service is stopping".into());
        let permit = permit.map_err(|_| stopping())?;
        let lease = Lease::take(self, permit);
        let answer = tokio::task::spawn_blocking(move || query(&Read { conn: &lease })).await;
        answer.unwrap_or_else(|ended| match ended.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(stopping()),
        })
    }
}

fn reader(path: &Path) -> Result<Connection> {
    let conn = connect(path)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

/// A borrowed connection, given back on drop, even if the query panics.
struct Lease {
    conn: Option<Connection>,
    readers: Arc<Readers>,
    // Dropped last: the connection is back before the next query is let in.
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn take(readers: Arc<Readers>, permit: OwnedSemaphorePermit) -> Self {
        let conn = readers
            .conns
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        Self {
            conn,
            readers,
            _permit: permit,
        }
    }
}

impl Deref for Lease {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
            .as_ref()
            .expect("there is a connection for every permit")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut conns = self
            .readers
            .conns
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        conns.extend(self.conn.take());
    }
}
