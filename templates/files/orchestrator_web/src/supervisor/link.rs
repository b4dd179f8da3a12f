//! The way to a shim.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Interval, interval, sleep, timeout};

use crate::ids::Id;
use crate::shim::process::{self, Identity};
use crate::shim::protocol::{self, End, Ended, Files, MARK, Request, Shim, Start, VERSION};

/// Between two looks at what cannot tell us anything.
const LOOK: Duration = Duration::from_millis(200);
/// For a shim to take what it is told.
const PATIENCE: Duration = Duration::from_secs(5);

pub enum Link {
    /// The shim closes it when it ends, in whatever way.
    Open(OwnedReadHalf, OwnedWriteHalf),
    /// Its socket is gone, but it goes on with its work.
    Cut(Identity, Interval),
    /// The shim has ended.
    Closed,
}

pub enum Heard {
    /// There is more output, perhaps.
    Output,
    End,
}

impl Link {
    pub fn new(stream: UnixStream) -> Self {
        let (read, write) = stream.into_split();
        Self::Open(read, write)
    }

    /// Whether the shim can be told something.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(..))
    }

    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed)
    }

    /// Waits for news of the shim. May be cancelled.
    pub async fn hear(&mut self) -> Heard {
        let is_there = match self {
            Self::Open(read, _) => matches!(read.read(&mut [0; 1024]).await, Ok(1..)),
            Self::Cut(shim, look) => {
                look.tick().await;
                shim.is_alive()
            }
            Self::Closed => false,
        };
        if is_there {
            return Heard::Output;
        }
        *self = Self::Closed;
        Heard::End
    }

    /// Whether the shim can have heard it.
    pub async fn ask(&mut self, request: &Request) -> bool {
        let Self::Open(_, write) = self else {
            return false;
        };
        let line = request.line();
        let told = timeout(PATIENCE, write.write_all(line.as_bytes())).await;
        matches!(told, Ok(Ok(())))
    }
}

/// What an earlier service has left of a run.
pub enum Found {
    /// It was never started: nothing can have happened.
    Nothing,
    /// It goes on.
    Shim(Link),
    /// Its shim is gone.
    Files,
}

/// Finds the shim of a run again.
pub async fn find(run: Id, files: &Files) -> anyhow::Result<Found> {
    if !exists(&files.start)? {
        return Ok(Found::Nothing);
    }
    if !has_begun(run, files).await? {
        return Ok(Found::Nothing);
    }
    let Some(shim) = recall::<Shim>(&files.shim)? else {
        // Nobody can tell it from other processes, but for its mark.
        kill(run, files).await?;
        return Ok(Found::Files);
    };
    if shim.version != VERSION {
        tracing::warn!(%run, version = shim.version, "the shim was started by another version");
    }
    if !shim.identity.is_alive() {
        return Ok(Found::Files);
    }
    match connect(files).await {
        Ok(stream) => Ok(Found::Shim(Link::new(stream))),
        Err(error) if shim.identity.is_sure() => {
            // It ends just now; or somebody has removed its socket.
            tracing::warn!(%run, ?error, "the shim cannot be reached; a stop will be rough");
            Ok(Found::Shim(Link::Cut(shim.identity, interval(LOOK))))
        }
        Err(_) => Ok(Found::Files),
    }
}

/// Whether a shim has told who it is. One that is on its way, when the service that started it was killed
/// in that moment, is awaited: it starts no agent before.
async fn has_begun(run: Id, files: &Files) -> anyhow::Result<bool> {
    const ROUNDS: u32 = 1000;
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 0..ROUNDS {
        // In this order: who was there a moment ago may have told it since.
        let is_on_its_way = protocol::is_held(&files.log)?;
        if exists(&files.shim)? {
            return Ok(true);
        }
        if !is_on_its_way {
            return Ok(false);
        }
        sleep(PAUSE).await;
    }
    kill(run, files).await?;
    exists(&files.shim)
}

async fn connect(files: &Files) -> anyhow::Result<UnixStream> {
    let start: Start = protocol::read(&files.start)?;
    let stream = UnixStream::connect(&start.socket).await;
    stream.with_context(|| format!("connect to {}", start.socket.display()))
}

/// How the agent has ended; `None` if its shim was killed, and nobody knows.
pub fn ended(files: &Files) -> anyhow::Result<Option<Ended>> {
    if exists(&files.exit)? {
        return recall(&files.exit);
    }
    // No agent is started before this file is there.
    if exists(&files.shim)? {
        return Ok(None);
    }
    let words = std::fs::read_to_string(&files.log).unwrap_or_default();
    let words = words.trim().trim_start_matches("error: ");
    let why = if words.is_empty() {
        "no reason is known"
    } else {
        words
    };
    let end = End::SpawnFailed(format!("the agent's watcher did not start: {why}"));
    Ok(Some(Ended::now(end)))
}

/// What a file says; `None` if it is damaged, which no second look would change.
fn recall<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    match protocol::read(path) {
        Err(error) if error.is::<serde_json::Error>() => {
            tracing::error!(?error, "a file of a run is damaged");
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// Removes what a shim that was killed has left: the processes that it watched over, and its socket.
pub async fn clear(run: Id, files: &Files) -> anyhow::Result<()> {
    kill(run, files).await?;
    if let Ok(start) = protocol::read::<Start>(&files.start) {
        // Most have removed it themselves.
        let _ = std::fs::remove_file(start.socket);
    }
    Ok(())
}

/// Ends everything that is left of a run: at once, and only what carries its mark, or was seen below its
/// shim.
pub async fn kill(run: Id, files: &Files) -> anyhow::Result<()> {
    let seen: Option<Vec<Identity>> = if exists(&files.tree)? {
        recall(&files.tree)?
    } else {
        None
    };
    let mark = format!("{MARK}={run}");
    let kill = move || process::kill_left(&mark, &seen.unwrap_or_default());
    tokio::task::spawn_blocking(kill)
        .await
        .context("end what is left of a run")
}

fn exists(path: &Path) -> anyhow::Result<bool> {
    path.try_exists()
        .with_context(|| format!("look for {}", path.display()))
}
