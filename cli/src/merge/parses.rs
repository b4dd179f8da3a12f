//! Whether a file can be read by what will read it.

use serde::de::IgnoredAny;

use crate::tree::RelPath;

/// Whether a file of that name parses as TOML, Rust or JSON, or the parser's message on one line; `None` where none of
/// these parsers is meant.
pub fn parses(path: &RelPath, bytes: &[u8]) -> Option<Result<(), String>> {
    let parse = match path.extension()? {
        "toml" => toml,
        "rs" => rust,
        "json" => json,
        _ => return None,
    };
    let text = str::from_utf8(bytes).map_err(|error| error.to_string());
    let result = text.and_then(|text| parse(text.strip_prefix('\u{feff}').unwrap_or(text)));
    Some(result.map_err(|message| message.replace('\n', " ")))
}

fn toml(text: &str) -> Result<(), String> {
    match text.parse::<toml::Table>() {
        Ok(_) => Ok(()),
        Err(error) => Err(error.message().to_owned()),
    }
}

fn rust(text: &str) -> Result<(), String> {
    match syn::parse_file(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn json(text: &str) -> Result<(), String> {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
