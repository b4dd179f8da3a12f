//! `doctor`: whether everything is there that a generated service needs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, ExitCode};

use serde::Serialize;
use serde_json::json;

use crate::answers::{PORT, port};
use crate::error::Context;
use crate::output::{self, Format};
use crate::project::{Condition, Project};
use crate::tree::RelPath;
use crate::{Result, project, transaction};

const GIGABYTE: u64 = 1_000_000_000;

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    detail: String,
    /// What to do about it, where it is not good.
    remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Good,
    /// It works without.
    Warning,
    /// It does not work like this.
    Bad,
}

pub fn doctor(format: Format) -> Result<ExitCode> {
    let here = std::env::current_dir().context(
        "find the folder that you are in",
        "go to a folder that exists: `cd`",
    )?;
    let root = here.ancestors().find(|folder| folder.join(".tac").exists());
    let (project, port) = project_and_port(root);
    let findings = [
        cargo(),
        rustc(),
        c_compiler(),
        git(),
        disk(&here),
        port_free(port),
        project,
        leftovers(BTreeSet::from([&*here, root.unwrap_or(&here)])),
    ];

    let is_bad = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Bad);
    match format {
        Format::Text => output::print(&text(&findings))?,
        Format::Json => output::print_json(&json!({ "good": !is_bad, "findings": findings }))?,
    }
    Ok(if is_bad {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let (word, colour) = match finding.verdict {
            Verdict::Good => ("good", anstyle::AnsiColor::Green),
            Verdict::Warning => ("warning", anstyle::AnsiColor::Yellow),
            Verdict::Bad => ("bad", anstyle::AnsiColor::Red),
        };
        let style = colour.on_default();
        text += &format!(
            "{style}{word:<8}{style:#} {:<11} {}\n",
            finding.check, finding.detail
        );
        if let Some(remedy) = &finding.remedy {
            text += &format!("{:>8} {:<11} {remedy}\n", "", "");
        }
    }
    text
}

impl Finding {
    fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Good,
            detail: detail.into(),
            remedy: None,
        }
    }

    fn warning(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Warning,
            detail: detail.into(),
            remedy: Some(remedy.into()),
        }
    }

    fn bad(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Bad,
            ..Self::warning(check, detail, remedy)
        }
    }
}

fn cargo() -> Finding {
    match version_of("cargo") {
        Some(version) => Finding::good("cargo", version),
        None => Finding::bad(
            "cargo",
            "there is no program `cargo`",
            "install Rust: https://rustup.rs",
        ),
    }
}

fn rustc() -> Finding {
    const NEEDED: &str = env!("CARGO_PKG_RUST_VERSION");
    match version_of("rustc") {
        Some(version) if numbers(&version) >= numbers(NEEDED) => Finding::good("rustc", version),
        Some(version) => {
            let old = format!("{version} is older than {NEEDED}");
            Finding::bad(
                "rustc",
                old,
                "`rustup update stable`, or a newer Rust from where yours came",
            )
        }
        None => Finding::bad(
            "rustc",
            "there is no program `rustc`",
            "install Rust: https://rustup.rs",
        ),
    }
}

/// SQLite comes as C, and is compiled with the service.
fn c_compiler() -> Finding {
    let named = std::env::var("CC").ok().filter(|name| !name.is_empty());
    let compiler = named.as_deref().unwrap_or("cc");
    match version_of(compiler) {
        Some(version) => Finding::good("C compiler", version),
        None => Finding::bad(
            "C compiler",
            format!("there is no program `{compiler}`; SQLite is compiled with the service"),
            "Debian: `apt install build-essential`; Fedora: `dnf install gcc`; macOS: `xcode-select --install`",
        ),
    }
}

fn git() -> Finding {
    const NEEDED: &str = "2.35";
    match version_of("git") {
        Some(version) if numbers(&version) >= numbers(NEEDED) => Finding::good("git", version),
        Some(version) => {
            let old = format!("{version} is older than {NEEDED}");
            Finding::warning("git", old, "update git; `new --vcs none` does without")
        }
        None => Finding::warning(
            "git",
            "there is no program `git`",
            "install git; `new --vcs none` does without",
        ),
    }
}

