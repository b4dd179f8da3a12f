//! The database: one writer thread, a pool of readers, and the only place that names the engine.
//!
//! [`Db::write`] runs a command in a transaction on the writer thread; [`Db::read`] runs a query on
//! a read-only connection. Events that a command records are committed with it, and [`Db::bell`]
//! rings after the commit. The engine is SQLite in WAL mode; the SQL outside this folder is
//! portable (`?1`, `RETURNING`, `ON CONFLICT`, time as a parameter).

mod backup;
mod check;
mod disk;
pub mod list;
mod lock;
mod migrations;
mod read;
pub mod search;
mod value;
mod version;
mod write;

use std::fs::File;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::{mpsc, watch};

use crate::events::EventId;
use crate::time::Clock;
use crate::{Error, Result};

pub use backup::{backup, restore};
pub use check::{Condition, Verdict};
pub use disk::Disk;
pub use list::Listing;
pub use migrations::newest as newest_migration;
pub use read::Read;
pub use value::{Bind, Column, Row, Value};
pub use version::Version;
pub use write::Write;

const QUEUED_COMMANDS: usize = 256;
const READERS: usize = 4;
const STATEMENTS: usize = 128;

/// What survives a power failure. The loss of the process alone (`kill -9`) never loses an
/// acknowledged write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// A power failure may lose the last commits; the database stays whole.
    #[default]
    Normal,
    /// Every commit waits for the disk.
    Full,
}

/// The version of the engine.
pub fn engine() -> &'static str {
    rusqlite::version()
}

/// How the database is opened.
pub struct Options {
    pub path: PathBuf,
    pub synchronous: Synchronous,
    pub clock: Clock,
}

impl Options {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            synchronous: Synchronous::default(),
            clock: Clock::system(),
        }
    }
}

/// A handle to the database. Cheap to clone; the writer stops when the last clone is dropped.
#[derive(Clone)]
pub struct Db(Arc<Handle>);

struct Handle {
    path: PathBuf,
    file: check::Identity,
    jobs: mpsc::Sender<Box<dyn write::Job>>,
    readers: Arc<read::Readers>,
    bell: watch::Sender<EventId>,
    version: version::Watcher,
}

impl Db {
    /// Opens the database, made and migrated as needed, and starts its writer. Join the thread
    /// after the last handle is dropped to know that everything is on disk.
    pub fn open(options: Options) -> anyhow::Result<(Self, thread::JoinHandle<()>)> {
        let Options {
            path,
            synchronous,
            clock,
        } = options;
        let (lock, conn) = create(&path).with_context(|| format!("open {}", path.display()))?;
        let level = match synchronous {
            Synchronous::Normal => "NORMAL",
            Synchronous::Full => "FULL",
        };
        conn.pragma_update(None, "synchronous", level)?;
        migrations::run(&conn, &path, &clock)
            .with_context(|| format!("migrate {}", path.display()))?;

        let read = Read { conn: &conn };
        let newest = crate::events::newest(&read)?;
        let (bell, _) = watch::channel(newest);
        let (jobs, queue) = mpsc::channel(QUEUED_COMMANDS);
        let writer = write::Writer {
            conn,
            queue,
            bell: bell.clone(),
            clock,
            _lock: lock,
        };
        let thread = thread::Builder::new()
            .name("db-writer".into())
            .spawn(|| writer.run());

        let file = check::Identity::of(&path)?;
        let handle = Handle {
            readers: Arc::new(read::Readers::new(&path, file, READERS)),
            version: version::Watcher::open(&path)?,
            file,
            path,
            jobs,
            bell,
        };
        Ok((
            Self(Arc::new(handle)),
            thread.context("start the writer thread")?,
        ))
    }

    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Runs `command` in a transaction, which is committed if it returns `Ok`. The command runs
    /// even if the caller goes away while it waits; if it panics, the panic goes on in the caller.
    pub async fn write<T, F>(&self, command: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Write) -> Result<T> + Send + 'static,
    {
        let stopping = || Error::Unavailable("the service is stopping".into());
        let (job, answer) = write::Command::new(command);
        self.0
            .jobs
            .send(Box::new(job))
            .await
            .map_err(|_| stopping())?;
        let answer = answer.await.map_err(|_| stopping())?;
        answer.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Runs `query` on a read-only connection; if it panics, the panic goes on in the caller.
    pub async fn read<T, F>(&self, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Read) -> Result<T> + Send + 'static,
    {
        Arc::clone(&self.0.readers).run(query).await
    }

    /// Rings with the id of the newest event after each commit that recorded one. The table is
    /// the mail, this is only the doorbell.
    pub fn bell(&self) -> watch::Receiver<EventId> {
        self.0.bell.subscribe()
    }

    /// Rings for events that another process wrote.
    pub fn ring(&self, newest: EventId) {
        self.0.bell.send_if_modified(|id| {
            let is_new = *id < newest;
            *id = newest.max(*id);
            is_new
        });
    }

    /// Changes with every commit, of any process.
    pub fn version(&self) -> Result<Version> {
        self.0.version.now()
    }
}

/// Opens the writer's connection, under the lock; the file and its folder are made if they are
/// missing, readable by their owner alone: prompts and logs are nobody else's business.
fn create(path: &Path) -> anyhow::Result<(File, Connection)> {
    use std::os::unix::fs::OpenOptionsExt as _;
    make_folder(path)?;
    let lock = lock::share(path)?;
    let mut file = std::fs::OpenOptions::new();
    file.read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    let conn = connect(path)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
    Ok((lock, conn))
}

/// Makes the folder of the database file, for its owner alone.
fn make_folder(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    let make = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    make.with_context(|| format!("make the folder {}", folder.display()))
}

/// A connection to a database that exists, set up as all of ours are.
#[expect(clippy::disallowed_methods, reason = "this is the place")]
fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -1024)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

/// What a caller may know of a failure that is not the program's fault.
fn reason(error: &rusqlite::Error) -> Option<&'static str> {
    match error.sqlite_error_code()? {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Some("the database is busy"),
        ErrorCode::DiskFull => Some("the disk is full"),
        ErrorCode::ReadOnly => Some("the database cannot be written"),
        ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
            Some("the database cannot be reached")
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Some("the database is damaged"),
        _ => None,
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match reason(&error) {
            Some(reason) => {
                tracing::error!(%error, "the database is not available");
                Self::Unavailable(reason.into())
            }
            None => Self::Internal(error.into()),
        }
    }
}
