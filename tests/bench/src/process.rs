//! The programs under measurement, as processes of their own.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;

/// The kernel's unit of process times, `USER_HZ`: 100 a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// A server that said where it listens. It is killed when this is dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// What the kernel counts as a process's memory, in bytes.
#[derive(Clone, Copy)]
pub struct Memory {
    /// Resident pages, those shared with other processes included.
    pub rss: u64,
    /// Resident pages, shared ones divided among their sharers.
    pub pss: u64,
}

impl Server {
    /// Starts `command` and waits for its line `listening on http://ADDRESS…`.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().display().to_string();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {program}"))?;
        let output = child.stdout.take().expect("its output is piped");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line
            .strip_prefix("listening on http://")
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        let address = address.with_context(|| format!("{program} said {line:?} at its start"))?;
        Ok(Self { child, address })
    }

    /// Processor time used so far, by all threads.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // After the name, which may hold anything, come the fields from the third on.
        let (_, fields) = stat.rsplit_once(')').context("read /proc/PID/stat")?;
        let fields: Vec<_> = fields.split_whitespace().collect();
        let ticks: u32 = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
        Ok(TICK * ticks)
    }

    pub fn memory(&self) -> anyhow::Result<Memory> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let bytes = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok());
            let kilobytes: u64 = kilobytes.with_context(|| format!("no {name} in smaps_rollup"))?;
            anyhow::Ok(kilobytes * 1024)
        };
        Ok(Memory {
            rss: bytes("Rss:")?,
            pss: bytes("Pss:")?,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The service with a folder and a database of its own.
pub struct Service {
    server: Server,
    program: PathBuf,
    folder: TempDir,
}

impl Service {
    pub fn start(program: &Path) -> anyhow::Result<Self> {
        Self::start_with(program, "[server]\ndatabase_path = \"service.db\"\n")
    }

    /// The service with these settings, as `orchestrator.toml` has them.
    pub fn start_with(program: &Path, settings: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("orchestrator.toml"), settings)?;
        Self::start_in(program, folder)
    }

    /// The service with the settings and the database that `folder` holds.
    pub fn start_in(program: &Path, folder: TempDir) -> anyhow::Result<Self> {
        let server = Server::start(
            Command::new(program)
                .args(["--port", "0"])
                .current_dir(folder.path())
                .env_clear()
                .stderr(File::create(folder.path().join("service.log"))?),
        )?;
        let program = program.to_owned();
        Ok(Self {
            server,
            program,
            folder,
        })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("service.db")
    }

    /// The same program with another database, which a floor may have once it is stopped.
    pub fn another(&self) -> anyhow::Result<Self> {
        Self::start(&self.program)
    }

    /// Ends the service; its database, and the folder that keeps it.
    pub fn stop(self) -> (TempDir, PathBuf) {
        let file = self.database();
        (self.folder, file)
    }
}

impl Deref for Service {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}
