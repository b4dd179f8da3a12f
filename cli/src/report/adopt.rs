//! What a project was taken to be made from.

use std::path::Path;

use serde_json::{Value, json};

use crate::adopt::{Candidate, Match};
use crate::project::Templates;
use crate::tree::RelPath;

pub struct Adoption<'a> {
    pub root: &'a Path,
    pub best: Candidate,
    /// Every set that came into question, and how many files are as it writes them.
    pub compared: Vec<(Templates, usize)>,
    /// Why what stands in the project cannot be an answer.
    pub refused: Vec<String>,
    pub is_written: bool,
}

impl Adoption<'_> {
    pub fn text(&self) -> String {
        let Templates { name, version, .. } = Templates::of(&self.best.set);
        let (exact, all) = (self.best.exact(), self.best.files.len());
        let shown = self.root.display();
        let fits = self.best.fits();
        let mut text = if fits {
            format!(
                "{shown} was made from {name} {version}: {exact} of {all} files are as it writes them\n"
            )
        } else {
            format!(
                "{shown} was made from nothing that is known: {name} {version} can be added to it\n"
            )
        };
        for (path, found) in &self.best.files {
            if let Some(word) = self.told(*found) {
                text += &format!("  {word:<9} {path}\n");
            }
        }
        let choices = &self.best.choices;
        let answers = choices.answers.iter();
        text += "answers:\n";
        text += &answers
            .map(|(key, value)| format!("  {key} = {value}\n"))
            .collect::<String>();
        let options: Vec<&str> = choices.options.iter().map(String::as_str).collect();
        text += &match options.as_slice() {
            [] => "options: none\n".to_owned(),
            options => format!("options: {}\n", options.join(", ")),
        };
        for why in &self.refused {
            text += &format!("not taken for an answer: {why}\n");
        }
        if let [_, _, ..] = self.compared.as_slice() {
            let each = self
                .compared
                .iter()
                .map(|(set, exact)| format!("{} {} ({exact} files equal)", set.name, set.version));
            text += &format!("compared with {}\n", each.collect::<Vec<_>>().join(", "));
        }
        text + if self.is_written {
            "wrote .tac/ and nothing else; next: `tac-bootstrap upgrade --dry-run`\n"
        } else {
            "nothing was written\n"
        }
    }

    /// A word for a file that is not as it would be generated.
    fn told(&self, found: Match) -> Option<String> {
        match found {
            Match::Exact => None,
            Match::Like(part) if self.best.fits() => {
                Some(format!("{} % like", (part * 100.0).floor()))
            }
            Match::Like(_) | Match::Unlike => Some("yours".to_owned()),
            Match::Blocked => Some("no file".to_owned()),
            // What was never generated is not missing.
            Match::Missing => self.best.fits().then(|| "missing".to_owned()),
        }
    }

    pub fn json(&self) -> Value {
        let file = |(path, found): (&RelPath, &Match)| {
            let (word, likeness) = match found {
                Match::Exact => ("exact", None),
                Match::Like(part) => ("like", Some((part * 100.0).round() / 100.0)),
                Match::Unlike => ("unlike", None),
                Match::Blocked => ("blocked", None),
                Match::Missing => ("missing", None),
            };
            json!({ "path": path, "match": word, "likeness": likeness })
        };
        let compared =
            |(set, exact): &(Templates, usize)| json!({ "templates": set, "exact": exact });
        json!({
            "path": self.root.display().to_string(),
            "written": self.is_written,
            "fits": self.best.fits(),
            "templates": Templates::of(&self.best.set),
            "answers": self.best.choices.answers,
            "options": self.best.choices.options,
            "files": self.best.files.iter().map(file).collect::<Vec<_>>(),
            "refused": self.refused,
            "compared": self.compared.iter().map(compared).collect::<Vec<_>>(),
        })
    }
}
