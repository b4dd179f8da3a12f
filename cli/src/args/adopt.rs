//! `adopt`.

use std::path::PathBuf;

use clap::Args;

use super::AnswerFlags;

/// Give a project its `.tac/` back, or give one to a project that was never ours
///
/// Compares the files with what each released version writes, and remembers the likest as what was generated: an
/// upgrade then tells your edits from them. Answers and options are read from the project where flags do not give them.
/// A file that is nothing like a generated one stays yours. Nothing is written outside `.tac/`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tac-bootstrap adopt --dry-run            what would be taken for what, and from which version
  tac-bootstrap adopt
  tac-bootstrap adopt services/hub --port 8100")]
pub struct Adopt {
    /// The folder of the project
    #[arg(value_name = "DIR", default_value = ".")]
    pub path: PathBuf,

    /// Show what would be remembered, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Compare with this template set alone
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,

    #[command(flatten)]
    pub answers: AnswerFlags,
}
