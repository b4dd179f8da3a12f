//! What an upgrade did to the files of a project, or would do.

use serde_json::{Value, json};

use crate::error::one_line;
use crate::merge::{Reason, Side, markers};
use crate::plan::{Cause, Step, Verdict, Whose};
use crate::project;
use crate::tree::RelPath;
use crate::upgrade::Upgrade;

/// How many lines of a conflict are shown.
const SHOWN: usize = 40;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Planned,
    Written,
}

pub struct Story<'a> {
    pub command: &'a str,
    pub upgrade: &'a Upgrade,
    /// Options of the template set that are off.
    pub available: Vec<&'a str>,
    /// Files that the user has edited and not committed.
    pub dirty: Vec<RelPath>,
}

impl Story<'_> {
    /// The steps that have something to tell.
    fn steps(&self) -> impl Iterator<Item = (&RelPath, &Step)> {
        let is_told = |(_, step): &(&RelPath, &Step)| {
            let is_quiet = matches!(step.verdict, Verdict::Unchanged | Verdict::KeepOurs);
            !is_quiet || step.leaves
        };
        self.upgrade.plan.0.iter().filter(is_told)
    }

    fn conflicts(&self) -> usize {
        self.upgrade.plan.conflicts().count()
    }

    pub fn text(&self, outcome: Outcome) -> String {
        let Upgrade { project, state, .. } = self.upgrade;
        let (from, to) = (&project.state.templates, &state.templates);
        if self.upgrade.changes.is_empty() {
            return format!("up to date: {} {}\n{}", to.name, to.version, self.options());
        }
        let mut text = if from == to {
            format!("{} {}\n", to.name, to.version)
        } else if from.name == to.name {
            format!("{} {} → {}\n", to.name, from.version, to.version)
        } else {
            format!(
                "{} {} → {} {}\n",
                from.name, from.version, to.name, to.version
            )
        };
        for (path, step) in self.steps() {
            let (word, detail) = told(path, step);
            text += &format!("  {word:<9} {path}{detail}\n");
        }
        for (path, step) in self.upgrade.plan.conflicts() {
            text += &shown(path, step);
        }
        text += &self.options();
        text + &self.ending(outcome)
    }

    fn options(&self) -> String {
        if self.available.is_empty() {
            return String::new();
        }
        let names = self.available.join(", ");
        format!("options that are off: {names}; `tac-bootstrap add OPTION` turns one on\n")
    }

    fn ending(&self, outcome: Outcome) -> String {
        let (files, conflicts) = (self.changed(), self.conflicts());
        let count = |count: usize, thing: &str| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {thing}{plural}")
        };
        let counts = format!(
            "{} changed, {}",
            count(files, "file"),
            count(conflicts, "conflict")
        );
        if outcome == Outcome::Planned {
            let mut text = format!("{counts}; nothing was written\n");
            for path in &self.dirty {
                text += &format!(
                    "{path} holds edits that are not committed: this needs `--allow-dirty`\n"
                );
            }
            return text;
        }
        let next = match conflicts {
            0 => "",
            _ => {
                "next: decide each conflict in its file, then `tac-bootstrap resolve`; `tac-bootstrap upgrade --abort` takes it all back\n"
            }
        };
        format!("{counts}; `tac-bootstrap undo` takes it back\n{next}")
    }

    /// How many files outside `.tac/` are different, those beside a conflict included.
    fn changed(&self) -> usize {
        let changes = self.upgrade.changes.iter();
        changes.filter(|change| !change.path.is_reserved()).count()
    }

    pub fn json(&self, outcome: Outcome) -> Value {
        let Upgrade { project, state, .. } = self.upgrade;
        let file = |(path, step): (&RelPath, &Step)| {
            let (word, _) = told(path, step);
            json!({
                "path": path,
                "verdict": word,
                "reason": reason(&step.verdict),
                "from": step.from,
                "beside": step.sidecar.as_ref().map(|(name, _)| name),
            })
        };
        json!({
            "command": self.command,
            "path": project.root.display().to_string(),
            "written": outcome == Outcome::Written && !self.upgrade.changes.is_empty(),
            "from": project.state.templates,
            "to": state.templates,
            "answers": state.answers,
            "options": state.options,
            "available": self.available,
            "files": self.steps().map(file).collect::<Vec<_>>(),
            "changed": self.changed(),
            "conflicts": self.conflicts(),
            "uncommitted": self.dirty,
        })
    }
}

