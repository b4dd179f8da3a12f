//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::Error;
use crate::answers::stacks::{Framework, Language, PackageManager};
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
  tac-bootstrap doctor                     is everything there that it needs?";

#[derive(Debug, Subcommand)]
pub enum Command {
    New(Box<New>),
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
    /// project, it also counts the generated files that are unedited, edited and missing. Each finding names its
    /// remedy. Exit code 1 if something is in the way.
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

/// Write a new project, or add the service to an existing one
///
/// On a terminal it asks for what is not given and shows a summary before it writes; elsewhere it takes the
/// defaults. It writes everything or nothing. In an existing folder your files at the top (README.md, .gitignore, …)
/// stay as they are; if anything lies under `orchestrator_web/` or `.tac/`, all of it is listed and nothing is written.
#[derive(Debug, Args)]
#[command(
    visible_alias = "init",
    after_help = "\
Examples:
  tac-bootstrap new my-agents
  tac-bootstrap new my-agents --framework fastapi --with systemd
  tac-bootstrap new . --answers answers.toml --dry-run
  tac-bootstrap new services/hub --port 8100 --vcs none --yes"
)]
pub struct New {
    /// The folder to write; its last part is the name of the project
    #[arg(value_name = "NAME|PATH")]
    pub path: PathBuf,

    /// Take the default for everything that is not given; never ask
    #[arg(long, short)]
    pub yes: bool,

    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Then build the service, start it, and stay until Ctrl-C
    #[arg(long, conflicts_with_all = ["dry_run", "json"])]
    pub run: bool,

    /// `git` makes a repository and commits nothing; the default is `git` unless the folder is in one
    #[arg(long)]
    pub vcs: Option<Vcs>,

    /// Render this template set in place of the built-in one
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,

    #[command(flatten)]
    pub answers: AnswerFlags,

    /// Options to add to the default ones, separated by commas
    #[arg(
        long,
        value_name = "OPTIONS",
        value_delimiter = ',',
        help_heading = "Options of the project"
    )]
    pub with: Vec<String>,

    /// Options to leave out, separated by commas
    #[arg(
        long,
        value_name = "OPTIONS",
        value_delimiter = ',',
        help_heading = "Options of the project"
    )]
    pub without: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Vcs {
    Git,
    None,
}

/// What the project is to be told; what is left out follows from the rest.
#[derive(Debug, Args)]
#[command(next_help_heading = "Answers")]
pub struct AnswerFlags {
    /// A TOML file with answers; a flag wins over it
    #[arg(long = "answers", value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Name of the project, where the folder's does not do
    #[arg(long)]
    pub name: Option<String>,

    /// Title in documents and pages [default: the name in words]
    #[arg(long)]
    pub title: Option<String>,

    /// One or two sentences on what it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,

    /// Port of the service [default: 8000]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,

    /// Port of a web interface in development, allowed to call the service [default: 5173]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub ui_port: Option<u16>,

    /// Origins that browsers may call the service from, separated by commas [default: localhost at the UI port]
    #[arg(long, value_name = "ORIGINS", value_delimiter = ',')]
    pub cors_origins: Option<Vec<String>>,

    /// Language of the project whose agents it runs [default: from the framework, else none]
    #[arg(long)]
    pub language: Option<Language>,

    /// Its framework [default: none]
    #[arg(long)]
    pub framework: Option<Framework>,

    /// Its package manager [default: the usual one of the language]
    #[arg(long)]
    pub package_manager: Option<PackageManager>,
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
