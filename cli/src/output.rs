//! Standard output and standard error.

use std::io::{self, ErrorKind, Write};

use serde_json::{Value, json};

use crate::error::Context;
use crate::{Error, Result};

/// Who reads the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// Prints a result on standard output, with colours where they are wanted.
pub fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Who reads has read enough: `tac-bootstrap options | head -1`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.context(
            "write to standard output",
            "what it goes to takes no more: make room, or send it elsewhere",
        ),
    }
}

/// Prints a document on standard output, whole and indented.
pub fn print_json(document: &Value) -> Result<()> {
    print(&format!("{document:#}\n"))
}

/// Prints on standard error what is no result.
pub fn note(text: &str) {
    // There is no other place left to complain at.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Prints what went wrong: for a person on standard error, for a program as a document on standard output.
pub fn print_error(error: &Error, format: Format) {
    if format == Format::Json {
        let mut fields = json!({ "message": error.what(), "hint": error.next_step() });
        if !error.places().is_empty() {
            fields["places"] = json!(error.places());
        }
        // There is no other place left to complain at.
        let _ = print_json(&json!({ "error": fields }));
    } else {
        let _ = person(error, &mut anstream::stderr());
    }
}

fn person(error: &Error, out: &mut impl Write) -> io::Result<()> {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let bold = anstyle::Style::new().bold();
    writeln!(out, "{red}error{red:#}: {error}")?;
    for place in error.places() {
        writeln!(out, "  {place}")?;
    }
    writeln!(out, "{bold}hint{bold:#}: {}", error.next_step())
}
