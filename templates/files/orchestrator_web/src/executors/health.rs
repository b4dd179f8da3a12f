//! How an executor is: found, of which version, with what to log in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustix::fs::{Access, access};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::Executor;
use crate::adapters::{Kind, plain};
use crate::config::Settings;
use crate::health::VERSION;

const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST: u64 = 1024;

/// A program that runs agents, and how it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExecutorHealth {
    pub name: String,
    pub kind: Kind,
    /// The program and its first arguments; empty for what is built in.
    pub program: Vec<String>,
    pub account: String,
    /// Whether the program is there.
    pub is_available: bool,
    /// What it says of itself; `null` until it has answered, and for programs of the kind `command`,
    /// which are not asked.
    #[schema(required)]
    pub version: Option<String>,
    /// Whether it is given a key, or a login lies where it keeps its own; `null` where neither is known.
    #[schema(required)]
    pub has_credentials: Option<bool>,
}

/// What programs have said to `--version`: each is asked once, and again when it was replaced.
#[derive(Default)]
pub struct Versions(Mutex<HashMap<Asked, Option<String>>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked {
    program: Vec<String>,
    modified: Option<SystemTime>,
}

/// All executors; nobody is waited for.
pub fn all(settings: &Settings, versions: &Arc<Versions>) -> Vec<ExecutorHealth> {
    let executors = &settings.executors;
    let found = executors
        .names()
        .filter_map(|name| Some((name, executors.get(name)?)));
    found
        .map(|(name, executor)| health(name, executor, versions))
        .collect()
}

fn health(name: &str, executor: &Executor, versions: &Arc<Versions>) -> ExecutorHealth {
    let path = executor.program.first().and_then(|program| find(program));
    ExecutorHealth {
        name: name.to_owned(),
        kind: executor.kind,
        program: executor.program.clone(),
        account: executor.account.clone(),
        is_available: path.is_some() || executor.kind == Kind::Demo,
        version: match (executor.kind, path) {
            (Kind::Demo, _) => Some(VERSION.to_owned()),
            // It may take the word for something else.
            (Kind::Command, _) | (_, None) => None,
            (_, Some(path)) => versions.of(executor, &path),
        },
        has_credentials: has_credentials(executor),
    }
}

/// Looks for a program as a start would: by its path, or in `PATH`.
fn find(program: &str) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(is_program);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    folders.find_map(|folder| Some(folder.join(program)).filter(is_program))
}

fn has_credentials(executor: &Executor) -> Option<bool> {
    let (keys, login): (&[&str], &str) = match executor.kind {
        Kind::Claude => (
            &[
                "ANTHROPIC_API_KEY",
                "ANTHROPIC_AUTH_TOKEN",
                "CLAUDE_CODE_OAUTH_TOKEN",
            ],
            ".claude/.credentials.json",
        ),
        Kind::Codex => (&["CODEX_API_KEY", "OPENAI_API_KEY"], ".codex/auth.json"),
        Kind::Gemini => (
            &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
            ".gemini/oauth_creds.json",
        ),
        Kind::Command | Kind::Demo => return None,
    };
    let given = |name: &str| {
        let is_passed = executor.env.iter().any(|it| it.as_str() == name);
        std::env::var_os(name).filter(|value| is_passed && !value.is_empty())
    };
    let has_login = given("HOME").is_some_and(|home| Path::new(&home).join(login).is_file());
    if has_login || keys.iter().any(|key| given(key).is_some()) {
        return Some(true);
    }
    // There, Claude Code keeps its login in the system's keychain.
    let is_hidden = cfg!(target_os = "macos") && executor.kind == Kind::Claude;
    (!is_hidden).then_some(false)
}

impl Versions {
    /// What is known by now; who is the first to want to know has it asked.
    fn of(self: &Arc<Self>, executor: &Executor, path: &Path) -> Option<String> {
        let modified = path.metadata().and_then(|it| it.modified()).ok();
        let asked = Asked {
            program: executor.program.clone(),
            modified,
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(version) = known.get(&asked) {
            return version.clone();
        }
        known.insert(asked.clone(), None);
        let (this, executor) = (Arc::clone(self), executor.clone());
        tokio::spawn(async move {
            let version = ask(&executor).await;
            let mut known = this.0.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(asked, version);
        });
        None
    }
}

/// The first line that a program prints when it is asked for its version; `None` if it fails, or takes
/// too long. It gets the variables of a run.
async fn ask(executor: &Executor) -> Option<String> {
    let [program, arguments @ ..] = &executor.program[..] else {
        return None;
    };
    let mut child = Command::new(program)
        .args(arguments)
        .arg("--version")
        .env_clear()
        .envs(executor.variables())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let mut printed = Vec::new();
    let stdout = child.stdout.take()?;
    let answer = async {
        stdout.take(LONGEST).read_to_end(&mut printed).await.ok()?;
        child.wait().await.ok().filter(|status| status.success())
    };
    let Ok(answer) = timeout(PATIENCE, answer).await else {
        // What it has started goes too; if it has just ended, there is nobody to end.
        let _ = group.map(|group| kill_process_group(group, Signal::KILL));
        return None;
    };
    answer?;
    let printed = String::from_utf8_lossy(&printed);
    let line = printed.lines().next()?.trim();
    let line: String = plain(line).chars().take(100).collect();
    (!line.is_empty()).then_some(line)
}
