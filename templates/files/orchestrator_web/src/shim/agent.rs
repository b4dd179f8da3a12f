//! The agent's own process, and what it is told on its standard input.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::Pid;

use super::process;
use super::protocol::{End, Files, Input, Start};
use crate::fault::reason;

pub struct Agent {
    pub pid: Pid,
    /// Readable when it has ended, where the system has such a thing.
    exit: Option<OwnedFd>,
    stdin: Option<ChildStdin>,
    unsaid: VecDeque<u8>,
    input: Input,
}

impl Agent {
    /// In a process group of its own, so that what we share with it is no more than a parent.
    pub fn spawn(start: &Start, files: &Files) -> Result<Self, End> {
        let failed = |what: String| End::SpawnFailed(what);
        let [program, arguments @ ..] = &start.program[..] else {
            return Err(failed("the executor names no program".into()));
        };
        if !start.working_dir.is_dir() {
            let folder = start.working_dir.display();
            return Err(failed(format!(
                "the working directory {folder} is not there"
            )));
        }
        let output = |path: &Path| {
            let shown = path.display();
            append(path)
                .map_err(|error| failed(format!("cannot write {shown}: {}", reason(&error))))
        };
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(&start.working_dir)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(output(&files.stdout)?)
            .stderr(output(&files.stderr)?)
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => failed(format!("there is no program `{program}`")),
                _ => failed(format!("cannot start `{program}`: {}", reason(&error))),
            })?;
        let pid = Pid::from_child(&child);
        let stdin = child.stdin.take().expect("a pipe was asked for");
        // A pipe takes what it can in either way; only we wait elsewhere.
        let patient = fcntl_setfl(&stdin, OFlags::NONBLOCK);
        patient.expect("a pipe of our own can be set");
        let mut agent = Self {
            pid,
            exit: process::exit_of(pid),
            stdin: Some(stdin),
            unsaid: VecDeque::new(),
            input: start.input,
        };
        agent.say(&start.stdin);
        Ok(agent)
    }

    pub fn exit(&self) -> Option<BorrowedFd<'_>> {
        self.exit.as_ref().map(OwnedFd::as_fd)
    }

    /// The pipe, if there is something left to say.
    pub fn unsaid(&self) -> Option<BorrowedFd<'_>> {
        let stdin = self.stdin.as_ref().filter(|_| !self.unsaid.is_empty());
        stdin.map(ChildStdin::as_fd)
    }

    pub fn say(&mut self, text: &str) {
        self.unsaid.extend(text.as_bytes());
        self.go_on_saying();
    }

    pub fn end_input(&mut self) {
        self.input = Input::Nothing;
        self.go_on_saying();
    }

    /// Writes as much as the pipe takes.
    pub fn go_on_saying(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        while !self.unsaid.is_empty() {
            match stdin.write(self.unsaid.as_slices().0) {
                Ok(written) => drop(self.unsaid.drain(..written)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // It does not want to hear more.
                Err(_) => return self.stdin = None,
            }
        }
        if self.input == Input::Nothing {
            self.stdin = None;
        }
    }

    pub fn has_ended(&mut self) {
        self.exit = None;
        self.stdin = None;
    }
}

fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}
