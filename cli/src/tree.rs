//! A project as a value: every file by its path, with its bytes and its mode.
//!
//! `render`, `mirror`, `plan` and `merge` are pure over [`Tree`], so that every hard test needs no disk.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;

/// Every file of a project, sorted by path. Folders exist only through the files in them.
pub type Tree = BTreeMap<RelPath, File>;

/// A file or a symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum File {
    Regular { bytes: Vec<u8>, executable: bool },
    Link { target: String },
}

impl File {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Regular {
            bytes: text.into().into_bytes(),
            executable: false,
        }
    }

    pub fn mode(&self) -> Mode {
        match self {
            Self::Link { .. } => Mode::Link,
            Self::Regular {
                executable: true, ..
            } => Mode::Executable,
            Self::Regular {
                executable: false, ..
            } => Mode::Plain,
        }
    }

    /// The contents; a link's are its target.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Regular { bytes, .. } => bytes,
            Self::Link { target } => target.as_bytes(),
        }
    }
}

/// How a file is marked: what git keeps of its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Mode {
    #[serde(rename = "644")]
    Plain,
    #[serde(rename = "755")]
    Executable,
    #[serde(rename = "link")]
    Link,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "644",
            Self::Executable => "755",
            Self::Link => "link",
        }
    }
}

/// A path inside a project: relative, `/` between its parts, never leaving the project.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a path inside a project: it must be relative, with `/` between its parts and no `.`, `..` or empty part"
)]
pub struct InvalidPath(String);

impl RelPath {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts, outermost first.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last part.
    pub fn name(&self) -> &str {
        self.parts()
            .next_back()
            .expect("a path has at least one part")
    }

    /// The path with something added to its last part.
    #[must_use]
    pub fn beside(&self, suffix: &str) -> Self {
        Self(format!("{self}{suffix}"))
    }

    /// The path with something added to the part that `above`, a path above it, ends with.
    #[must_use]
    pub fn below_beside(&self, above: &Self, suffix: &str) -> Self {
        let below = &self.0[above.0.len()..];
        Self(format!("{above}{suffix}{below}"))
    }

    /// The paths of the folders above it, outermost first.
    pub fn folders(&self) -> impl DoubleEndedIterator<Item = Self> {
        let cuts = self.0.match_indices('/');
        cuts.map(|(cut, _)| Self(self.0[..cut].to_owned()))
    }

    /// Whether it is in a folder of git's, or in one that is called as ours: nothing is generated there.
    pub fn is_reserved(&self) -> bool {
        let is_reserved =
            |part: &str| part.eq_ignore_ascii_case(".git") || part.eq_ignore_ascii_case(".tac");
        self.parts().any(is_reserved)
    }

    /// What follows the last dot of the last part.
    pub fn extension(&self) -> Option<&str> {
        self.name().rsplit_once('.').map(|(_, extension)| extension)
    }
}

impl TryFrom<String> for RelPath {
    type Error = InvalidPath;

    fn try_from(path: String) -> Result<Self, InvalidPath> {
        let bad_part = |part: &str| matches!(part, "" | "." | "..");
        let bad_char = |c: char| c == '\\' || c.is_control();
        if path.split('/').any(bad_part) || path.contains(bad_char) {
            return Err(InvalidPath(path));
        }
        Ok(Self(path))
    }
}

impl TryFrom<&str> for RelPath {
    type Error = InvalidPath;

    fn try_from(path: &str) -> Result<Self, InvalidPath> {
        Self::try_from(path.to_owned())
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0
    }
}

impl Borrow<str> for RelPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
