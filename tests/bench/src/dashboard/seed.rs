//! The database: the service makes its tables, and SQL fills them.

use std::path::Path;

use rusqlite::Connection;

use crate::process::Service;

/// There are bounds, so that pages tell of them; none is reached.
const SETTINGS: &str = "\
[server]
database_path = \"service.db\"
[retention]
logs_days = 365
logs_max = 10000000
events_days = 365
events_max = 1000000
runs_days = 365
runs_max = 1000000
prompts_days = 365
prompts_max = 1000000
";

/// Things that the database holds, each by its number.
pub fn agent(number: u32) -> String {
    format!("0197f3c2-0000-7000-8001-{number:012x}")
}

pub fn run(number: u32) -> String {
    format!("0197f3c2-0000-7000-8002-{number:012x}")
}

pub fn workflow(number: u32) -> String {
    format!("0197f3c2-0000-7000-8004-{number:012x}")
}

pub fn seeded(program: &Path) -> anyhow::Result<Service> {
    eprintln!("dashboard: making 100,000 runs with 5,000,000 lines");
    let (folder, file) = Service::start_with(program, SETTINGS)?.stop();
    Connection::open(file)?.execute_batch(include_str!("seed.sql"))?;
    Service::start_in(program, folder)
}
