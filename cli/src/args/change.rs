//! What changes a project: `upgrade`, and what it has in common with `add`, `remove` and `set`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
