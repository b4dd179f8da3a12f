//! The program: reads the command line and the settings, and does what is asked.

mod args;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use args::{Action, Arguments};
use clap::Parser;
use orchestrator::config::{self, Loaded};
use orchestrator::fault::Fault;
use orchestrator::supervisor::OnStop;
use orchestrator::{db, demo, healthcheck, login, serve, shim, trace};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        // `… | head` has read enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            if let Some(fault) = error.downcast_ref::<Fault>() {
                eprintln!("hint: {}", fault.hint);
            }
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error
        .chain()
        .filter_map(|it| it.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let load = || config::load(arguments.flags.0);
    match arguments.action.unwrap_or(Action::SERVE) {
        Action::Serve { stop_agents: false } => serve(load()?, OnStop::LeaveAgents),
        Action::Serve { stop_agents: true } => serve(load()?, OnStop::StopAgents),
        Action::Config { json: false } => print(&load()?.to_text()),
        Action::Config { json: true } => print(&format!("{:#}\n", load()?.to_json())),
        Action::Backup { file } => {
            db::backup(&load()?.settings.database_path, &file)?;
            print(&format!("backed up to {}, and verified\n", file.display()))
        }
        Action::Restore { file } => {
            let settings = load()?.settings;
            let database = &settings.database_path;
            let kept = db::restore(database, &file)?;
            print(&format!("restored {}\n", database.display()))?;
            kept.map_or(Ok(()), |kept| {
                print(&format!("what was there is kept as {}\n", kept.display()))
            })
        }
        Action::Ask(command) => return command.run(&load()?.settings),
        Action::Login => print(&login::ask(&load()?.settings)?),
        Action::Health => {
            healthcheck::check(&load()?.settings)?;
            print("healthy\n")
        }
        Action::Completions { shell } => print(&args::completions(shell)),
        // These two work beside the service, and its settings are not theirs.
        Action::Shim { folder } => shim::run(&folder),
        Action::DemoAgent { others } => demo::run(&others),
    }?;
    Ok(ExitCode::SUCCESS)
}

fn serve(loaded: Loaded, on_stop: OnStop) -> anyhow::Result<()> {
    loaded.check_exposure()?;
    trace::start(&loaded.settings);
    tokio::runtime::Runtime::new()
        .context("start the runtime")?
        .block_on(serve::run(loaded, on_stop))
}

fn print(text: &str) -> anyhow::Result<()> {
    io::stdout()
        .write_all(text.as_bytes())
        .context("cannot write to standard output")
}
