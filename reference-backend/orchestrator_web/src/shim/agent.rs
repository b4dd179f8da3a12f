//! The agent's own process, what it is told on its standard input, and what it prints.

use std::collections::VecDeque;
use std::io::{ErrorKind, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::time::Instant;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::process::Pid;

use super::process;
use super::protocol::{End, Files, Input, Start};
use super::relay::Relay;
use crate::fault::reason;

pub struct Agent {
    pub pid: Pid,
    /// Readable when it has ended, where the system has such a thing.
    exit: Option<OwnedFd>,
    stdin: Option<ChildStdin>,
    unsaid: VecDeque<u8>,
    input: Input,
    /// Its standard output and its standard error.
    relays: [Relay; 2],
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
            Relay::open(path, start.most_output)
                .map_err(|error| failed(format!("cannot write {shown}: {}", reason(&error))))
        };
        let mut relays = [output(&files.stdout)?, output(&files.stderr)?];
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(&start.working_dir)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => failed(format!("there is no program `{program}`")),
                _ => failed(format!("cannot start `{program}`: {}", reason(&error))),
            })?;
        let pid = Pid::from_child(&child);
        let asked = "a pipe was asked for";
        relays[0].listen(child.stdout.take().expect(asked).into());
        relays[1].listen(child.stderr.take().expect(asked).into());
        let stdin = child.stdin.take().expect(asked);
        // A pipe takes what it can in either way; only we wait elsewhere.
        let patient = fcntl_setfl(&stdin, OFlags::NONBLOCK);
        patient.expect("a pipe of our own can be set");
        let mut agent = Self {
            pid,
            exit: process::exit_of(pid),
            stdin: Some(stdin),
            unsaid: VecDeque::new(),
            input: start.input,
            relays,
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

    /// The pipes to look into now, and when to look into the others.
    pub fn prints(&self, now: Instant) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.relays.iter().filter_map(move |it| it.pipe(now))
    }

    pub fn prints_next(&self, now: Instant) -> Option<Instant> {
        self.relays.iter().filter_map(|it| it.due(now)).min()
    }

    /// Takes what it has printed; whether that was anything.
    pub fn go_on_listening(&mut self) -> bool {
        let [stdout, stderr] = &mut self.relays;
        stdout.go_on() | stderr.go_on()
    }

    /// Why some of its output is not in the files.
    pub fn unwritten(&self) -> Option<&str> {
        self.relays.iter().find_map(|it| it.fault.as_deref())
    }

    pub fn has_ended(&mut self) {
        self.exit = None;
        self.stdin = None;
    }
}
