//! What the agent prints, on its way from a pipe into a file.
//!
//! The agent does not get the file itself: a program that opens `/dev/stdout` anew would empty it. And
//! only we know when it is too large, or the disk too small.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_setfl};

use super::hole;
use crate::fault::reason;

/// Between two looks into a pipe: an agent that prints line by line would have us wake up for each.
const PAUSE: Duration = Duration::from_millis(10);
const PIECE: usize = 64 * 1024;
/// What is taken at once, before others have their turn.
const TURN: usize = 1024 * 1024;
/// The middle of a file goes in pieces of so many bytes, which are blocks of every file system.
const BLOCK: u64 = 64 * 1024;

pub struct Relay {
    /// `None` when nobody writes into it any more.
    pipe: Option<File>,
    file: File,
    length: u64,
    /// What the file may take of the disk, give or take a little; `None` is no bound.
    most: Option<u64>,
    /// Up to where the middle was dropped.
    dropped: u64,
    due: Instant,
    /// Why nothing is written any more; the agent is listened to all the same.
    pub fault: Option<String>,
}

impl Relay {
    pub fn open(path: &Path, most: Option<u64>) -> std::io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.append(true).create(true).mode(0o600).open(path)?;
        Ok(Self {
            pipe: None,
            length: file.metadata()?.len(),
            file,
            most,
            dropped: 0,
            due: Instant::now(),
            fault: None,
        })
    }

    pub fn listen(&mut self, pipe: OwnedFd) {
        make_roomy(&pipe);
        let patient = fcntl_setfl(&pipe, OFlags::NONBLOCK);
        patient.expect("a pipe of our own can be set");
        self.pipe = Some(pipe.into());
    }

    /// The pipe, if it is time to look into it.
    pub fn pipe(&self, now: Instant) -> Option<BorrowedFd<'_>> {
        let pipe = self.pipe.as_ref().filter(|_| self.due <= now);
        pipe.map(|pipe| pipe.as_fd())
    }

    /// When it is time, if that is not now.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        let due = self.pipe.as_ref().map(|_| self.due);
        due.filter(|due| now < *due)
    }

    /// Takes what is in the pipe; whether there was something.
    pub fn go_on(&mut self) -> bool {
        let mut piece = vec![0; PIECE];
        let mut taken = 0;
        while let Some(pipe) = &mut self.pipe
            && taken < TURN
        {
            match pipe.read(&mut piece) {
                Ok(0) => self.pipe = None,
                Ok(count) => {
                    self.keep(&piece[..count]);
                    taken += count;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => {
                    self.fault = Some(reason(&error));
                    self.pipe = None;
                }
            }
        }
        // Where there was nothing, the next byte wakes us up; where there was little, more is on its way.
        let pause = if (1..PIECE).contains(&taken) {
            PAUSE
        } else {
            Duration::ZERO
        };
        self.due = Instant::now() + pause;
        0 < taken
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.fault.is_some() {
            return;
        }
        match self.file.write_all(bytes) {
            Ok(()) => self.length += bytes.len() as u64,
            Err(error) => self.fault = Some(reason(&error)),
        }
        self.drop_the_middle();
    }

    /// The first and the last half of what may stay does; in between there is a hole, so that no byte
    /// changes its place.
    fn drop_the_middle(&mut self) {
        let Some(most) = self.most else { return };
        let from = self.dropped.max((most / 2).next_multiple_of(BLOCK));
        let until = self.length.saturating_sub(most / 2) / BLOCK * BLOCK;
        if from + most / 8 < until {
            self.dropped = until;
            if hole::make(&self.file, from, until - from).is_err() {
                // This file system knows none: the file grows on.
                self.most = None;
            }
        }
    }
}

/// So that the agent need not wait for us.
#[cfg(target_os = "linux")]
fn make_roomy(pipe: &OwnedFd) {
    // Refused to a user who has many of them; it works as it is, too.
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 256 * 1024);
}

#[cfg(not(target_os = "linux"))]
fn make_roomy(_: &OwnedFd) {}
