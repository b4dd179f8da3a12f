//! How one version of a file differs from another: in words, and line by line.

mod lines;

pub use lines::{Line, Was, survives, texts, was};

use crate::plan::There;
use crate::tree::File;

/// Bytes beyond which two files are not compared line by line.
const MOST_BYTES: usize = 4 << 20;

/// What is different; nothing, where two files are the same.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// What lines do not tell: a kind, a mode, what is no text.
    pub words: Vec<String>,
    /// As in a unified diff, from the first `@@` on, without the line ends.
    pub lines: Vec<String>,
}

impl Difference {
    /// From `old` to what is there now; `None` is no file.
    pub fn between(old: Option<&File>, new: Option<&There>) -> Self {
        let words = match (old, new) {
            (None, None) => return Self::default(),
            (Some(_), None) => "there is no such file any more".to_owned(),
            (_, Some(There::Folder(_))) => "a folder is in its place".to_owned(),
            (_, Some(There::Behind(above))) => format!("{above} is no folder"),
            (_, Some(There::Other)) => "it is neither a file, a folder nor a link".to_owned(),
            (None, Some(There::File(new))) => return Self::of_new(new),
            (Some(old), Some(There::File(new))) => return Self::of_files(old, new),
        };
        Self::words(words)
    }

    pub fn is_none(&self) -> bool {
        self.words.is_empty() && self.lines.is_empty()
    }

    /// How many lines begin with that sign, `+` or `-`.
    pub fn count(&self, sign: char) -> usize {
        let lines = self.lines.iter();
        lines.filter(|line| line.starts_with(sign)).count()
    }

    fn words(words: String) -> Self {
        Self {
            words: vec![words],
            lines: Vec::new(),
        }
    }

    fn of_new(new: &File) -> Self {
        if let File::Link { target } = new {
            return Self::words(format!("it is new, a link to {target}"));
        }
        let mut difference = Self::of_files(&File::text(""), new);
        difference.words.insert(0, "it is new".to_owned());
        difference
    }

    fn of_files(old: &File, new: &File) -> Self {
        match (old, new) {
            (File::Link { target: was }, File::Link { target: is }) if was == is => Self::default(),
            (File::Link { target: was }, File::Link { target: is }) => {
                Self::words(format!("it is a link to {is}, and was one to {was}"))
            }
            (File::Link { target }, File::Regular { .. }) => {
                Self::words(format!("it is a file, and was a link to {target}"))
            }
            (File::Regular { .. }, File::Link { target }) => {
                Self::words(format!("it is a link to {target}, and was a file"))
            }
            (File::Regular { .. }, File::Regular { .. }) => Self::of_contents(old, new),
        }
    }

    fn of_contents(old: &File, new: &File) -> Self {
        let mut difference = Self::default();
        if old.mode() != new.mode() {
            let (is, was) = (new.mode().as_str(), old.mode().as_str());
            difference
                .words
                .push(format!("its mode is {is}, and was {was}"));
        }
        let (old, new) = (old.bytes(), new.bytes());
        let what = if old.contains(&0) || new.contains(&0) {
            "it is no text"
        } else if old.len().max(new.len()) > MOST_BYTES {
            "it is too large to be compared"
        } else {
            difference.lines = lines::unified(old, new);
            return difference;
        };
        if old != new {
            let sizes = format!("{what}: {} bytes, and was {}", new.len(), old.len());
            difference.words.push(sizes);
        }
        difference
    }
}
