//! TOML that people write, with errors that name the file and the line.

use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// Parses `text`; `file` is how an error calls it, `hint` what the error says to do.
pub fn toml<T: DeserializeOwned>(file: &str, text: &str, hint: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let message = error.message().replace('\n', " ");
        Error::new(format!("read {file}, line {line}: {message}"), hint)
    })
}

/// The number of the line, from 1, that holds the byte at `offset`.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
