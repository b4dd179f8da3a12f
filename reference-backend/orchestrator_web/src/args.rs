//! The command line. Flags of settings come from the table of settings.

use std::path::PathBuf;

use clap::{
    Arg, ArgMatches, Args, Command, CommandFactory as _, FromArgMatches, Parser, Subcommand,
};
use orchestrator::cli;
use orchestrator::config::{Flags, SETTINGS, Setting};
use serde_json::Value;

/// Runs the agent orchestrator: a service that knows agents, keeps what they do, and shows it live.
///
/// Every setting has a flag, a variable or a key in orchestrator.toml, listed below. A flag beats the
/// environment, which beats the file .env in the working directory, which beats orchestrator.toml, which
/// is looked for in the working directory and the folders above it. `orchestrator_web config` shows each
/// value in use and where it came from.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", settings()))]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Option<Action>,
    #[command(flatten)]
    pub flags: GivenFlags,
}

#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Serve until SIGTERM or Ctrl-C; this is what happens without a command
    Serve {
        /// End the agents that run when the service stops, instead of leaving them to the next start
        #[arg(long)]
        stop_agents: bool,
    },
    /// Print each setting, its value and where it came from
    Config {
        /// Print a JSON document
        #[arg(long)]
        json: bool,
    },
    /// Copy the database to FILE while the service runs, and verify the copy
    Backup {
        /// The copy; it must not exist yet
        file: PathBuf,
    },
    /// Put the copy FILE in the place of the database; the service must not run
    Restore {
        /// A copy that `backup` made
        file: PathBuf,
    },
    #[command(flatten)]
    Ask(cli::Command),
    /// Ask the running service for a code with which a browser can log in, once
    Login,
    /// Ask the running service for its health: exit status 0 if it is well, 1 if not
    Health,
    /// Print what completes this command's words in a shell: bash, zsh, fish, elvish or powershell
    Completions { shell: clap_complete::Shell },
    /// Watch over the one agent whose files lie in DIR; the service starts this
    #[command(hide = true)]
    Shim {
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Act as an agent that does what its prompt says; the executor `demo` starts this
    #[command(hide = true)]
    DemoAgent {
        /// What agents are given beside their prompt; it is taken and not heeded
        #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
        others: Vec<String>,
    },
}

impl Action {
    /// What happens without a command.
    pub const SERVE: Self = Self::Serve { stop_agents: false };
}

const EXAMPLES: &str = "\
Examples:
  orchestrator_web                          serve with the settings in force
  orchestrator_web --port 9000              the same on another port
  WEBSOCKET_PORT=9000 orchestrator_web      the same by a variable
  orchestrator_web config                   every setting and its source
  orchestrator_web run demo \"say Hello.\" --follow
                                            run the agent demo, while the service runs
  orchestrator_web backup /backups/today.db";

/// Flags that settings have, and `--config`.
#[derive(Debug)]
pub struct GivenFlags(pub Flags);

impl Args for GivenFlags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("The orchestrator.toml to read, instead of looking for one [env: ORCHESTRATOR_CONFIG]")
            .global(true);
        SETTINGS
            .iter()
            .filter_map(|setting| Some((setting.flag?, setting)))
            .map(|(flag, setting)| {
                let notes = [
                    setting.env.map(|env| format!(" [env: {env}]")),
                    shown_default(setting).map(|default| format!(" [default: {default}]")),
                ];
                Arg::new(flag)
                    .long(flag)
                    .value_name("VALUE")
                    .help(setting.help.to_owned() + &notes.map(Option::unwrap_or_default).concat())
                    .global(true)
            })
            .fold(command.arg(config), Command::arg)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for GivenFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let values = SETTINGS.iter().filter_map(|setting| setting.flag);
        Ok(Self(Flags {
            config: matches.get_one("config").cloned(),
            values: values
                .filter_map(|flag| Some((flag, matches.get_one::<String>(flag)?.clone())))
                .collect(),
        }))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// What a shell reads to complete the words of this program.
pub fn completions(shell: clap_complete::Shell) -> String {
    let mut text = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(shell, &mut command, "orchestrator_web", &mut text);
    String::from_utf8(text).expect("names and words are text")
}

/// The list at the end of `--help`.
fn settings() -> String {
    let rows = SETTINGS.iter().map(|setting| {
        let default = shown_default(setting).map(|default| format!("default {default}"));
        let names = [setting.env, setting.key, default.as_deref()];
        let names: Vec<_> = names.into_iter().flatten().collect();
        format!("  {}\n      {}\n", names.join(", "), setting.help)
    });
    let head = "Settings, by variable and by key in orchestrator.toml:\n";
    let foot = "orchestrator.toml may also hold tables [executors.NAME], what runs agents, and [prices],\n\
                what models cost.";
    format!("{head}{}{foot}", rows.collect::<String>())
}

/// The default as one would write it in a variable.
fn shown_default(setting: &Setting) -> Option<String> {
    match setting.default() {
        Value::Null => None,
        Value::String(text) => Some(text).filter(|text| !text.is_empty()),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            Some(items.join(","))
        }
        other => Some(other.to_string()),
    }
}
