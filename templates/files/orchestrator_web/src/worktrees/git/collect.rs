//! A child process, read to its end: not longer than it may take, not more than it may print.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};

use super::Printed;
use crate::fault::reason;

const MOST_BYTES: usize = 64 << 20;
/// Between two looks at a process that has closed its output and has not ended.
const PAUSE: Duration = Duration::from_millis(2);

pub enum Failure {
    Slow,
    Wrong(String),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Wrong(reason(&error))
    }
}

/// The command is to lead a process group of its own, which is killed if anything goes wrong.
pub fn run(mut command: Command, patience: Duration) -> Result<Printed, Failure> {
    let deadline = Instant::now() + patience;
    let mut child = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::Wrong("there is no such program".into()),
        _ => error.into(),
    })?;
    let printed = read(&mut child, deadline);
    if printed.is_err() {
        // It may have ended by itself meanwhile.
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        let _ = child.wait();
    }
    printed
}

fn read(child: &mut Child, deadline: Instant) -> Result<Printed, Failure> {
    let mut out = Pipe::new(child.stdout.take().map(OwnedFd::from))?;
    let mut err = Pipe::new(child.stderr.take().map(OwnedFd::from))?;
    while out.end.is_some() || err.end.is_some() {
        wait([&out, &err], deadline)?;
        out.take()?;
        err.take()?;
    }
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Printed {
                code: status
                    .code()
                    .ok_or_else(|| Failure::Wrong("it was killed".into()))?,
                out: out.bytes,
                err: err.bytes,
            });
        }
        if deadline < Instant::now() {
            return Err(Failure::Slow);
        }
        thread::sleep(PAUSE);
    }
}

/// Returns when one of them has something, or has ended.
fn wait(pipes: [&Pipe; 2], deadline: Instant) -> Result<(), Failure> {
    let left = deadline.checked_duration_since(Instant::now());
    let left = Timespec::try_from(left.ok_or(Failure::Slow)?).expect("a time-out is short");
    let open = pipes.into_iter().filter_map(|pipe| pipe.end.as_ref());
    let mut fds: Vec<_> = open.map(|end| PollFd::new(end, PollFlags::IN)).collect();
    match poll(&mut fds, Some(&left)) {
        Ok(0) => Err(Failure::Slow),
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(std::io::Error::from(error).into()),
    }
}

struct Pipe {
    /// `None` when all was read.
    end: Option<File>,
    bytes: Vec<u8>,
}

impl Pipe {
    fn new(end: Option<OwnedFd>) -> Result<Self, Failure> {
        if let Some(end) = &end {
            fcntl_setfl(end, OFlags::NONBLOCK).map_err(std::io::Error::from)?;
        }
        let (end, bytes) = (end.map(File::from), Vec::new());
        Ok(Self { end, bytes })
    }

    /// Takes all that there is.
    fn take(&mut self) -> Result<(), Failure> {
        let Some(end) = &self.end else { return Ok(()) };
        let room = MOST_BYTES + 1 - self.bytes.len();
        let read = end.take(room as u64).read_to_end(&mut self.bytes);
        if MOST_BYTES < self.bytes.len() {
            return Err(Failure::Wrong(format!(
                "it prints more than {MOST_BYTES} bytes"
            )));
        }
        match read {
            Ok(_) => self.end = None,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
