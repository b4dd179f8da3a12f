//! The way to a shim.

use std::path::Path;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use crate::ids::Id;
use crate::shim::process;
use crate::shim::protocol::{self, Files, MARK, Request, Shim, Start, VERSION};

/// A connection; the shim closes it when it ends, in whatever way.
pub struct Link(Option<(OwnedReadHalf, OwnedWriteHalf)>);

impl Link {
    pub fn new(stream: UnixStream) -> Self {
        Self(Some(stream.into_split()))
    }

    /// To a shim that is gone.
    pub fn closed() -> Self {
        Self(None)
    }

    /// Returns when the shim has ended.
    pub async fn end(&mut self) {
        let mut bytes = [0; 64];
        while let Some((read, _)) = &mut self.0 {
            // It says nothing: what comes is the end, well or badly.
            if !matches!(read.read(&mut bytes).await, Ok(1..)) {
                self.0 = None;
            }
        }
    }

    pub async fn ask(&mut self, request: &Request) {
        if let Some((_, write)) = &mut self.0 {
            // Who has ended hears nothing, and needs nothing.
            let _ = write.write_all(request.line().as_bytes()).await;
        }
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
    if !exists(&files.shim)? {
        // The service was killed while it started the shim, which may still be on its way. It starts
        // no agent before it has written this file.
        kill(run).await?;
        return Ok(if exists(&files.shim)? {
            Found::Files
        } else {
            Found::Nothing
        });
    }
    let shim: Shim = protocol::read(&files.shim)?;
    if shim.version != VERSION {
        tracing::warn!(%run, version = shim.version, "the shim was started by another version");
    }
    if !shim.identity.is_alive() {
        return Ok(Found::Files);
    }
    let start: Start = protocol::read(&files.start)?;
    match UnixStream::connect(&start.socket).await {
        Ok(stream) => Ok(Found::Shim(Link::new(stream))),
        // It ends just now; or nobody can reach it any more, and nobody could stop it.
        Err(error) => {
            tracing::warn!(%run, %error, "the shim does not answer");
            Ok(Found::Files)
        }
    }
}

/// Removes what a shim that was killed has left: the processes that it watched over, and its socket.
pub async fn clear(run: Id, files: &Files) -> anyhow::Result<()> {
    kill(run).await?;
    if let Ok(start) = protocol::read::<Start>(&files.start) {
        // Most have removed it themselves.
        let _ = std::fs::remove_file(start.socket);
    }
    Ok(())
}

/// Ends everything that is left of a run: at once, and only what carries its mark.
pub async fn kill(run: Id) -> anyhow::Result<()> {
    let kill = move || process::kill_marked(MARK, run.as_str());
    tokio::task::spawn_blocking(kill)
        .await
        .context("end what is left of a run")
}

fn exists(path: &Path) -> anyhow::Result<bool> {
    path.try_exists()
        .with_context(|| format!("look for {}", path.display()))
}
