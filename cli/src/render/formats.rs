//! How an answer is written in the language of the file it goes into.
//!
//! Each format is a filter of the template language, and what the mirror looks for in the reference.

use std::fmt::Write;

use serde::Deserialize;
use toml::Value;

/// A kind of place for an answer. Without one an answer stands as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A value of TOML: strings in double quotes, lists and tables inline.
    Toml,
    /// A value of YAML: the same but for tables.
    Yaml,
    /// Text within a line of Markdown.
    Md,
    /// Text within one line, as for a comment.
    Line,
    /// A word of a POSIX shell; of a list, its words with spaces between.
    Shell,
    /// A value of a systemd unit.
    Unit,
}

impl Format {
    pub const ALL: [Self; 6] = [
        Self::Toml,
        Self::Yaml,
        Self::Md,
        Self::Line,
        Self::Shell,
        Self::Unit,
    ];

    /// The filter's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Toml => "toml",
            Self::Yaml => "yaml",
            Self::Md => "md",
            Self::Line => "line",
            Self::Shell => "shell",
            Self::Unit => "unit",
        }
    }

    /// `value` in this format; what cannot be said in it is an error.
    pub fn apply(self, value: &Value) -> Result<String, String> {
        match (self, value) {
            (Self::Yaml, Value::Table(_)) => {
                Err("a table cannot be written with `yaml`".to_owned())
            }
            (Self::Toml | Self::Yaml, value) => Ok(toml(value)),
            (Self::Shell, Value::Array(words)) => {
                let words: Result<Vec<_>, _> = words
                    .iter()
                    .map(|word| plain(word).map(|word| shell(&word)))
                    .collect();
                Ok(words?.join(" "))
            }
            (Self::Shell, value) => Ok(shell(&plain(value)?)),
            (Self::Md, value) => Ok(markdown(&one_line(&plain(value)?))),
            (Self::Line, value) => Ok(one_line(&plain(value)?)),
            (Self::Unit, value) => Ok(unit(&one_line(&plain(value)?))),
        }
    }
}

/// A string or an integer as it is; a list or a table has no plain form.
pub fn plain(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        other => Err(format!(
            "a value of type {} has no plain form",
            other.type_str()
        )),
    }
}

fn toml(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) if table.is_empty() => "{}".to_owned(),
        Value::Table(table) => {
            let entries: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{} = {}", quoted(key), toml(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A string in double quotes, on one line, as TOML and YAML both read it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            // Not printable in YAML, or taken for a line break by it.
            c if c.is_control()
                || matches!(
                    c,
                    '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
                ) =>
            {
                write!(out, "\\u{:04X}", u32::from(c)).expect("a string takes every write");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Line breaks and control characters become spaces, runs of them one.
fn one_line(text: &str) -> String {
    let is_break = |c: char| c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let words: Vec<&str> = text
        .split(is_break)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// A backslash before everything that Markdown could take for more than text.
fn markdown(text: &str) -> String {
    let means_more_here = |at: usize, c: char| match c {
        '+' | '-' | '=' | ':' => at == 0,
        // The first may open a heading, the last close one.
        '#' => at == 0 || text[at..].bytes().all(|b| b == b'#'),
        '.' | ')' => at > 0 && text[..at].bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let is_special = matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' | '!'
        );
        if is_special || means_more_here(at, c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn shell(word: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&b);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn unit(line: &str) -> String {
    let line = line.replace('%', "%%");
    // A backslash at the end would join the next line to this one.
    if line.ends_with('\\') {
        line + " "
    } else {
        line
    }
}
