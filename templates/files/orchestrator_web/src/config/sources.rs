//! The places a value may come from, strongest first: flags, the environment, `.env`, `orchestrator.toml`.

use std::collections::BTreeMap;
use std::env::{self, VarError};
use std::fmt;
use std::path::{Path, PathBuf};

use super::field::Given;
use super::file::File;
use super::table::Setting;
use crate::fault::{Fault, read_text};

/// What the command line gives.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`: the `orchestrator.toml` to read, instead of a search for one.
    pub config: Option<PathBuf>,
    /// Values by the name of their flag.
    pub values: BTreeMap<&'static str, String>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Flag(&'static str),
    Environment(&'static str),
    /// The file `.env` in the working directory.
    DotEnv(&'static str),
    /// Line and column count from one.
    File {
        path: PathBuf,
        line: usize,
        column: usize,
    },
    Default,
}

impl Source {
    pub fn is_default(&self) -> bool {
        *self == Self::Default
    }

    /// Whether `other` would win over this one.
    pub fn is_weaker_than(&self, other: &Self) -> bool {
        let rank = |source: &Self| match source {
            Self::Flag(_) => 0,
            Self::Environment(_) => 1,
            Self::DotEnv(_) => 2,
            Self::File { .. } => 3,
            Self::Default => 4,
        };
        rank(other) < rank(self)
    }

    /// Names the setting in a message, as it is called in this source, and says where that is.
    pub fn subject(&self, setting: &Setting) -> String {
        match self {
            Self::Flag(flag) => format!("--{flag}"),
            Self::Environment(env) => format!("{env} in the environment"),
            Self::DotEnv(env) => format!("{env} in .env"),
            Self::File { path, line, column } => {
                format!("{}:{line}:{column}: {}", path.display(), setting.name())
            }
            Self::Default => setting.name().to_owned(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "flag --{flag}"),
            Self::Environment(env) => write!(formatter, "environment {env}"),
            Self::DotEnv(env) => write!(formatter, ".env {env}"),
            Self::File { path, line, .. } => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                write!(formatter, "{} line {line}", name.display())
            }
            Self::Default => formatter.write_str("default"),
        }
    }
}

pub(super) struct Sources {
    flags: BTreeMap<&'static str, String>,
    dotenv: BTreeMap<String, String>,
    pub file: Option<File>,
}

impl Sources {
    pub fn read(flags: Flags) -> Result<Self, Fault> {
        // An empty variable counts as absent, here as everywhere.
        let named = flags
            .config
            .or_else(|| env::var_os("ORCHESTRATOR_CONFIG").map(PathBuf::from))
            .filter(|path| !path.as_os_str().is_empty());
        let path = match named {
            Some(path) => Some(path),
            None => File::search()?,
        };
        Ok(Self {
            flags: flags.values,
            dotenv: read_dotenv(Path::new(".env"))?,
            file: path.map(File::read).transpose()?,
        })
    }

    /// The strongest source that gives the setting.
    pub fn find(&self, setting: &Setting) -> Result<Option<(Source, Given)>, Fault> {
        if let Some(flag) = setting.flag
            && let Some(word) = self.flags.get(flag)
        {
            return Ok(Some((Source::Flag(flag), Given::Word(word.clone()))));
        }
        if let Some(env) = setting.env {
            if let Some(word) = variable(env)? {
                return Ok(Some((Source::Environment(env), Given::Word(word))));
            }
            if let Some(word) = self.dotenv.get(env).filter(|word| !word.is_empty()) {
                return Ok(Some((Source::DotEnv(env), Given::Word(word.clone()))));
            }
        }
        let (Some(file), Some(key)) = (&self.file, setting.key) else {
            return Ok(None);
        };
        Ok(file.values.get(key).cloned())
    }
}

fn variable(name: &str) -> Result<Option<String>, Fault> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Fault::new(
            format!("{name} in the environment is not valid UTF-8"),
            "set it to UTF-8 text",
        )),
    }
}

/// The variables of the file, the last of equal names; none where there is no file.
fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, Fault> {
    if path.symlink_metadata().is_err() {
        return Ok(BTreeMap::new());
    }
    // The reader wants a line's end even after the last line.
    let text = read_text(path)? + "\n";
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    dotenvy::Iter::new(text.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| {
            // Only the place: the line may hold a secret.
            let place = match &error {
                dotenvy::Error::LineParse(part, _) => text.find(part.as_str()).unwrap_or(0),
                _ => 0,
            };
            let line = text[..place].matches('\n').count() + 1;
            Fault::new(
                format!("{}:{line}: not of the form NAME=value", path.display()),
                "put a value with spaces or a $ in single quotes, and a # before a comment",
            )
        })
}
