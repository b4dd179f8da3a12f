//! What only looks at a project: `diff` and `why`.

use std::path::PathBuf;

use clap::Args;

/// Show what you have made of the generated files
///
/// As a unified diff, from what was generated to what is there; what lines cannot show is told in words: a missing
/// file, a mode, a link, what is no text.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tac-bootstrap diff
  tac-bootstrap diff orchestrator.toml orchestrator_web/src
  tac-bootstrap diff --template            what an upgrade would bring, whatever you have edited")]
pub struct Diff {
    /// Files, or folders of them; all, where none is named
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Show what the templates of this version would change of what was generated
    #[arg(long)]
    pub template: bool,

    /// With --template: those of this template set in place of the built-in one
    #[arg(long, value_name = "DIR", requires = "template")]
    pub templates: Option<PathBuf>,
}

/// Tell whether a file or a line is yours or generated, and where it comes from
///
/// Of what is generated: the file of the template set, the version that first generated it, the options without which
/// it would not be there, and the answers that it follows. Of what is yours: what it stands in place of.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tac-bootstrap why orchestrator_web/src/app.rs
  tac-bootstrap why orchestrator.toml:7")]
pub struct Why {
    /// A file, and the number of a line in it
    #[arg(value_name = "FILE[:LINE]")]
    pub place: String,

    /// The template set that the project was made from, where this program does not carry it
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
}
