//! The one place that calls git.
//!
//! A repository may hold settings, attributes and hooks that have git run programs, and agents write in
//! repositories: whatever git could be told to run is overridden here, on every call. Filters and merge
//! drivers cannot be overridden without a change of what is read and merged; [`super::repository`]
//! refuses them instead.

mod collect;

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::adapters::plain;
use crate::{Error, Result};

/// The variables of the service that git may see: the user's own settings are found by them.
const PASSED: [&str; 6] = [
    "HOME",
    "LOGNAME",
    "PATH",
    "TMPDIR",
    "USER",
    "XDG_CONFIG_HOME",
];

const VARIABLES: [(&str, &str); 12] = [
    ("LC_ALL", "C"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    // No command here needs another machine; a repository that lacks objects would fetch them.
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // What only looks does not write the index.
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_AUTHOR_NAME", "Agent orchestrator"),
    ("GIT_AUTHOR_EMAIL", "orchestrator@localhost"),
    ("GIT_COMMITTER_NAME", "Agent orchestrator"),
    ("GIT_COMMITTER_EMAIL", "orchestrator@localhost"),
    ("GIT_EDITOR", "false"),
];

/// Settings that beat those of every file.
const SETTINGS: [(&str, &str); 20] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("core.editor", "false"),
    ("core.sshCommand", "false"),
    ("core.askPass", ""),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("protocol.allow", "never"),
    ("protocol.ext.allow", "never"),
    ("submodule.recurse", "false"),
    ("commit.gpgSign", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("core.quotePath", "true"),
    ("color.ui", "false"),
    ("status.renames", "false"),
    ("diff.ignoreSubmodules", "dirty"),
    ("worktree.useRelativePaths", "false"),
    // What is larger is a binary file for a difference, and is not held in memory.
    ("core.bigFileThreshold", "1m"),
];

/// Calls in one folder.
#[derive(Debug, Clone)]
pub struct Git {
    folder: PathBuf,
    patience: Duration,
    settings: Vec<(&'static str, &'static str)>,
    paths: Vec<(&'static str, PathBuf)>,
    /// The standard input of every call: a lock on a file is held until the last one that has it open
    /// ends. Who comes after a service that was killed waits for the git that it has left at work.
    lock: Option<Arc<File>>,
}

/// What a call has printed, and its exit code.
pub struct Printed {
    pub code: i32,
    pub out: Vec<u8>,
    err: Vec<u8>,
}

impl Git {
    /// `patience` is for each call.
    pub fn at(folder: &Path, patience: Duration) -> Self {
        Self {
            folder: folder.to_owned(),
            patience,
            settings: SETTINGS.to_vec(),
            paths: Vec::new(),
            lock: None,
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// The same in another folder.
    #[must_use]
    pub fn in_folder(&self, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..self.clone()
        }
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with_path(&self, name: &'static str, path: &Path) -> Self {
        let mut git = self.clone();
        git.paths.push((name, path.to_owned()));
        git
    }

    #[must_use]
    pub fn with_lock(&self, lock: &Arc<File>) -> Self {
        Self {
            lock: Some(Arc::clone(lock)),
            ..self.clone()
        }
    }

    /// The same with one more setting.
    #[must_use]
    pub fn with_setting(&self, name: &'static str, value: &'static str) -> Self {
        let mut git = self.clone();
        git.settings.push((name, value));
        git
    }

    /// Whatever its exit code is. 409 if git cannot be started or prints too much, 503 if it takes too
    /// long: it is ended then, with all that it has started.
    pub fn call(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Printed> {
        let stdin = match &self.lock {
            Some(lock) => Stdio::from(lock.try_clone().context("pass the lock on")?),
            None => Stdio::null(),
        };
        let passed = PASSED.iter();
        let passed = passed.filter_map(|&name| Some((name, std::env::var_os(name)?)));
        let mut command = Command::new("git");
        command
            .args(["--no-pager", "-C"])
            .arg(&self.folder)
            .args(arguments)
            .env_clear()
            .envs(passed)
            .envs(VARIABLES)
            .envs(self.paths.iter().map(|(name, path)| (name, path)))
            .env("GIT_CONFIG_COUNT", self.settings.len().to_string())
            .process_group(0)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (number, (name, value)) in self.settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{number}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{number}"), value);
        }
        collect::run(command, self.patience).map_err(|error| match error {
            collect::Failure::Slow => Error::Unavailable(format!(
                "{} took longer than {} s, and was ended",
                named(arguments),
                self.patience.as_secs()
            )),
            collect::Failure::Wrong(why) => {
                Error::Conflict(format!("{} failed: {why}", named(arguments)))
            }
        })
    }

    /// What it prints. 409 with its reason if it fails.
    pub fn bytes(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Vec<u8>> {
        let printed = self.call(arguments)?;
        match printed.code {
            0 => Ok(printed.out),
            _ => Err(printed.failure(arguments)),
        }
    }

    /// The one line that it prints.
    pub fn line(&self, arguments: &[impl AsRef<OsStr>]) -> Result<String> {
        line(self.bytes(arguments)?)
    }

    /// The one line, or `None` if it exits with 1, by which git says no.
    pub fn line_if_any(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Option<String>> {
        let printed = self.call(arguments)?;
        match printed.code {
            0 => line(printed.out).map(Some),
            1 => Ok(None),
            _ => Err(printed.failure(arguments)),
        }
    }

    /// Whether it exits with 0, not 1.
    pub fn holds(&self, arguments: &[impl AsRef<OsStr>]) -> Result<bool> {
        self.line_if_any(arguments).map(|line| line.is_some())
    }
}

impl Printed {
    pub fn failure(&self, arguments: &[impl AsRef<OsStr>]) -> Error {
        let said = String::from_utf8_lossy(&self.err);
        let line = said.lines().find(|line| {
            ["fatal:", "error:"]
                .iter()
                .any(|word| line.starts_with(word))
        });
        let line = line.or(said.lines().next()).unwrap_or("it says nothing");
        Error::Conflict(format!("{} failed: {}", named(arguments), plain(line)))
    }
}

/// `git worktree`
fn named(arguments: &[impl AsRef<OsStr>]) -> String {
    let verb = arguments.first().map(|it| it.as_ref().to_string_lossy());
    format!("git {}", verb.unwrap_or_default())
}

/// A name may hold line ends: only the last one is git's.
fn line(mut bytes: Vec<u8>) -> Result<String> {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    let line = String::from_utf8(bytes);
    line.map_err(|_| Error::Conflict("git names a path that is not UTF-8".into()))
}
