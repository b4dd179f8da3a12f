//! Those who ask the shim for something: the service that started it, and the ones after that.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use super::protocol::Request;

/// Longer than any line that a service sends: prompts are limited at its edge.
const LONGEST_LINE: usize = 32 * 1024 * 1024;

pub struct Peers(Vec<Peer>);

struct Peer {
    stream: UnixStream,
    line: Vec<u8>,
}

impl Peers {
    /// The service that started us is there before anybody can connect: it is our standard input.
    pub fn with_parent() -> Self {
        let mut peers = Self(Vec::new());
        // Started by hand, there is a terminal or nothing, and nobody to listen to.
        if let Ok(stdin) = std::io::stdin().as_fd().try_clone_to_owned() {
            peers.add(stdin.into());
        }
        peers
    }

    pub fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.0.iter().map(|peer| peer.stream.as_fd())
    }

    pub fn accept(&mut self, listener: &UnixListener) {
        // Whoever cannot be accepted now tries again; the folder of the socket is our owner's alone.
        while let Ok((stream, _)) = listener.accept() {
            self.add(stream);
        }
    }

    fn add(&mut self, stream: UnixStream) {
        if stream.set_nonblocking(true).is_ok() {
            let line = Vec::new();
            self.0.push(Peer { stream, line });
        }
    }

    /// There is more output.
    pub fn ring(&mut self) {
        for peer in &mut self.0 {
            // Who has not heard the last bell yet needs no other; who has gone needs none.
            let _ = peer.stream.write(b"\n");
        }
    }

    /// The requests that have come in whole; those who have hung up are forgotten.
    pub fn read(&mut self) -> Vec<Request> {
        let mut requests = Vec::new();
        self.0.retain_mut(|peer| peer.read(&mut requests));
        requests
    }
}

impl Peer {
    /// Whether it is still there.
    fn read(&mut self, requests: &mut Vec<Request>) -> bool {
        let mut bytes = [0; 4096];
        loop {
            let mut from = self.line.len();
            match self.stream.read(&mut bytes) {
                Ok(0) => return false,
                Ok(count) => self.line.extend_from_slice(&bytes[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
            while let Some(end) = self.line[from..].iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.line.drain(..=from + end).collect();
                from = 0;
                match serde_json::from_slice(&line) {
                    Ok(request) => requests.push(request),
                    // Of a later version, perhaps.
                    Err(error) => eprintln!("a request that is not understood: {error}"),
                }
            }
            if LONGEST_LINE < self.line.len() {
                return false;
            }
        }
    }
}
