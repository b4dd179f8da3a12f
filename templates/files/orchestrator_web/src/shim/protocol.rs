//! What the service and a shim say to each other: files in the folder of the run, and lines of JSON on
//! a socket.
//!
//! A shim that an old version has started meets a new service after an upgrade. So members may be
//! added, and whoever reads ignores those it does not know; anything else is a new [`VERSION`].

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::process::Identity;
use crate::ids::Id;
use crate::time::Clock;

pub const VERSION: u32 = 1;

/// The variable by which a shim and everything that comes of it can be told from other processes, also
/// when the shim is gone. Its value is the run's id.
pub const MARK: &str = "ORCHESTRATOR_RUN_ID";

/// The variable that tells an agent how often this was begun, from 1.
pub const ATTEMPT: &str = "ORCHESTRATOR_ATTEMPT";

/// The files of an attempt at a run. They stand in a folder of their own, so that what an earlier attempt
/// has left says nothing about the next; the output of all attempts goes on in the same two files.
#[derive(Debug, Clone)]
pub struct Files {
    pub folder: PathBuf,
    /// [`Start`], from the service.
    pub start: PathBuf,
    /// [`Shim`], there before the agent is.
    pub shim: PathBuf,
    /// The [`Identity`] of each process that lives of what the agent has started, the agent among them, as
    /// of a second ago.
    pub tree: PathBuf,
    /// [`Ended`], there when the agent is gone; what it has started may live a little longer.
    pub exit: PathBuf,
    pub exit_room: PathBuf,
    /// What the agent printed, byte by byte, in all attempts.
    pub stdout: PathBuf,
    pub stderr: PathBuf,
    /// What went wrong in the shim itself, which holds it: see [`hold`].
    pub log: PathBuf,
}

impl Files {
    pub fn of(folder: &Path) -> Self {
        let file = |name| folder.join(name);
        let beside = |name| folder.with_file_name(name);
        Self {
            folder: folder.to_owned(),
            start: file("start.json"),
            shim: file("shim.json"),
            tree: file("tree.json"),
            exit: file("exit.json"),
            exit_room: file("exit.json.room"),
            stdout: beside("stdout"),
            stderr: beside("stderr"),
            log: file("shim.log"),
        }
    }
}

/// What is to be started. The agent's environment is that of the shim, and so never lies on a disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Start {
    pub version: u32,
    pub run: Id,
    pub program: Vec<String>,
    pub working_dir: PathBuf,
    /// What the agent reads first: its prompt.
    pub stdin: String,
    pub input: Input,
    /// Where the shim listens.
    pub socket: PathBuf,
    pub pauses: Pauses,
    /// How many bytes of its standard output are kept, and of its standard error, give or take an
    /// eighth: of more, the middle is dropped. `None` is no bound.
    #[serde(default)]
    pub most_output: Option<u64>,
}

/// What follows that on the agent's standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    Nothing,
    /// What the service says, until it closes it.
    More,
}

/// How long an agent that is stopped may take, after SIGINT and after SIGTERM.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Pauses {
    pub interrupt_ms: u64,
    pub terminate_ms: u64,
}

impl Pauses {
    pub fn interrupt(self) -> Duration {
        Duration::from_millis(self.interrupt_ms)
    }

    pub fn terminate(self) -> Duration {
        Duration::from_millis(self.terminate_ms)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shim {
    pub version: u32,
    pub identity: Identity,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ended {
    pub version: u32,
    /// RFC 3339.
    pub at: String,
    pub end: End,
    /// Why some of the output is in no file.
    #[serde(default)]
    pub unwritten: Option<String>,
}

impl Ended {
    pub fn now(end: End) -> Self {
        Self {
            version: VERSION,
            at: Clock::system().now().to_string(),
            end,
            unwritten: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Code(i32),
    Signal(i32),
    /// There was no agent: why.
    SpawnFailed(String),
}

/// A line from the service to the shim. The shim sends a byte whenever there is more output, and closes
/// the connection when all is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    Stdin {
        text: String,
    },
    CloseStdin,
    /// A word on the standard input, for agents that know one, then SIGINT, SIGTERM and SIGKILL, with
    /// pauses, to the agent and everything that it has started.
    Stop {
        word: Option<String>,
    },
}

impl Request {
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a request is plain data") + "\n"
    }
}

pub fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let bytes = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("read {}", path.display()))
}

/// Writes a file for its owner's eyes, whole or not at all.
pub fn write<T: Serialize>(path: &Path, content: &T) -> anyhow::Result<()> {
    let json = serde_json::to_vec(content).with_context(|| format!("write {}", path.display()))?;
    let unfinished = path.with_extension("part");
    let mut file = create(&unfinished)?;
    let written = file
        .write_all(&json)
        .and_then(|()| std::fs::rename(&unfinished, path));
    written.with_context(|| format!("write {}", path.display()))
}

/// A new file for its owner's eyes; what the last attempt of a start has left is overwritten.
pub fn create(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    let file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path);
    file.with_context(|| format!("make {}", path.display()))
}

/// A new file that is held by whoever has it open: a shim, from before it is one, to its end.
pub fn hold(path: &Path) -> anyhow::Result<File> {
    let file = create(path)?;
    let held = file.try_lock();
    held.with_context(|| format!("hold {}", path.display()))?;
    Ok(file)
}

/// Whether somebody holds it.
pub fn is_held(path: &Path) -> anyhow::Result<bool> {
    let held = match File::open(path) {
        Ok(file) => file.try_lock(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => Err(TryLockError::Error(error)),
    };
    match held {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(error) => Err(error).with_context(|| format!("look at {}", path.display())),
    }
}
