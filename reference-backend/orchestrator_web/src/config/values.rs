//! The types of single settings: each is parsed once, here, and trusted from then on.

use std::fmt;

use tracing::Level;

use super::field::Text;
use crate::db::Synchronous;

/// The shared secret that callers present. Neither `Debug` nor any message shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The token itself: to compare with, or to present.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

impl Text for Token {
    const EXPECTED: &'static str = "a token: 32 or more visible ASCII characters";
    const SECRET: bool = true;

    fn parse(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (text.len() >= 32 && visible).then(|| Self(text.to_owned()))
    }

    fn show(&self) -> String {
        format!("{self:?}")
    }
}

/// The name of a model. It reaches command lines, so it can neither look like a flag nor hold a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName(String);

impl fmt::Display for ModelName {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Text for ModelName {
    const EXPECTED: &'static str =
        "a model name: letters, digits and . _ : / @ [ ] -, starting with a letter or digit";

    fn parse(text: &str) -> Option<Self> {
        crate::text::model(text)
            .ok()
            .map(|name| Self(name.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Text for Synchronous {
    const EXPECTED: &'static str = "normal or full";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "normal" => Some(Self::Normal),
            "full" => Some(Self::Full),
            _ => None,
        }
    }

    fn show(&self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Text for LogFormat {
    const EXPECTED: &'static str = "text or json";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn show(&self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

impl Text for Level {
    const EXPECTED: &'static str = "error, warn, info, debug or trace";

    fn parse(text: &str) -> Option<Self> {
        let is_word = text.starts_with(|c: char| c.is_ascii_lowercase());
        is_word.then(|| text.parse().ok()).flatten()
    }

    fn show(&self) -> String {
        self.as_str().to_lowercase()
    }
}

/// The name of the project and of this instance of the service: it can stand in a cookie's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceName(String);

impl InstanceName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for InstanceName {
    fn default() -> Self {
        Self("orchestrator".to_owned())
    }
}

impl Text for InstanceName {
    const EXPECTED: &'static str =
        "a name: letters, digits and . _ -, starting with a letter or digit";

    fn parse(text: &str) -> Option<Self> {
        let valid = text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        valid.then(|| Self(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Text for String {
    const EXPECTED: &'static str = "text";

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}
