//! Memory of the service, when nothing has been asked of it and after the loads.

use std::time::Duration;

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

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
