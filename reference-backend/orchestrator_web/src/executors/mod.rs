//! The programs that run agents: `[executors.NAME]` in `orchestrator.toml`. A request names one; it can
//! give neither a program nor a variable.

pub mod health;
pub mod http;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::num::NonZeroU16;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::adapters::Kind;
use crate::approvals::{Terms, Verdict};
use crate::config::{Field, ModelName, Text};
use crate::money::MicroUsd;

pub use values::VariableName;

/// Times are in seconds; 0 is no bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executor {
    pub kind: Kind,
    /// The program and its first arguments, no shell. Empty for `demo`, which is this program.
    pub program: Vec<String>,
    pub args: Vec<String>,
    /// The variables of the service that are passed on, where they are set.
    pub env: Vec<VariableName>,
    /// Whose usage limit it spends: executors of one account wait for its reset together.
    pub account: String,
    /// For runs and agents that name none.
    pub model: Option<ModelName>,
    /// Until the first output.
    pub start_timeout_seconds: u32,
    /// Without output, until somebody is told.
    pub idle_notice_seconds: u32,
    /// Without output, until the run is stopped.
    pub idle_timeout_seconds: u32,
    pub timeout_seconds: u32,
    /// For the exit of an agent that has said it is done.
    pub grace_seconds: u32,
    /// Between two ways of stopping, each rougher than the last.
    pub stop_pause_seconds: u32,
    /// Runs at the same time; `None` leaves it to the queue.
    pub max_running: Option<NonZeroU16>,
    /// Attempts after the first, where it failed for a reason that passes.
    pub max_retries: u16,
    /// Before the second attempt; twice as long before each further one.
    pub retry_pause_seconds: u32,
    /// What a run may spend that brings no budget of its own.
    pub budget_usd: Option<MicroUsd>,
    /// For what the agent asks to be allowed.
    pub approvals: Terms,
    /// Whether a run gets a work tree of its own.
    pub worktree: bool,
}

type Access = for<'a> fn(&'a mut Executor) -> &'a mut dyn Field;

/// The keys of the table and what each sets.
pub const KEYS: &[(&str, Access)] = &[
    ("kind", |it| &mut it.kind),
    ("program", |it| &mut it.program),
    ("args", |it| &mut it.args),
    ("env", |it| &mut it.env),
    ("account", |it| &mut it.account),
    ("model", |it| &mut it.model),
    ("start_timeout_seconds", |it| &mut it.start_timeout_seconds),
    ("idle_notice_seconds", |it| &mut it.idle_notice_seconds),
    ("idle_timeout_seconds", |it| &mut it.idle_timeout_seconds),
    ("timeout_seconds", |it| &mut it.timeout_seconds),
    ("grace_seconds", |it| &mut it.grace_seconds),
    ("stop_pause_seconds", |it| &mut it.stop_pause_seconds),
    ("max_running", |it| &mut it.max_running),
    ("max_retries", |it| &mut it.max_retries),
    ("retry_pause_seconds", |it| &mut it.retry_pause_seconds),
    ("budget_usd", |it| &mut it.budget_usd),
    ("approval_timeout_seconds", |it| {
        &mut it.approvals.timeout_seconds
    }),
    ("approval_default", |it| &mut it.approvals.on_timeout),
    ("worktree", |it| &mut it.worktree),
];

/// What opens a dialogue: prompts, answers and a word to stop come as lines of JSON.
const DIALOGUE: &[&str] = &["--input-format", "stream-json"];

/// The last two have it ask us what it may do; without them it denies itself whatever its settings do
/// not allow.
const CLAUDE: &[&str] = &[
    "-p",
    "--output-format",
    "stream-json",
    "--verbose",
    "--input-format",
    "stream-json",
    "--permission-prompt-tool",
    "stdio",
];

