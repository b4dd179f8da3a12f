//! Is the database there, can it be read and written, and has it room? Asked by health checks.

use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::write::Job;
use super::{Db, Write};
use crate::Result;

const DEADLINE: Duration = Duration::from_secs(1);
const LEAST_FREE_BYTES: u64 = 16 << 20;

/// Which file a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    pub(super) fn of(path: &std::path::Path) -> std::io::Result<Self> {
        let file = std::fs::metadata(path)?;
        Ok(Self {
            device: file.dev(),
            inode: file.ino(),
        })
    }
}

/// Well, or why not, in words for the caller.
pub type Verdict = Result<(), &'static str>;

/// How the database is, part by part.
#[derive(Debug)]
pub struct Condition {
    /// Whether the file is the one that was opened.
    pub file: Verdict,
    /// Whether its disk has room.
    pub disk: Verdict,
    pub reading: Verdict,
    pub writing: Verdict,
}

impl Db {
    /// The first reason, in words for the caller, why the database cannot be relied on.
    pub async fn check(&self) -> Verdict {
        let it = self.condition().await;
        it.file.and(it.disk).and(it.reading).and(it.writing)
    }

    /// Looks at the file and at the free space; reads, and writes and rolls back, within a second each.
    /// What is damaged is not written to, not even for a moment.
    pub async fn condition(&self) -> Condition {
        let file = match Identity::of(&self.0.path) {
            Ok(file) if file == self.0.file => Ok(()),
            Ok(_) => Err("the database file was replaced while it was open"),
            Err(_) => Err("the database file is gone"),
        };
        let disk = match self.disk() {
            Ok(disk) if disk.free_bytes < LEAST_FREE_BYTES => Err("the disk is nearly full"),
            // Where it cannot be told, a write will tell.
            _ => Ok(()),
        };
        let reading = match file {
            Ok(()) => in_time(self.probe_reading()).await,
            Err(_) => Err("not tried: the file is not in its place"),
        };
        let writing = match reading {
            Ok(()) => in_time(self.probe_writing()).await,
            Err(_) => Err("not tried: the database cannot be read"),
        };
        Condition {
            file,
            disk,
            reading,
            writing,
        }
    }

    async fn probe_reading(&self) -> Verdict {
        let read = self.read(|db| db.number("SELECT count(*) FROM schema_migrations", &[]));
        read.await
            .map(drop)
            .map_err(|_| "the database cannot be read")
    }

    async fn probe_writing(&self) -> Verdict {
        let (caller, answer) = oneshot::channel();
        let probe = Probe {
            caller,
            wrote: false,
        };
        let stopping = "the service is stopping";
        self.0
            .jobs
            .send(Box::new(probe))
            .await
            .map_err(|_| stopping)?;
        answer.await.map_err(|_| stopping)?
    }
}

async fn in_time(probe: impl Future<Output = Verdict>) -> Verdict {
    let answer = timeout(DEADLINE, probe).await;
    answer.unwrap_or(Err("the database did not answer within a second"))
}

/// A write that is always rolled back.
struct Probe {
    caller: oneshot::Sender<Verdict>,
    wrote: bool,
}

impl Job for Probe {
    fn run(&mut self, db: &mut Write) -> bool {
        let sql = "INSERT INTO events (topic, data, created_at) VALUES ('probe', '{}', ?1)";
        let now = db.now();
        self.wrote = db.execute(sql, &[&now]).is_ok();
        false
    }

    fn answer(self: Box<Self>, failure: Option<&'static str>) {
        let result = match failure {
            Some(reason) => Err(reason),
            None if self.wrote => Ok(()),
            None => Err("the database cannot be written"),
        };
        // A caller that stopped waiting has told its own caller so.
        let _ = self.caller.send(result);
    }
}
