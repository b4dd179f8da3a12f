//! What went wrong, on one line, and what to do about it, on the next.

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure as a person reads it: `what` names the act and the object, `hint` the next step. Each is one line,
/// whatever the names in it hold.
#[derive(Debug)]
pub struct Error {
    what: String,
    details: Vec<String>,
    hint: String,
}

impl Error {
    pub fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: one_line(what),
            details: Vec::new(),
            hint: one_line(hint),
        }
    }

    /// Replaces the next step by one that only the caller knows.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = one_line(hint);
        self
    }

    /// The places that `what` counts, one a line.
    #[must_use]
    pub fn details(mut self, details: Vec<String>) -> Self {
        self.details = details.into_iter().map(one_line).collect();
        self
    }

    /// Puts where it happened before what happened: `answers.toml, line 3: …`.
    #[must_use]
    pub fn within(mut self, place: impl fmt::Display) -> Self {
        self.what = one_line(format!("{place}: {}", self.what));
        self
    }

    pub fn places(&self) -> &[String] {
        &self.details
    }

    pub fn what(&self) -> &str {
        &self.what
    }

    pub fn next_step(&self) -> &str {
        &self.hint
    }
}

/// A word that is none of the known ones; the hint lists those.
pub fn unknown<'a>(what: &str, word: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known = known.collect::<Vec<_>>().join(", ");
    let hint = if known.is_empty() {
        "there is none".to_owned()
    } else {
        format!("one of: {known}")
    };
    Error::new(format!("{} is no {what}", quoted(word)), hint)
}

/// The text in backquotes, cut where it grows too long to read.
pub fn quoted(text: &str) -> String {
    const ENOUGH: usize = 40;
    let mut shown: String = text.chars().take(ENOUGH).collect();
    if text.chars().count() > ENOUGH {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Control characters are escaped: a file may be called `a\nb`, and a terminal obeys some of them.
pub(crate) fn one_line(text: impl Into<String>) -> String {
    let text = text.into();
    if !text.contains(char::is_control) {
        return text;
    }
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {}

/// Puts the act before the cause, and the next step behind: `read set.toml: permission denied`.
pub trait Context<T> {
    fn context(self, act: impl fmt::Display, hint: impl Into<String>) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context(self, act: impl fmt::Display, hint: impl Into<String>) -> Result<T> {
        self.map_err(|cause| Error::new(format!("{act}: {cause}"), hint))
    }
}
