//! The names under which a set stores its files.
//!
//! A live `.gitignore` would hide its neighbours from git, a nested `Cargo.toml` would drop its folder from
//! `cargo package`: dots are spelt out, and a file that is rendered carries the suffix `.tera`.

use crate::Result;
use crate::error::Context;
use crate::tree::RelPath;

/// The path that a stored file is rendered to, and whether it is a template.
pub fn decode(stored: &RelPath) -> Result<(RelPath, bool)> {
    let (name, is_template) = match stored.as_str().strip_suffix(".tera") {
        Some(name) => (name, true),
        None => (stored.as_str(), false),
    };
    let parts: Vec<String> = name.split('/').map(decode_part).collect();
    let path = RelPath::try_from(parts.join("/")).context(
        format_args!("read files/{stored} of the template set"),
        "rename it",
    )?;
    Ok((path, is_template))
}

/// The name to store `path` under, without the suffix of a template.
pub fn encode(path: &RelPath) -> String {
    let parts: Vec<String> = path.parts().map(encode_part).collect();
    parts.join("/")
}

fn decode_part(part: &str) -> String {
    match part.strip_prefix("dot_") {
        Some(rest) if rest.starts_with('_') => format!("dot{rest}"),
        Some(rest) => format!(".{rest}"),
        None => part.to_owned(),
    }
}

fn encode_part(part: &str) -> String {
    // `._x` stays as it is: `dot__x` already means `dot_x`.
    match (part.strip_prefix("dot_"), part.strip_prefix('.')) {
        (Some(rest), _) => format!("dot__{rest}"),
        (None, Some(rest)) if !rest.starts_with('_') => format!("dot_{rest}"),
        _ => part.to_owned(),
    }
}
