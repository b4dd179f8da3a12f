//! Ownership a file or a line is, and where it comes from.

use serde_json::{Value, json};

use crate::difference::Line;
use crate::error::one_line;
use crate::origin::Made;
use crate::project::Project;
use crate::tree::RelPath;

pub struct Origin<'a> {
    pub project: &'a Project,
    pub path: &'a RelPath,
    /// The number, from 1, and the text.
    pub line: Option<(usize, &'a [u8])>,
    pub ownership: Ownership,
    /// The first version that generates it.
    pub since: Option<String>,
    pub made: Option<Made>,
}

pub struct Ownership {
    pub owner: Owner,
    pub words: String,
    /// The generated lines that a line of the user's stands for.
    pub replaces: Vec<String>,
}

pub enum Owner {
    User,
    /// Which line it was when it was generated.
    Template(Option<Line>),
    /// What tac-bootstrap keeps for itself, or has left for the user to decide.
    Program,
}

impl Ownership {
    pub fn new(owner: Owner, words: impl Into<String>) -> Self {
        Self {
            owner,
            words: words.into(),
            replaces: Vec::new(),
        }
    }
}

impl Origin<'_> {
    pub fn text(&self) -> String {
        let Self {
            path, ownership, ..
        } = self;
        let templates = &self.project.state.templates;
        let mut text = match &self.line {
            Some((number, line)) => format!(
                "{path}:{number} is {}\n  | {}\n",
                ownership.words,
                one_line(String::from_utf8_lossy(line))
            ),
            None => format!("{path} is {}\n", ownership.words),
        };
        for line in &ownership.replaces {
            text += &format!("  - {}\n", one_line(line));
        }
        let mut tell = |word: &str, what: String| text += &format!("  {word:<9} {what}\n");
        let set = format!("{} {}", templates.name, templates.version);
        if matches!(ownership.owner, Owner::Template(_)) {
            match &self.made {
                Some(made) => tell("template", format!("files/{} of {set}", made.template)),
                None => tell(
                    "template",
                    format!("unknown: this program has no {set}; `--templates DIR` names it"),
                ),
            }
        }
        if let Some(since) = &self.since {
            tell("since", format!("{} {since}", templates.name));
        }
        if let Some(made) = &self.made {
            for option in &made.options {
                tell("option", format!("{option}, without which it is not there"));
            }
            match made.answers.as_slice() {
                [] => {}
                [answer] => tell("follows", format!("the answer {answer}")),
                answers => tell("follows", format!("the answers {}", answers.join(", "))),
            }
        }
        text
    }

    pub fn json(&self) -> Value {
        let made = self.made.as_ref();
        let (owner, line) = match self.ownership.owner {
            Owner::User => ("user", None),
            Owner::Template(line) => ("template", line),
            Owner::Program => ("program", None),
        };
        json!({
            "path": self.path,
            "line": self.line.map(|(number, _)| number),
            "text": self.line.map(|(_, text)| String::from_utf8_lossy(text)),
            "owner": owner,
            "words": self.ownership.words,
            "replaces": self.ownership.replaces,
            "generated_line": line.map(|line| line + 1),
            "templates": self.project.state.templates,
            "template": made.map(|made| &made.template),
            "since": self.since,
            "options": made.map_or(&[][..], |made| &made.options),
            "answers": made.map_or(&[][..], |made| &made.answers),
        })
    }
}
