//! What a project may be called.

use std::fmt;

use crate::error::quoted;
use crate::{Error, Result};

/// The name of a project and of its folder: 1 to 64 ASCII letters, digits, `-` and `_`, a letter first,
/// and no word that Rust, cargo or Windows keeps for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

const LONGEST: usize = 64;

const RUST_WORDS: [&str; 53] = [
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "macro_rules",
];

/// Names that cargo refuses for a package, or that stand for a crate of the toolchain.
const CARGO_WORDS: [&str; 5] = ["alloc", "core", "proc_macro", "std", "test"];

const WINDOWS_DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a heading: `my-agent_hub` becomes `My Agent Hub`.
    pub fn title(&self) -> String {
        let words = self.0.split(['-', '_']).filter(|word| !word.is_empty());
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        words.map(capital).collect::<Vec<_>>().join(" ")
    }
}

impl TryFrom<&str> for Name {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        let refuse = |why: String| {
            Err(Error::new(
                format!("{} is not a project name: {why}", quoted(name)),
                "use letters, digits, `-` and `_`, a letter first, such as `my-agents`",
            ))
        };
        if name.is_empty() {
            return refuse("it is empty".into());
        }
        if name == "." || name == ".." {
            return refuse("it means a folder that is there already".into());
        }
        if name.contains(['/', '\\']) {
            return refuse("it holds a path separator".into());
        }
        if let Some(odd) = name
            .chars()
            .find(|&c| !matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_'))
        {
            return refuse(format!("it holds {}", quoted(&odd.to_string())));
        }
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return refuse(format!("it begins with `{}`", &name[..1]));
        }
        if name.len() > LONGEST {
            return refuse(format!(
                "it has {} characters, {LONGEST} are the most",
                name.len()
            ));
        }
        match keeper(&name.to_lowercase()) {
            Some(keeper) => refuse(format!("{keeper} keeps this word for itself")),
            None => Ok(Self(name.to_owned())),
        }
    }
}

/// Who has reserved `word`, which is in lower case.
fn keeper(word: &str) -> Option<&'static str> {
    let numbered = |device| {
        let number = word.strip_prefix(device);
        number.is_some_and(|n| matches!(n.as_bytes(), [b'1'..=b'9']))
    };
    if RUST_WORDS.contains(&word) {
        Some("Rust")
    } else if CARGO_WORDS.contains(&word) {
        Some("cargo")
    } else if WINDOWS_DEVICES.contains(&word) || numbered("com") || numbered("lpt") {
        Some("Windows")
    } else {
        None
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
