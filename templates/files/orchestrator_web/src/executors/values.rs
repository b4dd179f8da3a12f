use crate::adapters::{Kind, is_never_passed};
use crate::approvals::Verdict;
use crate::config::Text;

impl Text for Kind {
    const EXPECTED: &'static str = "claude, codex, gemini, command or demo";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Text for Verdict {
    const EXPECTED: &'static str = "allow or deny";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

/// The name of a variable that an agent may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableName(String);

impl VariableName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text for VariableName {
    const EXPECTED: &'static str =
        "the name of a variable that agents may see: those of the service itself stay with it";

    fn parse(text: &str) -> Option<Self> {
        let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (is_name && !is_never_passed(text)).then(|| Self(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}