fn disk(folder: &Path) -> Finding {
    let free = match rustix::fs::statvfs(folder) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            return Finding::warning(
                "disk",
                format!("the free room is unknown: {error}"),
                "a build needs 1 GB",
            );
        }
    };
    let tenths = free / (GIGABYTE / 10);
    let detail = format!("{}.{} GB free", tenths / 10, tenths % 10);
    if free < GIGABYTE {
        Finding::bad("disk", detail, "make room: a build needs 1 GB")
    } else {
        Finding::good("disk", detail)
    }
}

fn port_free(port: u16) -> Finding {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Finding::good("port", format!("{port} is free")),
        Err(error) => Finding::warning(
            "port",
            format!("{port} cannot be used: {error}"),
            "stop what listens there, if it is not the service itself; or start the service with `--port`",
        ),
    }
}

/// The state of the project, and the port that it was given.
fn project_and_port(root: Option<&Path>) -> (Finding, u16) {
    let Some(root) = root else {
        return (Finding::good("project", "you are in none"), PORT);
    };
    let found = Project::open(root).and_then(|project| {
        let conditions = project::conditions(&project)?;
        Ok((project, conditions))
    });
    match found {
        Ok((project, conditions)) => {
            let port = port(&project.state.answers);
            (condition(&project, &conditions), port)
        }
        Err(error) => {
            let finding = Finding::bad("project", error.what(), error.next_step());
            (finding, PORT)
        }
    }
}

fn condition(project: &Project, conditions: &BTreeMap<RelPath, Condition>) -> Finding {
    let shown = project.root.display();
    let copies = project.state.files.keys();
    let missing: Vec<&RelPath> = copies
        .filter(|path| !project.base.contains_key(*path))
        .collect();
    if let Some(first) = missing.first() {
        let (count, of) = (missing.len(), project.state.files.len());
        return Finding::bad(
            "project",
            format!(
                "{shown}: {count} of {of} copies in .tac/base are missing, the first is that of {first}"
            ),
            "bring them back from version control: `git checkout HEAD -- .tac`",
        );
    }
    let count = |wanted: &[Condition]| {
        let conditions = conditions.values();
        conditions
            .filter(|condition| wanted.contains(condition))
            .count()
    };
    let detail = format!(
        "{shown}: {} generated files unedited, {} edited, {} missing, {} yours",
        count(&[Condition::Pristine]),
        count(&[Condition::Edited]),
        count(&[Condition::Missing]),
        count(&[Condition::Once, Condition::Kept, Condition::Stale]),
    );
    match count(&[Condition::Conflicted]) {
        0 => Finding::good("project", detail),
        left => Finding::warning(
            "project",
            format!("{detail}; {left} conflicts are left"),
            "`tac-bootstrap status` lists them, `tac-bootstrap resolve` ends them",
        ),
    }
}

/// What a `new` that was killed has left.
fn leftovers(folders: BTreeSet<&Path>) -> Finding {
    let left = folders.into_iter().flat_map(transaction::leftovers);
    let left: Vec<String> = left.map(|(path, _)| path.display().to_string()).collect();
    if left.is_empty() {
        return Finding::good("leftovers", "none");
    }
    Finding::warning(
        "leftovers",
        format!("a `new` that was killed left {}", left.join(", ")),
        "remove it; the next `new` in that folder does so too",
    )
}

/// The first line that `program --version` prints.
fn version_of(program: &str) -> Option<String> {
    // A program that cannot be run is as good as none.
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().filter(|_| output.status.success())?;
    Some(line.trim().to_owned())
}

/// The first two numbers of a version: `git version 2.47.3` gives `(2, 47)`.
fn numbers(version: &str) -> (u32, u32) {
    let word = version
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let mut numbers = word
        .unwrap_or_default()
        .split('.')
        .map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}
