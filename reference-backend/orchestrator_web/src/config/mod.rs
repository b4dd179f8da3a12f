//! Settings: a flag beats an environment variable, which beats `.env`, which beats `orchestrator.toml`,
//! which beats the default. [`SETTINGS`] lists them all; [`load`] resolves them.

pub mod commands;
mod current;
mod difference;
// tac:if dashboard
mod embeds;
// tac:end
mod field;
mod file;
pub mod http;
mod named;
mod network;
mod sections;
mod show;
mod sources;
mod table;
mod token;
mod values;
mod workflows;

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;

pub use current::{Current, Pending};
pub use difference::{Difference, Effect};
pub(crate) use field::Field;
pub use field::Text;
pub use network::{Host, HostName, Origin};
pub use sections::{SECTIONS, Section};
pub use show::Line;
pub use sources::{Flags, Source};
pub use table::{SETTINGS, Setting};
pub use values::{InstanceName, LogFormat, ModelName, Token};

use crate::adapters::Prices;
use crate::budgets::Budgets;
// tac:if dashboard
use crate::dashboard::embeds::Embed;
// tac:end
use crate::db::Synchronous;
use crate::executors::{self, Account, Executor, Executors, VariableName};
use crate::fault::Fault;
use crate::workflows::definition::Definitions;
use sources::Sources;

/// Every setting of the service, parsed. [`SETTINGS`] says what each is for.
#[derive(Debug, Clone)]
pub struct Settings {
    pub host: Host,
    pub port: u16,
    pub web_ui_port: NonZeroU16,
    pub cors_origins: Vec<Origin>,
    /// Names for the check of `Host`, with whatever port.
    pub allowed_hosts: Vec<HostName>,
    pub database_path: PathBuf,
    pub synchronous: Synchronous,
    pub websocket_poll_ms: NonZeroU32,
    /// The token, wherever it came from.
    pub token: Option<Token>,
    pub token_file: Option<PathBuf>,
    pub default_model: Option<ModelName>,
    /// Where agents may work: in these folders and below.
    pub roots: Vec<PathBuf>,
    /// How many runs may go on at the same time; 0 stands for half of the cores, at most 4.
    pub max_running: u16,
    /// How many of them for one agent, and in one work tree that is not their own; 0 stands for no bound.
    pub max_running_per_agent: u16,
    pub max_running_per_repository: u16,
    pub retention: Retention,
    /// How many backups are kept; 0 stands for no bound.
    pub backups_max: u32,
    /// What is kept of one run's output; 0 stands for no bound.
    pub output_max_mb: u32,
    pub worktrees: Worktrees,
    pub limits: Limits,
    pub log_level: tracing::Level,
    pub log_format: LogFormat,
    pub project: Project,
    /// What an agent's `executor` may be.
    pub executors: Executors,
    /// By the name that executors give in `account`.
    pub accounts: BTreeMap<String, Account>,
    pub prices: Prices,
    pub budgets: Budgets,
    pub workflows: Definitions,
    // tac:if dashboard
    /// Other tools beside the pages of the dashboard, by name.
    pub embeds: BTreeMap<String, Embed>,
    // tac:end
}

#[derive(Debug, Clone)]
pub struct Retention {
    pub logs: Keep,
    pub events: Keep,
    pub runs: Keep,
    pub prompts: Keep,
}

/// How long and how many rows of a kind are kept; 0 stands for no bound.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    pub days: u16,
    pub max: u32,
}

/// Work trees of git that runs have for themselves.
#[derive(Debug, Clone)]
pub struct Worktrees {
    /// Where they are: beside the database, if it is not set.
    pub root: Option<PathBuf>,
    /// For each call of git.
    pub git_timeout_seconds: NonZeroU16,
}

#[derive(Debug, Clone)]
pub struct Limits {
    pub max_body_bytes: NonZeroUsize,
    pub max_connections: NonZeroU16,
    pub request_timeout_seconds: NonZeroU16,
    /// Of runs; 0 stands for no bound.
    pub starts_per_minute: u16,
}

/// The project that the agents work on: `[project]` in `orchestrator.toml`.
#[derive(Debug, Clone)]
pub struct Project {
    pub name: InstanceName,
    pub title: String,
    pub description: String,
    pub language: String,
    pub framework: String,
    pub package_manager: String,
    /// The variables of the service that its commands see, where they are set.
    pub env: Vec<VariableName>,
    pub commands: Commands,
}

