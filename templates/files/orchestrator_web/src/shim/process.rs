//! Which process is which, and who belongs to whom.
//!
//! Linux tells all of it in `/proc`. Elsewhere an identity is the pid alone, and nothing is found by
//! its mark.

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid};
use serde::{Deserialize, Serialize};

/// A pid is given again when its process is gone, and a start time after a reboot: only together they
/// name one process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub pid: i32,
    /// In ticks since the boot.
    pub started: Option<u64>,
    pub boot: Option<String>,
}

impl Identity {
    pub fn of_this_process() -> Self {
        let pid = getpid();
        Self {
            pid: pid.as_raw_nonzero().get(),
            started: look(pid).map(|process| process.started),
            boot: boot(),
        }
    }

    /// Whether no other process can be taken for it.
    pub fn is_sure(&self) -> bool {
        self.started.is_some()
    }

    /// Whether that process still runs.
    pub fn is_alive(&self) -> bool {
        let Some(pid) = Pid::from_raw(self.pid) else {
            return false;
        };
        if self.started.is_none() {
            return rustix::process::test_kill_process(pid).is_ok();
        }
        let process = look(pid).filter(|process| !process.is_dead);
        self.boot == boot() && process.map(|process| process.started) == self.started
    }
}

/// What `/proc` tells of a process.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    pub pid: Pid,
    parent: i32,
    started: u64,
    /// It has ended, and only waits for its parent to ask how.
    is_dead: bool,
}

impl Process {
    /// Sends `signal` to this process and to no other that has got its pid since.
    #[cfg(target_os = "linux")]
    pub fn signal(self, signal: Signal) {
        use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};
        let Ok(process) = pidfd_open(self.pid, PidfdFlags::empty()) else {
            return;
        };
        if look(self.pid).is_some_and(|now| now.started == self.started) {
            // One that has just ended needs no signal; who keeps looking finds those that live.
            let _ = pidfd_send_signal(process, signal);
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub fn signal(self, signal: Signal) {
        // One that has just ended needs no signal.
        let _ = rustix::process::kill_process(self.pid, signal);
    }
}

/// Everything alive that `roots` have started, their children's children included, without `roots`.
pub fn descendants(roots: &[Pid]) -> Vec<Process> {
    let mut others = all();
    let mut found: Vec<Process> = Vec::new();
    let mut parents: Vec<i32> = roots.iter().map(|pid| pid.as_raw_nonzero().get()).collect();
    while !parents.is_empty() {
        let (children, rest): (Vec<_>, _) = others
            .into_iter()
            .partition(|process| parents.contains(&process.parent));
        parents = children
            .iter()
            .map(|child| child.pid.as_raw_nonzero().get())
            .collect();
        found.extend(children.into_iter().filter(|child| !child.is_dead));
        others = rest;
    }
    found
}

/// Everything alive that `root` has started, as [`descendants`], without a look at all other processes. Now
/// and then one is missed that begins or ends just now.
pub fn offspring(root: Pid) -> Vec<Identity> {
    let boot = boot();
    let mut found = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        let children = children(parent);
        parents.extend(&children);
        let living = children.into_iter().filter_map(look);
        found.extend(living.filter(|it| !it.is_dead).map(|it| Identity {
            pid: it.pid.as_raw_nonzero().get(),
            started: Some(it.started),
            boot: boot.clone(),
        }));
    }
    found
}

/// None where the kernel does not list them.
fn children(parent: Pid) -> Vec<Pid> {
    let threads = std::fs::read_dir(format!("/proc/{parent}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let listed = threads.filter_map(|it| std::fs::read_to_string(it.path().join("children")).ok());
    let listed: String = listed.collect();
    let pids = listed.split_ascii_whitespace();
    pids.filter_map(|pid| Pid::from_raw(pid.parse().ok()?))
        .collect()
}

/// Ends everything that [`left`] finds, until it finds nothing more; what cannot be killed is left after a
/// while.
pub fn kill_left(mark: &str, known: &[Identity]) {
    const ROUNDS: usize = 500;
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 0..ROUNDS {
        let found = left(mark, known);
        if found.is_empty() {
            return;
        }
        for process in found {
            process.signal(Signal::KILL);
        }
        thread::sleep(PAUSE);
    }
}

/// Everything alive in whose environment `NAME=value` stood when it began, or that is among `known`, and
/// what those have started.
fn left(mark: &str, known: &[Identity]) -> Vec<Process> {
    let boot = boot();
    let is_known = |process: &Process| {
        let is_it = |it: &Identity| {
            let pid = process.pid.as_raw_nonzero().get();
            (it.pid, it.started) == (pid, Some(process.started)) && it.boot == boot
        };
        known.iter().any(is_it)
    };
    let has_mark = |process: &Process| {
        let environment = std::fs::read(format!("/proc/{}/environ", process.pid));
        // One that has ended, or is another user's, has none that we may read.
        let environment = environment.unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == mark.as_bytes())
    };
    let mut found: Vec<_> = all()
        .into_iter()
        .filter(|process| !process.is_dead && (is_known(process) || has_mark(process)))
        .collect();
    let roots: Vec<_> = found.iter().map(|process| process.pid).collect();
    let is_new = |process: &Process| !roots.contains(&process.pid);
    found.extend(descendants(&roots).into_iter().filter(is_new));
    found
}

/// Where this program can be started again, also when its file was replaced or removed.
pub fn this_program() -> io::Result<PathBuf> {
    let path = std::env::current_exe()?;
    let running = PathBuf::from("/proc/self/exe");
    Ok(if path.exists() || !running.exists() {
        path
    } else {
        running
    })
}

/// Readable when the process has ended.
#[cfg(target_os = "linux")]
pub fn exit_of(pid: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
pub fn exit_of(_: Pid) -> Option<OwnedFd> {
    None
}

fn all() -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pid = |name: std::ffi::OsString| Pid::from_raw(name.to_str()?.parse().ok()?);
    entries
        .filter_map(|entry| look(pid(entry.file_name())?))
        .collect()
}

/// `None` if there is no such process, or no `/proc`.
fn look(pid: Pid) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name comes second, in brackets, and may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    // proc_pid_stat(5) counts from 1: the state is 3, the parent 4, the start 22.
    let started = fields.nth(22 - 5)?.parse().ok()?;
    Some(Process {
        pid,
        parent,
        started,
        is_dead: ["Z", "X"].contains(&state),
    })
}

fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}
