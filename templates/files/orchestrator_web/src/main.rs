//! The program: reads the command line and the settings, and does what is asked.

mod args;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use args::{Action, Arguments};
use clap::Parser;
use orchestrator::config::{self, Loaded};
use orchestrator::fault::Fault;
use orchestrator::{db, healthcheck, login, serve, trace};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            if let Some(fault) = error.downcast_ref::<Fault>() {
                eprintln!("hint: {}", fault.hint);
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let loaded = config::load(arguments.flags.0)?;
    let settings = &loaded.settings;
    match arguments.action.unwrap_or(Action::Serve) {
        Action::Serve => serve(loaded),
        Action::Config { json: false } => print(&loaded.to_text()),
        Action::Config { json: true } => print(&format!("{:#}\n", loaded.to_json())),
        Action::Backup { file } => {
            db::backup(&settings.database_path, &file)?;
            print(&format!("backed up to {}, and verified\n", file.display()))
        }
        Action::Restore { file } => {
            let database = &settings.database_path;
            let kept = db::restore(database, &file)?;
            print(&format!("restored {}\n", database.display()))?;
            kept.map_or(Ok(()), |kept| {
                print(&format!("what was there is kept as {}\n", kept.display()))
            })
        }
        Action::Login => print(&login::ask(settings)?),
        Action::Health => {
            healthcheck::check(settings)?;
            print("healthy\n")
        }
    }
}

fn serve(loaded: Loaded) -> anyhow::Result<()> {
    loaded.check_exposure()?;
    trace::start(&loaded.settings);
    tokio::runtime::Runtime::new()
        .context("start the runtime")?
        .block_on(serve::run(loaded.settings))
}

fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("cannot write to standard output")
}
