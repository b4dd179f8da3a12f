//! Memory of the service, when nothing has been asked of it and after the loads, and of a command.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::ensure;
use nix::sys::resource::{UsageWho, getrusage};

use crate::process::{Memory, Service};
use crate::report::{Row, Target};

/// After a start or a load, what is freed late has been freed.
const SETTLED: Duration = Duration::from_secs(2);

pub async fn settled(service: &Service) -> anyhow::Result<Memory> {
    tokio::time::sleep(SETTLED).await;
    service.memory()
}

pub fn rows(idle: Memory, loaded: Memory) -> [Row; 2] {
    let row = |what, memory: Memory, most| {
        let row = Row::alone(what, "MB", megabytes(memory.rss), Target::AtMost(most));
        let pss = megabytes(memory.pss);
        row.note(format!(
            "resident set; {pss:.1} MB with shared pages divided among their sharers"
        ))
    };
    [
        row("memory, idle", idle, 15.0),
        row("memory, after the loads", loaded, 40.0),
    ]
}

/// Prints the peak of the program, which must be the only child that this process has had.
pub fn peak(program: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "{}: {status}", program.display());
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() * 1024);
    Ok(())
}

pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