impl Executor {
    /// One of which the table says nothing.
    pub fn new(kind: Kind) -> Self {
        let (program, args, key): (&[_], &[_], &[_]) = match kind {
            Kind::Claude => (&["claude"], CLAUDE, &["ANTHROPIC_API_KEY"]),
            Kind::Codex => (
                &["codex"],
                &["exec", "--json"],
                &["CODEX_API_KEY", "OPENAI_API_KEY"],
            ),
            // No `-p`: it would want the prompt, which comes by the standard input.
            Kind::Gemini => (
                &["gemini"],
                &["--output-format", "stream-json"],
                &[
                    "GEMINI_API_KEY",
                    "GOOGLE_API_KEY",
                    "GEMINI_CLI_TRUST_WORKSPACE",
                ],
            ),
            Kind::Demo => (&[], DIALOGUE, &[]),
            Kind::Command => (&[], &[], &[]),
        };
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        Self {
            kind,
            program: owned(program),
            args: owned(args),
            env: usual_env(key),
            account: kind.as_str().to_owned(),
            model: None,
            start_timeout_seconds: 60,
            idle_notice_seconds: 5 * 60,
            idle_timeout_seconds: 10 * 60,
            timeout_seconds: 2 * 60 * 60,
            grace_seconds: 15,
            stop_pause_seconds: 5,
            max_running: None,
            max_retries: 3,
            retry_pause_seconds: 10,
            budget_usd: None,
            approvals: Terms {
                timeout_seconds: 30 * 60,
                on_timeout: Verdict::Deny,
            },
            worktree: false,
        }
    }

    /// What its programs see of the service's own variables.
    pub fn variables(&self) -> impl Iterator<Item = (&str, OsString)> {
        let names = self.env.iter().map(|name| name.as_str());
        names.filter_map(|name| Some((name, std::env::var_os(name)?)))
    }

    /// One that runs a command of the project. Compilers and tests may be silent for long.
    pub fn of_project(program: Vec<String>, env: Vec<VariableName>) -> Self {
        Self {
            program,
            env,
            account: "project".to_owned(),
            start_timeout_seconds: 0,
            idle_notice_seconds: 0,
            idle_timeout_seconds: 0,
            ..Self::new(Kind::Command)
        }
    }
}

/// The variables that programs commonly need, and these.
pub fn usual_env(more: &[&str]) -> Vec<VariableName> {
    let usual = ["HOME", "LANG", "PATH", "TMPDIR", "USER"];
    let names = usual
        .iter()
        .chain(more)
        .map(|name| VariableName::parse(name));
    names.map(|name| name.expect("it is a name")).collect()
}

/// What no name of a table can begin with.
const OF_PROJECT: &str = "project:";

/// The name of the executor of a command of the project.
pub fn of_command(command: &str) -> String {
    format!("{OF_PROJECT}{command}")
}

/// What several executors spend together: `[accounts.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Runs at the same time; `None` leaves it to the queue.
    pub max_running: Option<NonZeroU16>,
}

type AccountAccess = for<'a> fn(&'a mut Account) -> &'a mut dyn Field;

pub const ACCOUNT_KEYS: &[(&str, AccountAccess)] = &[("max_running", |it| &mut it.max_running)];

/// All that there are, by name. `demo` is among them without being configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executors(BTreeMap<String, Executor>);

impl Executors {
    pub fn get(&self, name: &str) -> Option<&Executor> {
        self.0.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Those that their executors spend, each once.
    pub fn accounts(&self) -> BTreeSet<&str> {
        self.0.values().map(|it| it.account.as_str()).collect()
    }

    /// `{"NAME": {"kind": …}}`: every key of each that has a table. Variables are there by their names
    /// alone.
    pub fn show(&self) -> Value {
        let shown = |executor: &Executor| {
            let mut executor = executor.clone();
            let keys = KEYS.iter();
            keys.map(|(key, field)| ((*key).to_owned(), field(&mut executor).show()))
                .collect::<Map<_, _>>()
        };
        let each = self
            .0
            .iter()
            .filter(|(name, _)| !name.starts_with(OF_PROJECT));
        each.map(|(name, executor)| (name.clone(), shown(executor).into()))
            .collect::<Map<_, _>>()
            .into()
    }

    pub fn insert(&mut self, name: String, executor: Executor) {
        self.0.insert(name, executor);
    }
}

impl Default for Executors {
    fn default() -> Self {
        let demo = Kind::Demo;
        Self([(demo.as_str().to_owned(), Executor::new(demo))].into())
    }
}
