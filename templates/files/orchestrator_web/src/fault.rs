//! What stops the program, told to the person who started it.

use std::path::Path;

/// One line that says what is wrong and where, and one that says what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    pub message: String,
    pub hint: String,
}

impl Fault {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}

/// Reads a text file that a person wrote.
pub fn read_text(path: &Path) -> Result<String, Fault> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => {
                "check the path; relative paths start at the working directory"
            }
            std::io::ErrorKind::IsADirectory => {
                "name the file in it, or move the directory out of the way"
            }
            _ => "make it readable for the user that runs the service",
        };
        Fault::new(format!("cannot read {shown}: {}", reason(&error)), hint)
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..place]
            .split(|byte| *byte == b'\n')
            .count();
        Fault::new(
            format!("cannot read {shown}: line {line} is not valid UTF-8"),
            "save the file as UTF-8",
        )
    })
}

/// The system's words without Rust's "(os error 2)", in lower case.
pub fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}
