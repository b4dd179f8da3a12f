//! What went wrong, on one line, and what to do about it, on the next.

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure as a person reads it: `what` names the act and the object, `hint` the next step.
#[derive(Debug)]
pub struct Error {
    what: String,
    details: Vec<String>,
    hint: Option<String>,
}

impl Error {
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The places that `what` counts, one a line.
    #[must_use]
    pub fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// Puts where it happened before what happened: `answers.toml, line 3: …`.
    #[must_use]
    pub fn within(mut self, place: impl fmt::Display) -> Self {
        self.what = format!("{place}: {}", self.what);
        self
    }

    pub fn places(&self) -> &[String] {
        &self.details
    }

    pub fn what(&self) -> &str {
        &self.what
    }

    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {}

/// Puts the act before the cause: `read set.toml: permission denied`.
pub trait Context<T> {
    fn context(self, act: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context(self, act: impl fmt::Display) -> Result<T> {
        self.map_err(|cause| Error::new(format!("{act}: {cause}")))
    }
}
