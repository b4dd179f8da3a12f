//! Cargo at work on a copy of a project, and what it says.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::Deserialize;

use crate::destination::SERVICE;
use crate::error::Context;
use crate::interrupt::Interrupt;
use crate::{Result, output};

/// When the system fails in what it never should.
const AGAIN: &str = "nothing was written; the command again may do";

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A place of its own in the target directory: cargo takes two projects of one name and version for the same, and would
/// give the user's next `cargo run` what it has built of the copy.
const PROFILE: [&str; 4] = [
    "--config",
    "profile.verify.inherits=\"dev\"",
    "--profile",
    "verify",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    Check,
    Test,
}

impl Job {
    /// What cargo is told.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Check => &["check", "--all-targets"],
            Self::Test => &["test", "--no-fail-fast"],
        }
    }
}

pub struct Cargo<'a> {
    pub service: &'a Path,
    /// Stays warm from one run to the next.
    pub target: &'a Path,
    pub interrupt: &'a Interrupt,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Ended {
    pub is_good: bool,
    pub errors: Vec<Diagnostic>,
    /// The names of tests that failed.
    pub failed: Vec<String>,
    are_names: bool,
}

/// Something that the compiler says.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Diagnostic {
    level: String,
    pub message: String,
    pub spans: Vec<Span>,
    rendered: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Span {
    /// Absolute, or below the folder of the workspace.
    pub file_name: String,
    pub line_start: usize,
    pub is_primary: bool,
}

/// A line of cargo's.
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerMessage {
        message: Diagnostic,
    },
    #[serde(other)]
    Other,
}

impl Cargo<'_> {
    /// What the compiler and the tests print goes to standard error. Not `--locked`: an edited manifest may need another
    /// lock file, as it does when the user builds.
    pub fn run(&self, job: Job) -> Result<Ended> {
        // Of an earlier copy.
        let cleaned = self.cargo(&["clean", "--quiet", "--package", SERVICE])?;
        if !cleaned.is_good {
            return Ok(cleaned);
        }
        let messages = ["--message-format", "json-diagnostic-rendered-ansi"];
        self.cargo(&[job.words(), &messages].concat())
    }

    fn cargo(&self, words: &[&str]) -> Result<Ended> {
        let mut child = Command::new("cargo")
            .args(words)
            .args(PROFILE)
            .current_dir(self.service)
            .env("CARGO_TARGET_DIR", self.target)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Of its own, so that Ctrl-C reaches this program, and this program reaches all that runs there.
            .process_group(0)
            .spawn()
            .context(
                "run cargo",
                "install Rust from https://rustup.rs, or leave out `--verify`; nothing was written",
            )?;
        let lines = lines(child.stdout.take().expect("it was asked for"));
        let mut ended = Ended::default();
        let followed = self.follow(&child, &lines, &mut ended);
        // Also what a test has left behind. Killed, because cargo copes with what it has not finished.
        let killed = kill_process_group(Pid::from_child(&child), Signal::KILL);
        let status = child.wait().context("wait for cargo", AGAIN)?;
        followed?;
        killed.context("end what cargo has started", AGAIN)?;
        while let Ok(line) = lines.recv_timeout(BETWEEN_LOOKS) {
            self.interrupt.check()?;
            ended.take(&line);
        }
        ended.is_good = status.success();
        Ok(ended)
    }

    /// Returns when cargo has ended. It is not reaped, so that the number of its group stays its own.
    fn follow(&self, child: &Child, lines: &Receiver<Vec<u8>>, ended: &mut Ended) -> Result<()> {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let cargo = WaitId::Pid(Pid::from_child(child));
        while waitid(cargo.clone(), look)
            .context("wait for cargo", AGAIN)?
            .is_none()
        {
            self.interrupt.check()?;
            // Nothing is said for a while, or any more.
            if let Ok(line) = lines.recv_timeout(BETWEEN_LOOKS) {
                ended.take(&line);
            }
        }
        Ok(())
    }
}

impl Ended {
    fn take(&mut self, line: &[u8]) {
        match serde_json::from_slice(line) {
            Ok(Message::CompilerMessage { message }) => self.diagnostic(message),
            Ok(Message::Other) => {}
            Err(_) => self.said(&String::from_utf8_lossy(line)),
        }
    }

    /// An error in a library comes once more for its tests.
    fn diagnostic(&mut self, message: Diagnostic) {
        if message.level == "error" && !self.errors.contains(&message) {
            output::note(message.rendered.as_deref().unwrap_or(&message.message));
            self.errors.push(message);
        }
    }

    /// A line of a test's, or about one. The names of those that failed stand below `failures:`, four spaces in.
    fn said(&mut self, line: &str) {
        output::note(&format!("{line}\n"));
        let name = line.strip_prefix("    ").filter(|_| self.are_names);
        self.are_names = name.is_some() || line == "failures:";
        self.failed.extend(name.map(str::to_owned));
    }
}

fn lines(output: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        let mut read = BufReader::new(output)
            .split(b'\n')
            .map_while(std::io::Result::ok);
        // Until nobody listens any more.
        read.all(|line| sender.send(line).is_ok())
    });
    lines
}
