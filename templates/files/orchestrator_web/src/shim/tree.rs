//! All that an agent has started.

use rustix::process::{Pid, Signal};

/// From now on who loses their parent becomes our child: also those that began a session of their own.
#[cfg(target_os = "linux")]
pub fn adopt_orphans() -> anyhow::Result<()> {
    use anyhow::Context as _;
    let this = Some(rustix::process::getpid());
    rustix::process::set_child_subreaper(this).context("adopt orphans")
}

/// Whoever of them lives is our child, or comes of one.
#[cfg(target_os = "linux")]
pub fn is_empty(_: Pid) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::All, look).is_err_and(|error| error == rustix::io::Errno::CHILD)
}

#[cfg(target_os = "linux")]
pub fn signal(_: Pid, signal: Signal) {
    for process in super::process::descendants(&[rustix::process::getpid()]) {
        process.signal(signal);
    }
}

/// Elsewhere nobody adopts: the tree is the agent's process group.
#[cfg(not(target_os = "linux"))]
pub fn adopt_orphans() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub fn is_empty(agent: Pid) -> bool {
    rustix::process::test_kill_process_group(agent).is_err()
}

#[cfg(not(target_os = "linux"))]
pub fn signal(agent: Pid, signal: Signal) {
    // A group that has just ended needs no signal.
    let _ = rustix::process::kill_process_group(agent, signal);
}
