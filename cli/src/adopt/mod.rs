//! A project without `.tac/`: which template set, with which answers, it was made from.

mod answers;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::Result;
use crate::answers::ask::Defaults;
use crate::answers::given::{Given, Place};
use crate::answers::names::Name;
use crate::answers::resolve;
use crate::glob;
use crate::plan::{Ours, Plan, There, Verdict, Whose, likeness};
use crate::project::{Before, State, look};
use crate::render::{Choices, render};
use crate::templates::TemplateSet;
use crate::tree::{File, RelPath, Tree};

/// The least part of their lines that two files share of which one is the other, edited.
const ALIKE: f64 = 0.5;

/// A template set with answers, beside a project that may have been made from it.
#[derive(Debug)]
pub struct Candidate {
    pub set: TemplateSet,
    pub choices: Choices,
    pub rendered: Tree,
    pub files: BTreeMap<RelPath, Match>,
}

/// How a file of the project goes with the one that is rendered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Match {
    Exact,
    /// The part of their lines that is the same, from 0 to 1.
    Like(f64),
    /// A file with other contents is there.
    Unlike,
    /// Something is there that is no file, or above it.
    Blocked,
    Missing,
}

impl Candidate {
    /// With the answers and the options that can be read from the project at `root`; what is `given` goes before
    /// them, and `folder` is its name where there is no other. Also why values that stand there cannot be answers.
    pub fn read(
        set: TemplateSet,
        given: &Given,
        folder: &str,
        root: &Path,
    ) -> Result<(Self, Vec<String>)> {
        let ours = look(root, set.files.keys())?;
        let mut given = given.clone();
        if given.options.is_none() {
            given.options = Some(options(&set, &ours));
        }
        let refused = answers::read(&set, &ours, &mut given, folder);
        Ok((Self::new(set, &given, folder, root)?, refused))
    }

    /// With what is `given`, else what follows from it.
    pub fn new(set: TemplateSet, given: &Given, folder: &str, root: &Path) -> Result<Self> {
        let choices = choices(&set, given, folder)?;
        let rendered = render(&set, &choices)?;
        let ours = look(root, rendered.keys())?;
        let files = rendered.iter();
        let files = files.map(|(path, file)| (path.clone(), Match::of(file, ours.get(path))));
        Ok(Self {
            files: files.collect(),
            set,
            choices,
            rendered,
        })
    }

    /// Whether half of the files are there.
    pub fn fits(&self) -> bool {
        let there = self.files.values().filter(|found| found.is_ours());
        there.count() * 2 >= self.files.len()
    }

    /// How many files are as they are rendered.
    pub fn exact(&self) -> usize {
        let exact = self.files.values().filter(|found| **found == Match::Exact);
        exact.count()
    }

    /// What the project is to remember, and which of the rendered files with it. A file that is unlike the rendered one
    /// was the user's before; where hardly any file is there, so is every other one, and nothing was generated.
    pub fn remembered(&self) -> (State, Tree) {
        let fits = self.fits();
        let is_kept = |found: Match| match found {
            Match::Unlike => true,
            Match::Like(_) => !fits,
            Match::Exact | Match::Blocked | Match::Missing => false,
        };
        let files = self.files.iter();
        let kept = files.filter(|(_, found)| is_kept(**found));
        let kept: BTreeSet<RelPath> = kept.map(|(path, _)| path.clone()).collect();
        let mut base = self.rendered.clone();
        base.retain(|path, _| fits || kept.contains(path));
        let steps = kept.iter().map(|path| {
            let stays = Verdict::Yours(Whose::Before);
            (path.clone(), stays.into())
        });
        let before = Before {
            kept: &kept,
            stale: &BTreeSet::new(),
        };
        let plan = Plan(steps.collect());
        let state = State::new(&self.set, &self.choices, &base, &plan, before);
        (state, base)
    }

    /// Which of the two the project was rather made from: by the files that are exact, then by how like the others are.
    pub fn compare(&self, other: &Self) -> Ordering {
        let likeness = |candidate: &Self| -> f64 {
            let parts = candidate.files.values().map(|found| match found {
                Match::Like(part) => *part,
                _ => 0.0,
            });
            parts.sum()
        };
        let exact = self.exact().cmp(&other.exact());
        exact.then_with(|| likeness(self).total_cmp(&likeness(other)))
    }
}

impl Match {
    fn of(rendered: &File, there: Option<&There>) -> Self {
        match there {
            None => Self::Missing,
            Some(There::File(file)) if file == rendered => Self::Exact,
            Some(There::File(file)) => match likeness(rendered, file) {
                part if part >= ALIKE => Self::Like(part),
                _ => Self::Unlike,
            },
            Some(There::Folder(_) | There::Behind(_) | There::Other) => Self::Blocked,
        }
    }

    /// Whether the file is the rendered one, edited or not.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Exact | Self::Like(_))
    }
}

fn choices(set: &TemplateSet, given: &Given, folder: &str) -> Result<Choices> {
    let name = given
        .answers
        .get("name")
        .and_then(|name| name.value.as_str());
    let name = Name::try_from(name.unwrap_or(folder))
        .map_err(|error| error.hint("give the project a name of its own: `--name my-agents`"))?;
    resolve(&name, given, set, &mut Defaults)
}

/// The options of which a file is there. One without files of its own is on where it is on by default.
fn options(set: &TemplateSet, ours: &Ours) -> Vec<(String, Place)> {
    let options = set.manifest.options.iter();
    let is_on = options.filter(|(_, option)| {
        let is_there = |pattern: &String| {
            ours.keys()
                .any(|path| glob::matches(pattern, path.as_str()))
        };
        match option.paths.as_slice() {
            [] => option.default,
            paths => paths.iter().any(is_there),
        }
    });
    is_on
        .map(|(name, _)| (name.clone(), Place::Project))
        .collect()
}
