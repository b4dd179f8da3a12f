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
  tac-bootstrap upgrade --dry-run          what a newer version would change, and whether it conflicts
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
        #[arg(value_name = "KEY=VALUE", required = true)]
        answers: Vec<String>,
        #[command(flatten)]
        bring: Bring,
    },
    /// Tell what has become of each generated file
    ///
    /// Pristine, edited, missing, conflicted; stale, once and kept files are yours; foreign ones are yours in folders
    /// that hold generated ones. Exit code 2 while conflicts are left.
    Status,
    /// Take back the last upgrade, add, remove or set
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
    /// is removed.
    Resolve {
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

/// Bring a project up to date with this version of tac-bootstrap
///
/// Merges what the templates have learned into your files, and loses nothing that you wrote: what both sides changed
/// in the same place is a conflict, which you decide. It writes everything or nothing, and `undo` takes it back.
///
/// Exit code 0: done, or nothing to do; 1: an error, and nothing was written; 2: conflicts are left;
/// 3: with --check, an update is available.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tac-bootstrap upgrade --dry-run
  tac-bootstrap upgrade
  tac-bootstrap upgrade --conflict sidecar --verify test
  tac-bootstrap upgrade --check")]
pub struct Upgrade {
    #[command(flatten)]
    pub bring: Bring,

    /// Exit with code 3 if there is anything to upgrade, and write nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,

    /// Take back an upgrade that was interrupted, or whose conflicts are not decided
    #[arg(long, conflicts_with_all = ["dry_run", "check", "conflict", "allow_dirty", "verify", "templates", "with", "without", "set"])]
    pub abort: bool,

    /// Options to turn on besides, separated by commas
    #[arg(long, value_name = "OPTIONS", value_delimiter = ',')]
    pub with: Vec<String>,

    /// Options to turn off, separated by commas
    #[arg(long, value_name = "OPTIONS", value_delimiter = ',')]
    pub without: Vec<String>,

    /// An answer to change; may be given again
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// How a project is brought to what is wanted.
#[derive(Debug, Args)]
pub struct Bring {
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// What becomes of places that both sides changed
    #[arg(long, value_name = "STYLE", default_value = "inline")]
    pub conflict: Conflicts,

    /// Go on although files that are to change hold edits that are not committed
    #[arg(long)]
    pub allow_dirty: bool,

    /// What must hold of the result before anything is written; `build` and `test` run the project's own code
    #[arg(long, value_name = "LEVEL", default_value = "parse")]
    pub verify: Verify,

    /// Render this template set in place of the built-in one
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Conflicts {
    /// Markers in the file, with all three versions
    Inline,
    /// Your file stays, the template's version is written beside it as NAME.theirs
    Sidecar,
    /// Yours wins where the two disagree
    Ours,
    /// The template's wins where the two disagree
    Theirs,
    /// Write nothing if there is any
    Fail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Verify {
    /// Nothing
    None,
    /// Each merged file still parses
    Parse,
    /// `cargo check` passes on a copy
    Build,
    /// `cargo test` passes on a copy
    Test,
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
