//! Whether a file can be read by what will read it.

use serde::de::IgnoredAny;

use super::rust;
use crate::tree::RelPath;

/// Whether a file of that name parses as TOML, Rust or JSON, or the parser's message on one line; `None` where none of
/// these parsers is meant.
pub fn parses(path: &RelPath, bytes: &[u8]) -> Option<Result<(), String>> {
    let parse = match path.extension()? {
        "toml" => toml,
        "rs" => rust::parse,
        "json" => json,
        _ => return None,
    };
    let text = str::from_utf8(bytes).map_err(|error| error.to_string());
    let result = text.and_then(|text| parse(text.strip_prefix('\u{feff}').unwrap_or(text)));
    Some(result.map_err(|message| message.replace('\n', " ")))
}

fn toml(text: &str) -> Result<(), String> {
    let table = text.parse::<toml::Table>();
    table.map(drop).map_err(|error| error.message().to_owned())
}

fn json(text: &str) -> Result<(), String> {
    let value = serde_json::from_str::<IgnoredAny>(text);
    value.map(drop).map_err(|error| error.to_string())
}
