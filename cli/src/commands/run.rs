//! `new --run`: builds the service, starts it, says when it is healthy, and stays with it.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::destination::{Destination, SERVICE};
use crate::error::Context;
use crate::interrupt::Interrupt;
use crate::output;
use crate::{Error, Result};

/// When the system fails in what it never should.
const AGAIN: &str =
    "the project is written: `cargo run` in its orchestrator_web starts the service";

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What ends a wait.
enum Event {
    /// A signal asks this program to end.
    Asked,
    /// The child has ended and can be reaped.
    Ended,
}

/// Returns when the service has ended, because someone asked for it or by itself.
pub fn run(destination: &Destination, port: u16, before: &Interrupt) -> Result<ExitCode> {
    let folder = destination.root.join(SERVICE);
    let shown = format!("{}/{SERVICE}", destination.shown);
    let (sender, events) = channel();
    watch_signals(sender.clone())?;
    if before.has_come() {
        return Err(interrupted("before building", &shown));
    }
    refuse_port_in_use(port, &shown)?;

    let mut build = start(
        Command::new("cargo").arg("build").current_dir(&folder),
        &sender,
    )?;
    if let Event::Asked = next(&events)? {
        end(&mut build, &events)?;
        return Err(interrupted("while building", &shown));
    }
    if !build
        .wait()
        .context("wait for cargo build", AGAIN)?
        .success()
    {
        return Err(Error::new(
            "the service does not build; cargo says above why",
            format!(
                "the project is written: mend it and `cargo run` in {shown}; `tac-bootstrap doctor` checks the tools"
            ),
        ));
    }

    // `cargo run` becomes the service: what is started here is what is stopped.
    let mut cargo = Command::new("cargo");
    cargo
        .args(["run", "--quiet", "--", "--port", &port.to_string()])
        .current_dir(&folder);
    let mut service = start(&mut cargo, &sender)?;
    let mut event = event_before_healthy(port, &events)?;
    if event.is_none() {
        let shown = &destination.shown;
        output::print(&format!(
            "\n{shown} is healthy: http://127.0.0.1:{port}\nCtrl-C stops it\n"
        ))?;
        event = Some(next(&events)?);
    }
    if let Some(Event::Asked) = event {
        end(&mut service, &events)?;
        return Ok(ExitCode::SUCCESS);
    }
    let status = service.wait().context("wait for the service", AGAIN)?;
    Err(Error::new(
        format!("the service ended by itself: {status}"),
        format!("its last lines above say why; `cargo run` in {shown} starts it again"),
    ))
}

fn interrupted(when: &str, shown: &str) -> Error {
    Error::new(
        format!("interrupted {when}"),
        format!("the project is written: `cargo run` in {shown} starts the service"),
    )
}

fn refuse_port_in_use(port: u16, shown: &str) -> Result<()> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    bound.map(drop).map_err(|cause| {
        Error::new(
            format!("port {port} cannot be used: {cause}"),
            format!(
                "the project is written: `cargo run -- --port {}` in {shown}",
                port.wrapping_add(1).max(1024)
            ),
        )
    })
}

fn watch_signals(sender: Sender<Event>) -> Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("watch for signals", AGAIN)?;
    std::thread::spawn(move || {
        // Ends when nobody listens any more.
        for _ in signals.forever() {
            if sender.send(Event::Asked).is_err() {
                break;
            }
        }
    });
    Ok(())
}

/// Starts the command in a process group of its own, so that Ctrl-C reaches this program only.
fn start(command: &mut Command, sender: &Sender<Event>) -> Result<Child> {
    let child = command.process_group(0).stdin(Stdio::null()).spawn();
    let child = child.map_err(|cause| {
        Error::new(
            format!("run cargo: {cause}"),
            "install Rust from https://rustup.rs; the project is written",
        )
    })?;
    let (pid, sender) = (pid(&child), sender.clone());
    std::thread::spawn(move || {
        // Leaves it to be reaped by its owner, so that the number stays its own until then.
        let _ = waitid(
            WaitId::Pid(pid),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        );
        // Nobody listens when the program is about to end.
        let _ = sender.send(Event::Ended);
    });
    Ok(child)
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

fn next(events: &Receiver<Event>) -> Result<Event> {
    events.recv().context("wait for the child process", AGAIN)
}

/// Asks the child and what it has started to end; is asked again, makes them.
fn end(child: &mut Child, events: &Receiver<Event>) -> Result<()> {
    let mut signal = Signal::TERM;
    loop {
        match kill_process_group(pid(child), signal) {
            // It has ended meanwhile.
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => return Err(error).context("stop the child process", AGAIN),
        }
        match next(events)? {
            Event::Asked => signal = Signal::KILL,
            Event::Ended => {
                return child
                    .wait()
                    .map(drop)
                    .context("wait for the child process", AGAIN);
            }
        }
    }
}

/// `None` once the service says that it is healthy.
fn event_before_healthy(port: u16, events: &Receiver<Event>) -> Result<Option<Event>> {
    loop {
        match events.recv_timeout(BETWEEN_LOOKS) {
            Ok(event) => return Ok(Some(event)),
            // A refused connection: it is not there yet.
            Err(RecvTimeoutError::Timeout) if is_healthy(port).unwrap_or(false) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => {}
            Err(error) => return Err(error).context("wait for the service", AGAIN),
        }
    }
}

fn is_healthy(port: u16) -> io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    write!(
        stream,
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    )?;
    let mut status = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut status)?;
    Ok(status == *b"HTTP/1.1 200")
}
