//! `new`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::AnswerFlags;

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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Vcs {
    Git,
    None,
}
