//! What the tool and its service cost, each beside the least that anything could cost: measured in
//! one run on one machine, so that the ratio says something wherever it is run.

mod agents;
mod build;
mod create;
mod dashboard;
mod floor;
mod http;
mod list;
mod live;
mod logs;
mod memory;
mod new;
mod process;
mod report;
mod rounds;
mod runs;
mod upgrade;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand, ValueEnum};
use process::Service;
use report::Row;

const LONGEST_MEASUREMENT: Duration = Duration::from_mins(3);

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Measure and print the table
    Run {
        /// The rows to measure; all, if none is named
        #[arg(value_enum)]
        rows: Vec<Measurement>,
        /// Print a JSON document
        #[arg(long)]
        json: bool,
        /// The release binary of the command line tool
        #[arg(long, value_name = "FILE")]
        cli: PathBuf,
        /// The release binary of the service
        #[arg(long, value_name = "FILE")]
        service: PathBuf,
    },
    /// Serve the bytes of FILE from memory: the floor of a GET
    Floor { file: PathBuf },
    /// Print so many lines a second, each with the time: an agent under measurement
    Speak { rate: u64, seconds: u64 },
    /// Run a program and print how many bytes it had in memory at once
    Peak {
        program: PathBuf,
        #[arg(allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measurement {
    /// `new` against `cp -r` of the tree that it makes
    New,
    /// `upgrade`, its dry run and `status` against `cp -r` of the project
    Upgrade,
    /// A list of 100 among 10,000 agents against the same bytes from memory
    List,
    /// Agents created by 16 clients against single-row transactions in process
    Create,
    /// Batches of 100 log lines against the same rows in process
    Logs,
    /// From the commit to the frame at each of 200 clients
    Live,
    /// Runs of agents: their start, their output, 50 at once, and what is left of 50
    Runs,
    /// Pages on a large database: their size, their time, their first paint, and 200 open tabs
    Dashboard,
    /// Memory when idle, and after the rows of loads
    Memory,
    /// Size of the release binary
    Size,
    /// Cold build of a generated project, and the build after a change
    Build,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().action {
        Action::Floor { file } => floor::serve(&file),
        Action::Speak { rate, seconds } => {
            runs::speak_up(rate, seconds);
            Ok(())
        }
        Action::Peak { program, arguments } => memory::peak(&program, &arguments),
        Action::Run {
            rows,
            json,
            cli,
            service,
        } => {
            let wanted = |row| rows.is_empty() || rows.contains(&row);
            // One thread: the client leaves the other core to what it measures.
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let table = runtime.block_on(measure(&cli, &service, wanted))?;
            report::print(&table, json)
        }
    }
}

async fn measure(
    cli: &Path,
    service: &Path,
    wanted: impl Fn(Measurement) -> bool,
) -> anyhow::Result<Vec<Row>> {
    use Measurement::{
        Build, Create, Dashboard, List, Live, Logs, Memory, New, Runs, Size, Upgrade,
    };
    let mut table = Vec::new();
    if wanted(New) {
        table.extend(new::measure(cli)?);
    }
    if wanted(Upgrade) {
        table.extend(upgrade::measure(cli)?);
    }
    if [List, Create, Logs, Live, Memory].into_iter().any(&wanted) {
        // One service for all loads, so that its memory tells of all of them.
        let running = Service::start(service)?;
        let idle = memory::settled(&running).await?;
        if wanted(List) {
            table.extend(within_bounds(list::measure(&running)).await?);
        }
        if wanted(Create) {
            table.push(within_bounds(create::measure(&running)).await?);
        }
        if wanted(Logs) {
            table.push(within_bounds(logs::measure(&running)).await?);
        }
        if wanted(Live) {
            table.push(within_bounds(live::measure(&running)).await?);
        }
        if wanted(Memory) {
            table.extend(memory::rows(idle, memory::settled(&running).await?));
        }
    }
    if wanted(Runs) {
        table.extend(within_bounds(runs::measure(service)).await?);
    }
    if wanted(Dashboard) {
        let seeded = dashboard::seeded(service)?;
        table.extend(dashboard::measure(&seeded).await?);
    }
    if wanted(Size) {
        table.push(build::size(service)?);
    }
    if wanted(Build) {
        table.extend(build::measure(cli)?);
    }
    Ok(table)
}

/// A service that does not answer fails the run instead of holding it up.
async fn within_bounds<T>(
    measurement: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let result = tokio::time::timeout(LONGEST_MEASUREMENT, measurement).await;
    result.context("the service did not answer any more")?
}
