//! Has anything changed? Asked without reading a table.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::connect;
use crate::Result;

/// Two equal versions: nothing was committed between them, by no process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(i64);

/// `PRAGMA data_version` of a connection of its own, for which every commit is somebody else's.
pub(super) struct Watcher(Mutex<Connection>);

impl Watcher {
    pub(super) fn open(path: &Path) -> Result<Self> {
        Ok(Self(Mutex::new(connect(path)?)))
    }

    /// Takes microseconds and waits for no writer, so that it may be called from a task.
    pub(super) fn now(&self) -> Result<Version> {
        let conn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = conn.prepare_cached("PRAGMA data_version")?;
        Ok(Version(statement.query_row((), |row| row.get(0))?))
    }
}
