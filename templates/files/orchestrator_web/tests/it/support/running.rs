//! The program while it serves, on free ports, and what one says to it byte by byte.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{grantpt, ptsname, unlockpt};

use super::program::Program;

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Running {
    pub program: Program,
    pub addresses: Vec<SocketAddr>,
    child: Owned,
    log: mpsc::Receiver<String>,
}

/// A process that ends with its test, however that ends.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // Most have ended by then, as the test asked.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Ended {
    pub program: Program,
    pub code: Option<i32>,
    pub err: String,
}

impl Running {
    /// Returns when the service listens.
    pub fn start(program: Program) -> Self {
        Self::start_with(program, &[])
    }

    /// The same, with more arguments.
    pub fn start_with(program: Program, arguments: &[&str]) -> Self {
        let (log, err) = std::io::pipe().unwrap();
        let arguments = [&["serve", "--port", "0"], arguments].concat();
        Self::launch(program, &arguments, err, log)
    }

    /// On a port that one has had before.
    pub fn start_on(program: Program, port: u16) -> Self {
        let (log, err) = std::io::pipe().unwrap();
        Self::launch(program, &["serve", "--port", &port.to_string()], err, log)
    }

    /// The same, with a terminal as its standard error.
    pub fn start_in_a_terminal(program: Program) -> Self {
        let (log, err) = terminal();
        Self::launch(program, &["serve", "--port", "0"], err, log)
    }

    fn launch(
        program: Program,
        arguments: &[&str],
        err: impl Into<Stdio>,
        log: impl Read + Send + 'static,
    ) -> Self {
        let mut command = program.command(arguments);
        command.stdout(Stdio::piped()).stderr(err);
        let mut child = Owned(command.spawn().unwrap());
        // It holds the other end of the log.
        drop(command);
        let log = follow(log);
        let mut line = String::new();
        BufReader::new(child.0.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let urls = line.strip_prefix("listening on ").unwrap_or_else(|| {
            panic!("it does not listen: {}", log.iter().collect::<String>());
        });
        let addresses = urls.split_whitespace().map(|url| {
            let address = url.strip_prefix("http://").unwrap();
            address.parse().unwrap()
        });
        Self {
            addresses: addresses.collect(),
            program,
            child,
            log,
        }
    }

    pub fn port(&self) -> u16 {
        self.addresses[0].port()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child.0);
        kill_process(pid, signal).unwrap();
    }

    /// Waits for a line of the log that holds `text`.
    pub fn wait_for(&self, text: &str) {
        while !self.log.recv_timeout(PATIENCE).unwrap().contains(text) {}
    }

    /// Sends `signal`, and waits for the end.
    pub fn stop(self, signal: Signal) -> Ended {
        self.signal(signal);
        self.wait()
    }

    pub fn wait(mut self) -> Ended {
        let err = self.log.iter().collect();
        let status = self.child.0.wait().unwrap();
        Ended {
            program: self.program,
            code: status.code(),
            err,
        }
    }
}

/// A new terminal: the end at which one sits, and the end of the program.
pub fn terminal() -> (File, File) {
    // What the standard library opens, no child keeps open, not even one that another test starts now.
    let ours = File::options().read(true).write(true).open("/dev/ptmx");
    let ours = ours.unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let path = ptsname(&ours, Vec::new()).unwrap();
    let its = File::options().write(true).open(path.to_str().unwrap());
    (ours, its.unwrap())
}

fn follow(err: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (lines, log) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(err).lines().map_while(Result::ok) {
            if lines.send(line + "\n").is_err() {
                return;
            }
        }
    });
    log
}

/// Sends bytes as they are, and reads until the service closes the connection.
pub fn exchange(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A connection that is closed before everything was read is reset; the answer came before.
    let end = stream
        .read_to_end(&mut answer)
        .map_err(|error| error.kind());
    assert!(
        matches!(end, Ok(_) | Err(ErrorKind::ConnectionReset)),
        "{end:?}"
    );
    String::from_utf8(answer).unwrap()
}
