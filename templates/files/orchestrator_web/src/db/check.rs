//! Is the database there, and can it be written? Asked by health checks.

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

impl Db {
    /// Reads, writes and rolls back, within a second; looks at the file and at the free space.
    /// The reason, in words for the caller, if the database cannot be relied on.
    pub async fn check(&self) -> Result<(), &'static str> {
        match Identity::of(&self.0.path) {
            Ok(file) if file == self.0.file => {}
            Ok(_) => return Err("the database file was replaced while it was open"),
            Err(_) => return Err("the database file is gone"),
        }
        let space = rustix::fs::statvfs(&*self.0.path);
        if space.is_ok_and(|it| it.f_bavail.saturating_mul(it.f_frsize) < LEAST_FREE_BYTES) {
            return Err("the disk is nearly full");
        }
        let too_slow = |_| "the database did not answer within a second";
        let probe = async {
            self.read(|db| db.number("SELECT count(*) FROM schema_migrations", &[]))
                .await?;
            Ok::<_, crate::Error>(self.probe().await)
        };
        let answer = timeout(DEADLINE, probe).await.map_err(too_slow)?;
        answer.unwrap_or(Err("the database cannot be read"))
    }

    async fn probe(&self) -> Result<(), &'static str> {
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

/// A write that is always rolled back.
struct Probe {
    caller: oneshot::Sender<Result<(), &'static str>>,
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