/// Programs with their arguments; empty where the project has none.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    pub start: Vec<String>,
    pub test: Vec<String>,
    pub lint: Vec<String>,
    pub format: Vec<String>,
    pub type_check: Vec<String>,
    pub build: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        const WEB_UI_PORT: NonZeroU16 = NonZeroU16::new(5173).expect("not zero");
        Self {
            host: Host::Localhost,
            port: 8000,
            web_ui_port: WEB_UI_PORT,
            cors_origins: Origin::of_localhost(WEB_UI_PORT),
            allowed_hosts: Vec::new(),
            database_path: "./data/orchestrator.db".into(),
            synchronous: Synchronous::Normal,
            websocket_poll_ms: const { NonZeroU32::new(2000).expect("not zero") },
            token: None,
            token_file: None,
            default_model: None,
            roots: vec![".".into()],
            max_running: 0,
            max_running_per_agent: 0,
            max_running_per_repository: 0,
            retention: Retention {
                logs: Keep {
                    days: 30,
                    max: 1_000_000,
                },
                events: Keep {
                    days: 7,
                    max: 500_000,
                },
                runs: Keep {
                    days: 90,
                    max: 50_000,
                },
                prompts: Keep {
                    days: 90,
                    max: 50_000,
                },
            },
            backups_max: 10,
            output_max_mb: 256,
            worktrees: Worktrees {
                root: None,
                git_timeout_seconds: const { NonZeroU16::new(120).expect("not zero") },
            },
            limits: Limits {
                // A batch of 1,000 log lines of 8 KiB.
                max_body_bytes: const { NonZeroUsize::new(8 * 1024 * 1024).expect("not zero") },
                max_connections: const { NonZeroU16::new(1024).expect("not zero") },
                request_timeout_seconds: const { NonZeroU16::new(30).expect("not zero") },
                starts_per_minute: 60,
            },
            log_level: tracing::Level::INFO,
            log_format: LogFormat::Text,
            project: Project::default(),
            executors: Executors::default(),
            accounts: BTreeMap::new(),
            prices: Prices::default(),
            budgets: Budgets::default(),
            workflows: Definitions::default(),
            // tac:if dashboard
            embeds: BTreeMap::new(),
            // tac:end
        }
    }
}

/// The settings, and for each row of [`SETTINGS`] the source that decided it.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub settings: Arc<Settings>,
    /// The `orchestrator.toml` that was read.
    pub file: Option<PathBuf>,
    pub sources: Vec<Source>,
    /// What the command line gave: the one source that cannot be read again.
    flags: Flags,
}

/// As if they were the defaults.
impl From<Settings> for Loaded {
    fn from(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings),
            file: None,
            sources: vec![Source::Default; SETTINGS.len()],
            flags: Flags::default(),
        }
    }
}

/// Reads every source and resolves each setting.
pub fn load(flags: Flags) -> Result<Loaded, Fault> {
    let sources = Sources::read(flags.clone())?;
    let mut settings = Settings::default();
    let mut decided = Vec::new();
    for setting in SETTINGS {
        let source = match sources.find(setting)? {
            Some((source, given)) => {
                let field = (setting.field)(&mut settings);
                field.set(&given).map_err(|wrong| {
                    let subject = source.subject(setting);
                    Fault::new(format!("{subject} {wrong}"), setting.remedy())
                })?;
                source
            }
            None => Source::Default,
        };
        decided.push(source);
    }
    let file = sources.file.map(|file| {
        settings.executors = file.executors;
        settings.accounts = file.accounts;
        settings.prices = file.prices;
        settings.budgets.agents = file.agent_budgets;
        settings.workflows = file.workflows;
        // tac:if dashboard
        settings.embeds = file.embeds;
        // tac:end
        file.path
    });
    settings.employ_commands();
    let mut loaded = Loaded {
        settings: Arc::new(settings),
        file,
        sources: decided,
        flags,
    };
    // Origins that a file lists are those of the port that it lists: a flag or a variable with
    // another port brings its own.
    if loaded
        .source("CORS_ORIGINS")
        .is_weaker_than(loaded.source("WEB_UI_PORT"))
    {
        let settings = Arc::make_mut(&mut loaded.settings);
        settings.cors_origins = Origin::of_localhost(settings.web_ui_port);
        loaded.sources[Loaded::position("CORS_ORIGINS")] = Source::Default;
    }
    token::resolve(&mut loaded)?;
    Ok(loaded)
}

impl Settings {
    /// Makes an executor of each command of the project, for the steps of workflows.
    fn employ_commands(&mut self) {
        let project = &self.project;
        for (name, program) in project.commands.named() {
            if !program.is_empty() {
                let executor = Executor::of_project(program.clone(), project.env.clone());
                self.executors.insert(executors::of_command(name), executor);
            }
        }
    }
}

impl Commands {
    /// All of them, with their names in `orchestrator.toml`.
    fn named(&self) -> [(&'static str, &Vec<String>); 6] {
        [
            ("start", &self.start),
            ("test", &self.test),
            ("lint", &self.lint),
            ("format", &self.format),
            ("type-check", &self.type_check),
            ("build", &self.build),
        ]
    }
}

impl Default for Project {
    fn default() -> Self {
        Self {
            name: InstanceName::default(),
            title: String::new(),
            description: String::new(),
            language: String::new(),
            framework: String::new(),
            package_manager: String::new(),
            env: executors::usual_env(&["CARGO_HOME", "JAVA_HOME", "RUSTUP_HOME", "VIRTUAL_ENV"]),
            commands: Commands::default(),
        }
    }
}

impl Loaded {
    fn position(env: &str) -> usize {
        SETTINGS
            .iter()
            .position(|setting| setting.env == Some(env))
            .expect("the variable is one of the table's")
    }

    fn source(&self, env: &str) -> &Source {
        &self.sources[Self::position(env)]
    }

    /// Refuses to serve other machines without asking them for a token.
    pub fn check_exposure(&self) -> Result<(), Fault> {
        if self.settings.host.is_loopback() || self.settings.token.is_some() {
            return Ok(());
        }
        let row = &SETTINGS[Self::position("ORCHESTRATOR_HOST")];
        Err(Fault::new(
            format!(
                "{} opens the service to other machines, and no token protects it",
                self.source("ORCHESTRATOR_HOST").subject(row)
            ),
            "set ORCHESTRATOR_TOKEN to what `openssl rand -hex 32` prints, or leave the host at localhost",
        ))
    }
}
