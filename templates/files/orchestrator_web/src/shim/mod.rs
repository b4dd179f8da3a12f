//! `orchestrator_web shim DIR`: a process that stands between the service and one agent, so that the
//! service may end, or be replaced, while the agent goes on.
//!
//! Single-threaded, with one place where it waits. Everything that an agent starts becomes its child
//! when it loses its own parent, so that nothing gets away. What it prints goes into files, which the
//! service reads; what else the two say to each other stands in [`protocol`].

mod agent;
mod census;
mod control;
pub mod hole;
mod ladder;
pub mod process;
pub mod protocol;
mod relay;
mod tree;

use std::fs::File;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{WaitOptions, WaitStatus, wait};

use agent::Agent;
use census::Census;
use control::Peers;
use ladder::Ladder;
use protocol::{End, Ended, Files, Request, Shim, Start, VERSION};

/// How often it looks for orphans that have ended; nothing tells it of them.
const LOOK: Duration = Duration::from_secs(1);
/// The same, while processes are to end, or where the system does not tell of the agent either.
const LOOK_CLOSELY: Duration = Duration::from_millis(10);
/// What `exit.json` takes at most.
const ROOM: usize = 4096;

/// Starts the agent that `DIR/start.json` describes, and returns when nothing of it is left.
pub fn run(folder: &Path) -> anyhow::Result<()> {
    let (of_the_run, name) = folder
        .parent()
        .zip(folder.file_name())
        .context("a folder in that of a run is needed")?;
    std::env::set_current_dir(of_the_run)
        .with_context(|| format!("enter {}", of_the_run.display()))?;
    // Wherever it is moved from here.
    let files = Files::of(Path::new(name));
    let start: Start = protocol::read(&files.start)?;
    leave_the_session()?;
    let room = reserve(&files)?;
    // A shim that was killed before it wrote a word has left it, if any.
    let _ = std::fs::remove_file(&start.socket);
    let listener = UnixListener::bind(&start.socket)
        .with_context(|| format!("listen on {}", start.socket.display()))?;
    listener.set_nonblocking(true)?;
    let identity = process::Identity::of_this_process();
    let shim = Shim {
        version: VERSION,
        identity,
    };
    protocol::write(&files.shim, &shim)?;
    let watched = match Agent::spawn(&start, &files) {
        Ok(agent) => {
            let census = Census::of(&files);
            watch(&start, agent, census, &listener, |ended| {
                note(&files, &room, ended)
            })
        }
        Err(end) => note(&files, &room, &Ended::now(end)),
    };
    // It is of no use any more; the service removes what is left with the run.
    let _ = std::fs::remove_file(&start.socket);
    watched
}

/// Waits for the agent, the service and the time, until the agent and all that it has started are gone.
fn watch(
    start: &Start,
    mut agent: Agent,
    mut census: Census,
    listener: &UnixListener,
    note: impl Fn(&Ended) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut noted = None;
    let mut ladder = Ladder::new(start.pauses);
    let mut peers = Peers::with_parent();
    loop {
        if let Some(end) = reap(&agent)? {
            agent.go_on_listening();
            // At once: who kills us now does not kill the outcome. Nor does a failure keep us from
            // ending the others.
            noted = Some(note(&Ended {
                unwritten: agent.unwritten().map(str::to_owned),
                ..Ended::now(end)
            }));
            agent.has_ended();
            ladder.clear(Instant::now());
        }
        if noted.is_some() && tree::is_empty(agent.pid) {
            agent.go_on_listening();
            return noted.unwrap_or(Ok(()));
        }
        if agent.unwritten().is_some() {
            // Nobody would see what it does.
            ladder.climb(Instant::now());
        }
        census.take(Instant::now());
        if let Some(signal) = ladder.due(Instant::now()) {
            tree::signal(agent.pid, signal);
        }
        let is_told = agent.exit().is_some() && !ladder.is_climbing();
        let patience = if is_told { LOOK } else { LOOK_CLOSELY };
        let requests = wait_for(patience, &mut agent, listener, &mut peers)?;
        for request in requests {
            match request {
                Request::Stdin { text } => agent.say(&text),
                Request::CloseStdin => agent.end_input(),
                Request::Stop { word: None } => ladder.climb(Instant::now()),
                Request::Stop { word: Some(word) } => {
                    agent.say(&word);
                    ladder.climb(Instant::now() + start.pauses.interrupt());
                }
            }
        }
    }
}

/// Returns when something happens, or after `patience`; what the service asks for.
fn wait_for(
    patience: Duration,
    agent: &mut Agent,
    listener: &UnixListener,
    peers: &mut Peers,
) -> anyhow::Result<Vec<Request>> {
    let now = Instant::now();
    let mut fds = vec![PollFd::new(listener, PollFlags::IN)];
    fds.extend(
        agent
            .prints(now)
            .map(|it| PollFd::from_borrowed_fd(it, PollFlags::IN)),
    );
    fds.extend(
        agent
            .exit()
            .map(|it| PollFd::from_borrowed_fd(it, PollFlags::IN)),
    );
    fds.extend(
        agent
            .unsaid()
            .map(|it| PollFd::from_borrowed_fd(it, PollFlags::OUT)),
    );
    fds.extend(
        peers
            .fds()
            .map(|it| PollFd::from_borrowed_fd(it, PollFlags::IN)),
    );
    let patience = agent
        .prints_next(now)
        .map_or(patience, |next| patience.min(next - now));
    let patience = Timespec::try_from(patience).expect("a short time");
    match poll(&mut fds, Some(&patience)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error).context("wait"),
    }
    agent.go_on_saying();
    if agent.go_on_listening() {
        peers.ring();
    }
    peers.accept(listener);
    Ok(peers.read())
}

/// Takes every child that has ended: orphans, and once the agent itself.
fn reap(agent: &Agent) -> anyhow::Result<Option<End>> {
    let mut end = None;
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) if pid == agent.pid => end = Some(ended(status)),
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
            Ok(None) | Err(rustix::io::Errno::CHILD) => return Ok(end),
            Err(error) => return Err(error).context("wait for children"),
        }
    }
}

fn ended(status: WaitStatus) -> End {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or_default()),
    }
}

/// A session of its own: signals to the service's terminal or process group do not come here.
fn leave_the_session() -> anyhow::Result<()> {
    match rustix::process::setsid() {
        // It leads a group already, as a shell starts it, and so is out of the service's.
        Ok(_) | Err(rustix::io::Errno::PERM) => {}
        Err(error) => return Err(error).context("begin a session"),
    }
    tree::adopt_orphans()
}

/// The place of the outcome, taken before there is one: a disk that is full by then does not hide it.
fn reserve(files: &Files) -> anyhow::Result<File> {
    let room = [b' '; ROOM];
    let mut file = protocol::create(&files.exit_room)?;
    let written = file.write_all(&room).and_then(|()| file.sync_all());
    written.context("reserve the place of exit.json")?;
    Ok(file)
}

fn note(files: &Files, room: &File, ended: &Ended) -> anyhow::Result<()> {
    use std::os::unix::fs::FileExt as _;
    let json = serde_json::to_vec(ended).context("write exit.json")?;
    // White space follows, which ends no JSON badly.
    let written = room.write_all_at(&json, 0).and_then(|()| room.sync_all());
    let renamed = written.and_then(|()| std::fs::rename(&files.exit_room, &files.exit));
    renamed.context("write exit.json")
}
