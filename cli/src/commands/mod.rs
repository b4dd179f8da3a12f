//! What the program can be asked to do, a file a verb.

mod adopt;
mod completions;
mod diff;
mod doctor;
pub mod mirror;
mod new;
pub mod options;
mod resolve;
mod run;
mod status;
mod undo;
mod upgrade;
mod why;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::Result;
use crate::answers::again::Wishes;
use crate::args::{self, Command, Refusal};
use crate::output::{self, Format};
use crate::templates::TemplateSet;

/// Carries out a command line. Exit code 0: done; 1: an error, which has been printed; what others a command has, its
/// help tells.
pub fn main(args: &[OsString]) -> ExitCode {
    // Looked for here because it also rules how a refused command line is told.
    let wants_json = args.iter().any(|arg| arg == "--json");
    let format = if wants_json {
        Format::Json
    } else {
        Format::Text
    };
    let result = match args::parse(args) {
        Ok(cli) => carry_out(cli.command, format),
        Err(Refusal::Shown(text)) => output::print(&text).map(|()| ExitCode::SUCCESS),
        Err(Refusal::Usage(error)) => Err(error),
    };
    result.unwrap_or_else(|error| {
        output::print_error(&error, format);
        ExitCode::FAILURE
    })
}

fn carry_out(command: Command, format: Format) -> Result<ExitCode> {
    match command {
        Command::New(args) => new::new(&args, format),
        Command::Upgrade(args) => upgrade::upgrade(&args, format),
        Command::Add { options, bring } => {
            let wishes = Wishes {
                with: options,
                ..Wishes::default()
            };
            upgrade::change("add", &bring, &wishes, format)
        }
        Command::Remove { options, bring } => {
            let wishes = Wishes {
                without: options,
                ..Wishes::default()
            };
            upgrade::change("remove", &bring, &wishes, format)
        }
        Command::Set { answers, bring } => {
            let wishes = Wishes {
                set: answers,
                ..Wishes::default()
            };
            upgrade::change("set", &bring, &wishes, format)
        }
        Command::Status => status::status(format),
        Command::Adopt(args) => adopt::adopt(&args, format),
        Command::Diff(args) => diff::diff(&args, format),
        Command::Why(args) => why::why(&args, format),
        Command::Undo { list } => undo::undo(list, format),
        Command::Resolve { files } => resolve::resolve(&files, format),
        Command::Options { templates } => {
            let offers = options::run(&template_set(templates.as_deref())?)?;
            show(
                format,
                &options::text(&offers),
                || json!({ "options": offers }),
            )
        }
        Command::Doctor => doctor::doctor(format),
        Command::Completions { shell } => {
            let script = completions::script(shell);
            show(
                format,
                &script,
                || json!({ "shell": shell.to_string(), "script": script }),
            )
        }
        Command::Mirror(args) => {
            let changes = mirror::run(&args, Path::new("."))?;
            let text: String = changes.iter().map(|line| format!("{line}\n")).collect();
            show(format, &text, || json!({ "changes": changes }))
        }
    }
}

fn show(
    format: Format,
    text: &str,
    document: impl FnOnce() -> serde_json::Value,
) -> Result<ExitCode> {
    match format {
        Format::Text => output::print(text)?,
        Format::Json => output::print_json(&document())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The set in that folder, else the built-in one.
fn template_set(folder: Option<&Path>) -> Result<TemplateSet> {
    folder.map_or_else(TemplateSet::embedded, TemplateSet::from_dir)
}
