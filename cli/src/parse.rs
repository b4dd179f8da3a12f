//! TOML that people write, with errors that name the file and the line.

use serde::Deserialize;
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

/// Parses `text`, which says of itself that it is of this `schema`.
pub fn toml_of_schema<T: DeserializeOwned>(
    schema: u32,
    file: &str,
    text: &str,
    hint: &str,
) -> Result<T> {
    let Header { schema: found } = toml(file, text, hint)?;
    if found != schema {
        return Err(Error::new(
            format!("read {file}: its schema is {found}, this program knows {schema}"),
            "use the version of tac-bootstrap that wrote it, or a later one",
        ));
    }
    toml(file, text, hint)
}

/// The one line that every schema has.
#[derive(Deserialize)]
struct Header {
    schema: u32,
}

/// The number of the line, from 1, that holds the byte at `offset`.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
