//! The command line.

mod adopt;
mod answers;
mod change;
mod look;
mod new;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

pub use adopt::Adopt;
pub use answers::AnswerFlags;
pub use change::{Bring, Conflicts, Upgrade, Verify};
pub use look::{Diff, Why};
pub use new::{New, Vcs};

use crate::Error;
use crate::commands::mirror;

/// Writes an agent-orchestrator service into your project, and keeps it up to date.
#[derive(Debug, Parser)]
#[command(name = "tac-bootstrap", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,

    /// Print the result, or the error, as one JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  tac-bootstrap new my-agents              a new project, after a few questions
  tac-bootstrap new my-agents --yes --run  no questions; build it, start it, stay until Ctrl-C
  tac-bootstrap new .                      into the repository that you are in
  tac-bootstrap upgrade --dry-run          what a newer version would change
  tac-bootstrap doctor                     is everything there that it needs?";

#[derive(Debug, Subcommand)]
pub enum Command {
    New(Box<New>),
    Upgrade(Upgrade),
    /// Turn options of the project on
    #[command(after_help = "\
Examples:
  tac-bootstrap add systemd
  tac-bootstrap add docs ci --dry-run")]
    Add {
        /// Their names, as `tac-bootstrap options` lists them
        #[arg(value_name = "OPTION", required = true)]
        options: Vec<String>,
        #[command(flatten)]
        bring: Bring,
    },
    /// Turn options of the project off
    ///
    /// What they brought and you have not edited goes; what you have edited stays, and is named.
    #[command(after_help = "\
Examples:
  tac-bootstrap remove docs")]
    Remove {
        /// Their names, as `tac-bootstrap options` lists them
        #[arg(value_name = "OPTION", required = true)]
        options: Vec<String>,
        #[command(flatten)]
        bring: Bring,
    },
    /// Change answers of the project, its name included
    ///
    /// What follows from an answer follows it again: the title from the name, the origins from the UI port.
    #[command(after_help = "\
Examples:
  tac-bootstrap set port=9000
  tac-bootstrap set title='My agents' commands.test='[\"just\", \"test\"]'")]
    Set {
        /// An answer and its new value; lists and tables as in TOML, `commands.test=…` for one key of a table
        #[arg(value_name = "KEY=VALUE", required = true)]
        answers: Vec<String>,
        #[command(flatten)]
        bring: Bring,
    },
    /// Tell what has become of each generated file
    ///
    /// Pristine, edited, missing, conflicted; stale, once and kept files are yours; foreign ones are yours in folders
    /// that hold generated ones, less what git ignores. Exit code 2 while conflicts are left.
    Status,
    Adopt(Box<Adopt>),
    Diff(Diff),
    Why(Why),
    /// Take back the last upgrade, add, remove, set or resolve
    ///
    /// Contents and modes become what they were. A file that was edited since is kept under another name.
    Undo {
        /// List what can be taken back, the latest first
        #[arg(long)]
        list: bool,
    },
    /// Declare conflicts as decided
    ///
    /// Without a file, all of them. A file that still holds markers is refused; the template's version beside a file
    /// is removed unless you have edited it.
    Resolve {
        /// A file that has a conflict
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// List what a project can be made with and without
    ///
    /// Each option with what it adds to a project of the default ones: files, lines of code, dependencies.
    #[command(after_help = "\
Examples:
  tac-bootstrap options
  tac-bootstrap options --json")]
    Options {
        /// List those of this template set in place of the built-in one
        #[arg(long, value_name = "DIR")]
        templates: Option<PathBuf>,
    },
    /// Check what the generated service needs, and the state of the project you are in
    ///
    /// Looks for cargo, rustc, a C compiler (SQLite is compiled), git, room on the disk and a free port. Inside a
    /// project, it also counts the generated files that are unedited, edited and missing, and tells what is damaged in
    /// `.tac/`, what was interrupted, which conflicts are left and who writes to it. Each finding names its remedy.
    /// Exit code 1 if something is in the way.
    Doctor,
    /// Print the completion script of a shell
    #[command(after_help = "\
Examples:
  tac-bootstrap completions bash > ~/.local/share/bash-completion/completions/tac-bootstrap
  tac-bootstrap completions fish > ~/.config/fish/completions/tac-bootstrap.fish")]
    Completions {
        shell: clap_complete::Shell,
    },
    /// Write templates/ from reference-backend/, in the repository of tac-bootstrap
    #[command(hide = true)]
    Mirror(mirror::Args),
}

/// Parses the command line. A request for help or the version comes back as the text to print.
pub fn parse(args: &[OsString]) -> Result<Cli, Refusal> {
    Cli::try_parse_from(args).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Refusal::Shown(error.render().ansi().to_string())
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Refusal::Usage(Error::new(
            "no command is given",
            "`tac-bootstrap --help` lists the commands",
        )),
        _ => Refusal::Usage(usage(&error)),
    })
}

/// Why there is no command to carry out.
pub enum Refusal {
    Shown(String),
    Usage(Error),
}

/// Clap's message in our form: its first paragraph in one line, its tip or its list of values as the hint.
fn usage(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let paragraph = text
        .lines()
        .take_while(|line| !line.is_empty())
        .map(str::trim);
    let message = paragraph.collect::<Vec<_>>().join(" ");
    let message = message.trim_start_matches("error: ");
    let tip = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("tip: "));
    if let Some((message, values)) = message.split_once(" [possible values: ") {
        return Error::new(message, format!("one of: {}", values.trim_end_matches(']')));
    }
    let explained = match error.kind() {
        ErrorKind::InvalidSubcommand => "`tac-bootstrap --help` lists the commands",
        _ => "`--help` after the command explains it",
    };
    Error::new(message, tip.unwrap_or(explained))
}
