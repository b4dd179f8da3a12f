//! The settings as the page lists them.

use serde_json::Value;

use crate::config::{Line, Loaded};
use crate::dashboard::show;

pub struct Setting {
    pub name: &'static str,
    pub value: String,
    pub source: String,
    pub help: &'static str,
}

/// Those that a source gives, and those that none does.
pub fn lines(loaded: &Loaded) -> [(&'static str, Vec<Setting>); 2] {
    let lines = loaded.lines().into_iter().zip(&loaded.sources);
    let (given, defaults): (Vec<_>, Vec<_>) = lines.partition(|(_, source)| !source.is_default());
    let settings = |lines: Vec<(Line, _)>| lines.into_iter().map(|(line, _)| setting(line));
    [
        ("Given", settings(given).collect()),
        ("Left at their defaults", settings(defaults).collect()),
    ]
}

fn setting(line: Line) -> Setting {
    let Line {
        key,
        env,
        value,
        source,
        help,
        ..
    } = line;
    Setting {
        name: key.or(env).unwrap_or_default(),
        value: show::setting(&value),
        source,
        help,
    }
}

/// Each entry of the tables whose names are the user's, a member a line.
pub fn tables(loaded: &Loaded) -> Vec<(String, String)> {
    let tables = loaded.tables().into_iter();
    let entries = tables.flat_map(|(table, entries)| match entries {
        Value::Object(entries) => entries
            .into_iter()
            .map(|(name, entry)| (format!("{table}.{name}"), show::setting(&entry)))
            .collect(),
        _ => Vec::new(),
    });
    entries.collect()
}
