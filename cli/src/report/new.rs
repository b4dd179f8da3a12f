//! What `new` did, or would do, and what to type next.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::answers;
use crate::destination::{Destination, SERVICE};
use crate::plan::{Plan, Verdict};
use crate::project;
use crate::render::{Choices, Format};
use crate::tree::{RelPath, Tree};
use crate::vcs::Repository;

/// The file that holds the service's port.
const SETTINGS: &str = "orchestrator.toml";

#[derive(Debug)]
pub struct Report {
    pub status: Status,
    /// The folder as the user typed it, and in full.
    shown: String,
    root: PathBuf,
    choices: Choices,
    created: Vec<RelPath>,
    kept: Vec<RelPath>,
    unchanged: Vec<RelPath>,
    workspace: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    DryRun,
    /// With what came of making a repository, where one was wanted.
    Written(Option<Repository>),
}

impl Report {
    /// `written` is everything that `new` writes, `.tac/` included.
    pub fn new(destination: &Destination, choices: Choices, plan: &Plan, written: &Tree) -> Self {
        let is_kept = |path: &&RelPath| matches!(plan.0[*path].verdict, Verdict::Yours(_));
        Self {
            status: Status::DryRun,
            shown: destination.shown.clone(),
            root: destination.root.clone(),
            choices,
            created: written.keys().cloned().collect(),
            kept: plan.0.keys().filter(is_kept).cloned().collect(),
            unchanged: plan.with(&Verdict::Unchanged).cloned().collect(),
            workspace: destination.workspace_around(),
        }
    }

    /// The port that the service listens on.
    pub fn port(&self) -> u16 {
        answers::port(&self.choices.answers)
    }

    /// The answers, one a line, and how many files they make.
    pub fn summary(&self) -> String {
        let mut lines = String::from("\n");
        for (key, value) in &self.choices.answers {
            let shown = match value {
                toml::Value::String(text) => text.replace('\n', " "),
                toml::Value::Table(_) => continue,
                other => other.to_string(),
            };
            lines += &format!("  {key:<16} {shown}\n");
        }
        lines += &format!("  {:<16} {}\n", "options", self.options());
        lines
            + &format!(
                "  {:<16} {} in {}\n",
                "files",
                self.visible().count(),
                self.root.display()
            )
    }

    fn options(&self) -> String {
        let names: Vec<&str> = self.choices.options.iter().map(String::as_str).collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    }

    /// The files that are for people.
    fn visible(&self) -> impl Iterator<Item = &RelPath> {
        self.created
            .iter()
            .filter(|path| path.parts().next() != Some(".tac"))
    }

    pub fn text(&self) -> String {
        let (shown, count) = (&self.shown, self.visible().count());
        let is_written = self.status != Status::DryRun;
        let verb = if is_written {
            "created"
        } else {
            "would create"
        };
        let mut text = format!(
            "{verb} {count} files in {shown}, options: {}\n",
            self.options()
        );
        if !is_written {
            text += &self
                .visible()
                .map(|path| format!("  {path}\n"))
                .collect::<String>();
            text += "  .tac/ with a copy of them, which an upgrade compares with\n";
        }
        for path in &self.kept {
            text += &format!("kept your {path}; ours is {}\n", project::offered(path));
        }
        if !self.unchanged.is_empty() {
            let paths: Vec<&str> = self.unchanged.iter().map(RelPath::as_str).collect();
            text += &format!("already there: {}\n", paths.join(", "));
        }
        if self.status == Status::Written(Some(Repository::Made)) {
            text += "made a git repository, nothing is committed yet\n";
        }
        if self.status == Status::Written(Some(Repository::NoGit)) {
            text += "made no git repository: there is no program `git`\n";
        }
        text += &self.workspace_note();
        if !is_written {
            text += "nothing was written\n";
        }
        text
    }

    /// For a person who goes on by hand.
    pub fn what_next(&self) -> String {
        let commands = self.next();
        if self.status == Status::DryRun || commands.is_empty() {
            return String::new();
        }
        let lines: String = commands.iter().map(|line| format!("  {line}\n")).collect();
        format!(
            "\nnext:\n{lines}then open http://127.0.0.1:{}\n",
            self.port()
        )
    }

    /// The service builds on its own there; the workspace around it may trip over it.
    fn workspace_note(&self) -> String {
        let Some(manifest) = &self.workspace else {
            return String::new();
        };
        let around = manifest.parent().unwrap_or(manifest);
        let member = match self.root.strip_prefix(around) {
            Ok(below) if below != Path::new("") => below,
            _ => Path::new(SERVICE),
        };
        format!(
            "{shown} lies in the Cargo workspace of {manifest}: the service is a workspace of its own and builds there;\n\
             if a glob in `members` matches it, add `exclude = [\"{member}\"]` to that manifest\n",
            shown = self.shown,
            manifest = manifest.display(),
            member = member.display(),
        )
    }

    /// What to type next, a command a line.
    fn next(&self) -> Vec<String> {
        let manifest = format!("{SERVICE}/Cargo.toml");
        if !self.created.iter().any(|path| path.as_str() == manifest) {
            return Vec::new();
        }
        let folder = match self.shown.trim_end_matches('/') {
            "." | "./" => SERVICE.to_owned(),
            shown => format!("{shown}/{SERVICE}"),
        };
        let folder = Format::Shell.apply(&folder.into());
        let folder = folder.expect("every text is a word of a shell");
        // The port stands in our settings file; in the user's own, nobody knows which.
        let is_kept = self.kept.iter().any(|path| path.as_str() == SETTINGS);
        let run = if is_kept {
            format!("cargo run -- --port {}", self.port())
        } else {
            "cargo run".to_owned()
        };
        vec![format!("cd {folder}"), run]
    }

    /// As the text; a key is always there.
    pub fn json(&self) -> Value {
        let repository = match self.status {
            Status::Written(Some(Repository::Made)) => "made",
            Status::Written(Some(Repository::NoGit)) => "no git",
            Status::Written(None) | Status::DryRun => "none",
        };
        json!({
            "path": self.root.display().to_string(),
            "written": self.status != Status::DryRun,
            "answers": self.choices.answers,
            "options": self.choices.options,
            "created": self.created,
            "kept": self.kept,
            "unchanged": self.unchanged,
            "repository": repository,
            "cargo_workspace": self.workspace.as_ref().map(|path| path.display().to_string()),
            "next": self.next(),
        })
    }
}
