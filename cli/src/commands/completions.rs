use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;

/// The script that makes `shell` complete the program's commands and flags.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tac-bootstrap", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