/// What happens to the file, and what more there is to say.
fn told(path: &RelPath, step: &Step) -> (&'static str, String) {
    let from = match &step.from {
        Some(from) if step.leaves => format!(" (was {from})"),
        Some(from) => format!(" (your name for {from})"),
        None => String::new(),
    };
    let reason = reason(&step.verdict).map_or(String::new(), |reason| format!(": {reason}"));
    let beside = match &step.sidecar {
        Some((name, _)) => format!("; the template's version is {name}"),
        None => String::new(),
    };
    let base = match &step.verdict {
        Verdict::Yours(Whose::Before) => format!("; it is {}", project::offered(path)),
        Verdict::Yours(_) => format!("; it is {}", project::base(path)),
        _ => String::new(),
    };
    (word(step), format!("{from}{reason}{beside}{base}"))
}

/// What happens to the file, in one word.
pub fn word(step: &Step) -> &'static str {
    match &step.verdict {
        Verdict::Unchanged | Verdict::KeepOurs => "moved",
        Verdict::Create => "created",
        Verdict::Update => "updated",
        Verdict::Delete => "deleted",
        Verdict::Merge => "merged",
        Verdict::StaysDeleted => "missing",
        Verdict::Stale => "stale",
        Verdict::Yours(_) => "yours",
        Verdict::Decided(_) => "decided",
        Verdict::Conflict(..) => "conflict",
    }
}

fn reason(verdict: &Verdict) -> Option<String> {
    let text = match verdict {
        Verdict::StaysDeleted => "you have deleted it, the template has changed it",
        Verdict::Stale => "you have edited it, the template has it no more",
        Verdict::Yours(Whose::Once) => {
            "it is yours since it was created; the template's has changed"
        }
        Verdict::Yours(Whose::Before) => "it was yours before; the template's has changed",
        Verdict::Yours(Whose::Edited) => {
            "you have edited it, which it is not meant for; the template's has changed"
        }
        Verdict::Yours(Whose::Lock) => "you have edited it: cargo brings it up to date",
        Verdict::Decided(Side::Ours) => "yours was taken where the two disagree",
        Verdict::Decided(Side::Theirs) => "the template's was taken where the two disagree",
        Verdict::Conflict(Cause::Unrelated, _) => {
            "yours and the template's were made apart from each other"
        }
        Verdict::Conflict(Cause::Kind, _) => {
            "a file, a folder or a link: yours and the template's differ in that"
        }
        Verdict::Conflict(Cause::Contents(reason), places) => {
            return Some(match reason {
                Reason::SameLines if *places == 1 => "both have changed the same place".to_owned(),
                Reason::SameLines => format!("both have changed the same {places} places"),
                Reason::Binary => "both have changed it, and it is no text".to_owned(),
                Reason::TooLarge => {
                    "both have changed it, and it is too large to be merged".to_owned()
                }
                Reason::NoLongerParses(message) => {
                    format!("both have changed it, and together it no longer parses: {message}")
                }
            });
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// The places of a conflict with the three versions.
fn shown(path: &RelPath, step: &Step) -> String {
    let Some(marked) = &step.marked else {
        return String::new();
    };
    let lines = String::from_utf8_lossy(marked);
    let lines: Vec<&str> = lines.lines().collect();
    let marks = markers(marked);
    let mut text = String::new();
    let mut marks = marks.into_iter().peekable();
    while let Some(first) = marks.next() {
        let mut last = first;
        // The end of one conflict is the last marker before the next one that starts like it.
        let opens = |line: usize| lines[line - 1].starts_with('<');
        while let Some(next) = marks.next_if(|line| !opens(*line)) {
            last = next;
        }
        text += &format!("\n{path}, line {first}\n");
        for line in lines[first - 1..last].iter().take(SHOWN) {
            text += &format!("  | {}\n", one_line(*line));
        }
        if last - first >= SHOWN {
            text += &format!("  | … {} lines more\n", last - first + 1 - SHOWN);
        }
    }
    text + "\n"
}
