//! `new`, and the answers that it takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::answers::stacks::{Framework, Language, PackageManager};

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
