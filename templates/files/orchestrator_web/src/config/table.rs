//! Every setting there is. Flags, variables, `orchestrator.toml`, `--help`, `config` and the check of
//! `.env.sample` all follow from this table: a new setting is a field of `Settings`, its default, and a row here.

use serde_json::Value;

use super::Settings;
use super::difference::Effect;
use super::field::Field;

/// One row. `key` is its place in `orchestrator.toml`, `env` its variable, also read from `.env`.
#[derive(Clone, Copy)]
pub struct Setting {
    /// `None`: never read from a file that is shared.
    pub key: Option<&'static str>,
    /// `None`: read from the file only.
    pub env: Option<&'static str>,
    /// Without the dashes.
    pub flag: Option<&'static str>,
    pub help: &'static str,
    pub field: Access,
    /// When a change of it is in force, made while the service runs.
    pub effect: Effect,
}

type Access = for<'a> fn(&'a mut Settings) -> &'a mut dyn Field;

const fn setting(
    key: &'static str,
    env: &'static str,
    help: &'static str,
    field: Access,
) -> Setting {
    Setting {
        key: Some(key),
        env: Some(env),
        flag: None,
        help,
        field,
        effect: Effect::AtOnce,
    }
}

const fn file_only(key: &'static str, help: &'static str, field: Access) -> Setting {
    Setting {
        env: None,
        ..setting(key, "", help, field)
    }
}

impl Setting {
    const fn flag(self, flag: &'static str) -> Self {
        Self {
            flag: Some(flag),
            ..self
        }
    }

    const fn after_restart(self) -> Self {
        let effect = Effect::AfterRestart;
        Self { effect, ..self }
    }

    const fn when_confirmed(self) -> Self {
        let effect = Effect::WhenConfirmed;
        Self { effect, ..self }
    }

    const fn never_in_a_file(self) -> Self {
        Self { key: None, ..self }
    }

    /// What messages call it when no source is involved.
    pub fn name(&self) -> &'static str {
        self.key
            .or(self.env)
            .expect("a setting has a key or a variable")
    }

    /// What to do about a wrong value.
    pub fn remedy(&self) -> String {
        match self.default() {
            Value::Null => "correct it, or remove it to do without".to_owned(),
            default => format!("correct it, or remove it for the default, {default}"),
        }
    }

    /// The value that holds when no source gives one.
    pub fn default(&self) -> Value {
        (self.field)(&mut Settings::default()).show()
    }
}

pub static SETTINGS: &[Setting] = &[
    setting(
        "server.host",
        "ORCHESTRATOR_HOST",
        "Address to listen on. localhost means 127.0.0.1 and ::1; any other than loopback needs a token",
        |s| &mut s.host,
    )
    .flag("host")
    .after_restart(),
    setting(
        "server.port",
        "WEBSOCKET_PORT",
        "Port of the service, HTTP and WebSocket alike; 0 takes a free one and prints it",
        |s| &mut s.port,
    )
    .flag("port")
    .after_restart(),
    setting(
        "server.web_ui_port",
        "WEB_UI_PORT",
        "Port of a web page on this machine that may call the service",
        |s| &mut s.web_ui_port,
    )
    .after_restart(),
    setting(
        "server.cors_origins",
        "CORS_ORIGINS",
        "Origins of web pages that may call the service; unless set, the two of WEB_UI_PORT",
        |s| &mut s.cors_origins,
    )
    .flag("cors-origins")
    .after_restart(),
    setting(
        "server.allowed_hosts",
        "ALLOWED_HOSTS",
        "Names that callers may use for this machine besides localhost, such as a reverse proxy's",
        |s| &mut s.allowed_hosts,
    )
    .after_restart(),
    setting(
        "server.database_path",
        "DATABASE_PATH",
        "The SQLite file; it and its folder are made when they do not exist",
        |s| &mut s.database_path,
    )
    .flag("database")
    .after_restart(),
    setting(
        "server.database_synchronous",
        "DATABASE_SYNCHRONOUS",
        "normal: a crash loses nothing, a power cut perhaps the last moment; full: nothing, but slower",
        |s| &mut s.synchronous,
    )
    .after_restart(),
    setting(
        "server.websocket_poll_ms",
        "WEBSOCKET_POLL_MS",
        "Milliseconds between looks for changes that other programs wrote into the database",
        |s| &mut s.websocket_poll_ms,
    ),
    setting(
        "",
        "ORCHESTRATOR_TOKEN",
        "Secret of 32 or more characters that every caller must present; openssl rand -hex 32 makes one",
        |s| &mut s.token,
    )
    .never_in_a_file()
    .after_restart(),
    setting(
        "server.token_file",
        "ORCHESTRATOR_TOKEN_FILE",
        "File that holds the token, yours and of mode 0600; instead of ORCHESTRATOR_TOKEN",
        |s| &mut s.token_file,
    )
    .after_restart(),
    setting(
        "agents.default_model",
        "DEFAULT_MODEL",
        "Model of agents that are created without one",
        |s| &mut s.default_model,
    ),
    setting(
        "agents.roots",
        "AGENT_ROOTS",
        "Folders in which agents may work, and below",
        |s| &mut s.roots,
    )
    .when_confirmed(),
    setting(
        "agents.max_running",
        "MAX_RUNNING",
        "Agents that run at the same time, others wait; 0 takes half of the cores, at most 4",
        |s| &mut s.max_running,
    ),
    setting(
        "agents.max_running_per_agent",
        "MAX_RUNNING_PER_AGENT",
        "How many of them for one agent; 0 is no bound",
        |s| &mut s.max_running_per_agent,
    ),
    setting(
        "agents.max_running_per_repository",
        "MAX_RUNNING_PER_REPOSITORY",
        "How many of them in one repository of git, but for those in work trees of their own; 0 is no bound",
        |s| &mut s.max_running_per_repository,
    ),
    setting(
        "retention.logs_days",
        "RETENTION_LOGS_DAYS",
        "Days that log lines are kept; 0 keeps them however old",
        |s| &mut s.retention.logs.days,
    ),
    setting(
        "retention.logs_max",
        "RETENTION_LOGS_MAX",
        "Log lines that are kept, the newest; 0 keeps any number",
        |s| &mut s.retention.logs.max,
    ),
    setting(
        "retention.events_days",
        "RETENTION_EVENTS_DAYS",
        "Days that events are kept for clients that reconnect; 0 keeps them however old",
        |s| &mut s.retention.events.days,
    ),
    setting(
        "retention.events_max",
        "RETENTION_EVENTS_MAX",
        "Events that are kept, the newest; 0 keeps any number",
        |s| &mut s.retention.events.max,
    ),
    setting(
        "retention.runs_days",
        "RETENTION_RUNS_DAYS",
        "Days that finished runs of agents are kept; 0 keeps them however old",
        |s| &mut s.retention.runs.days,
    ),
    setting(
        "retention.runs_max",
        "RETENTION_RUNS_MAX",
        "Finished runs of agents that are kept, the newest; 0 keeps any number",
        |s| &mut s.retention.runs.max,
    ),
    setting(
        "retention.prompts_days",
        "RETENTION_PROMPTS_DAYS",
        "Days that prompts and their responses are kept; 0 keeps them however old",
        |s| &mut s.retention.prompts.days,
    ),
    setting(
        "retention.prompts_max",
        "RETENTION_PROMPTS_MAX",
        "Prompts that are kept, the newest; 0 keeps any number",
        |s| &mut s.retention.prompts.max,
    ),
    setting(
        "retention.backups_max",
        "RETENTION_BACKUPS_MAX",
        "Backups that POST /api/backup leaves, the newest; 0 keeps any number",
        |s| &mut s.backups_max,
    ),
    setting(
        "retention.output_max_mb",
        "RETENTION_OUTPUT_MAX_MB",
        "Megabytes that are kept of what one run prints: of more, the middle goes; 0 keeps any size",
        |s| &mut s.output_max_mb,
    ),
    setting(
        "budgets.run_usd",
        "RUN_BUDGET_USD",
        "Dollars that a run may spend, if neither it nor its executor has a budget; 0 is no bound",
        |s| &mut s.budgets.run,
    ),
    setting(
        "budgets.agent_day_usd",
        "AGENT_DAY_BUDGET_USD",
        "Dollars that an agent may spend in a day, in UTC; 0 is no bound",
        |s| &mut s.budgets.agent_day,
    ),
    setting(
        "budgets.project_month_usd",
        "PROJECT_MONTH_BUDGET_USD",
        "Dollars that all agents may spend in a month, in UTC; 0 is no bound",
        |s| &mut s.budgets.project_month,
    ),
    setting(
        "budgets.reservation_usd",
        "RUN_RESERVATION_USD",
        "Dollars set aside for a run without a budget: it starts if the other budgets have them left",
        |s| &mut s.budgets.reservation,
    ),
    setting(
        "worktrees.root",
        "WORKTREES_ROOT",
        "Folder of the work trees that runs have for themselves; unless set, beside the database",
        |s| &mut s.worktrees.root,
    )
    .when_confirmed(),
    setting(
        "worktrees.git_timeout_seconds",
        "WORKTREES_GIT_TIMEOUT_SECONDS",
        "Seconds until a command of git that does not end is ended",
        |s| &mut s.worktrees.git_timeout_seconds,
    ),
    setting(
        "limits.max_body_bytes",
        "MAX_BODY_BYTES",
        "Largest request body",
        |s| &mut s.limits.max_body_bytes,
    ),
    setting(
        "limits.max_connections",
        "MAX_CONNECTIONS",
        "Connections that are served at the same time",
        |s| &mut s.limits.max_connections,
    )
    .after_restart(),
    setting(
        "limits.request_timeout_seconds",
        "REQUEST_TIMEOUT_SECONDS",
        "Seconds until a request that is not a stream is given up",
        |s| &mut s.limits.request_timeout_seconds,
    ),
    setting(
        "limits.starts_per_minute",
        "STARTS_PER_MINUTE",
        "Runs that may be started in a minute; 0 is no bound",
        |s| &mut s.limits.starts_per_minute,
    ),
    setting(
        "log.level",
        "LOG_LEVEL",
        "Least serious messages that are logged: error, warn, info, debug or trace",
        |s| &mut s.log_level,
    )
    .flag("log-level"),
    setting(
        "log.format",
        "LOG_FORMAT",
        "text, or json with one object per line",
        |s| &mut s.log_format,
    )
    .flag("log-format")
    .after_restart(),
    file_only(
        "project.name",
        "Name of the project and of this instance of the service",
        |s| &mut s.project.name,
    )
    .after_restart(),
    file_only("project.title", "Title of the project", |s| {
        &mut s.project.title
    }),
    file_only("project.description", "What the project is", |s| {
        &mut s.project.description
    }),
    file_only("project.language", "Language of the project", |s| {
        &mut s.project.language
    }),
    file_only("project.framework", "Framework of the project", |s| {
        &mut s.project.framework
    }),
    file_only("project.package_manager", "Its package manager", |s| {
        &mut s.project.package_manager
    }),
    file_only(
        "project.env",
        "Variables of the service that its commands see as steps of workflows",
        |s| &mut s.project.env,
    )
    .when_confirmed(),
    file_only("project.commands.start", "Starts the project", |s| {
        &mut s.project.commands.start
    })
    .when_confirmed(),
    file_only("project.commands.test", "Runs its tests", |s| {
        &mut s.project.commands.test
    })
    .when_confirmed(),
    file_only("project.commands.lint", "Lints it", |s| {
        &mut s.project.commands.lint
    })
    .when_confirmed(),
    file_only("project.commands.format", "Formats it", |s| {
        &mut s.project.commands.format
    })
    .when_confirmed(),
    file_only("project.commands.type-check", "Checks its types", |s| {
        &mut s.project.commands.type_check
    })
    .when_confirmed(),
    file_only("project.commands.build", "Builds it", |s| {
        &mut s.project.commands.build
    })
    .when_confirmed(),
];
