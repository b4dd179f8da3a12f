//! `orchestrator.toml`: found, read, and held against the table, each value with its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::field::{Field, Given};
use super::sections::SECTIONS;
use super::sources::Source;
use super::table::SETTINGS;
use crate::adapters::Prices;
// tac:if dashboard
use crate::dashboard::embeds::Embed;
// tac:end
use crate::executors::{Account, Executors};
use crate::fault::{Fault, read_text, reason};
use crate::money::MicroUsd;
use crate::workflows::definition::Definitions;

const NAME: &str = "orchestrator.toml";

pub(super) struct File {
    pub path: PathBuf,
    /// By dotted key.
    pub values: BTreeMap<String, (Source, Given)>,
    pub executors: Executors,
    pub accounts: BTreeMap<String, Account>,
    pub prices: Prices,
    /// `[budgets.agents]`, by the agent's name in lower case.
    pub agent_budgets: BTreeMap<String, MicroUsd>,
    pub workflows: Definitions,
    // tac:if dashboard
    pub embeds: BTreeMap<String, Embed>,
    // tac:end
}

impl File {
    /// The nearest `orchestrator.toml`, from the working directory upward.
    pub fn search() -> Result<Option<PathBuf>, Fault> {
        let start = std::env::current_dir().map_err(|error| {
            Fault::new(
                format!("cannot tell the working directory: {}", reason(&error)),
                "change to a directory that exists",
            )
        })?;
        Ok(start
            .ancestors()
            .map(|folder| folder.join(NAME))
            .find(|path| path.symlink_metadata().is_ok()))
    }

    pub fn read(path: PathBuf) -> Result<Self, Fault> {
        let text = read_text(&path)?;
        let document = DeTable::parse(&text).map_err(|error| {
            let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
            Fault::new(
                format!("{}:{line}:{column}: {}", path.display(), error.message()),
                "the file must be TOML, see https://toml.io",
            )
        })?;
        let mut file = Self {
            path,
            values: BTreeMap::new(),
            executors: Executors::default(),
            accounts: BTreeMap::new(),
            prices: Prices::default(),
            agent_budgets: BTreeMap::new(),
            workflows: Definitions::default(),
            // tac:if dashboard
            embeds: BTreeMap::new(),
            // tac:end
        };
        file.take(&text, "", document.get_ref())?;
        file.refuse_unused_accounts(&text, document.get_ref())?;
        if let Some(DeValue::Table(workflows)) =
            document.get_ref().get("workflows").map(Spanned::get_ref)
        {
            file.take_workflows(&text, workflows)?;
        }
        Ok(file)
    }

    /// Takes the values of a table, in the order of the file.
    fn take(&mut self, text: &str, prefix: &str, table: &DeTable) -> Result<(), Fault> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (name, value) in entries {
            let key = format!("{prefix}{}", name.get_ref());
            match value.get_ref() {
                DeValue::Table(executors) if key == "executors" => {
                    self.take_executors(text, executors)?;
                }
                DeValue::Table(accounts) if key == "accounts" => {
                    self.take_accounts(text, accounts)?;
                }
                DeValue::Table(prices) if key == "prices" => self.take_prices(text, prices)?,
                DeValue::Table(agents) if key == "budgets.agents" => {
                    self.take_agent_budgets(text, agents)?;
                }
                // tac:if dashboard
                DeValue::Table(embeds) if key == "dashboard.embeds" => {
                    self.take_embeds(text, embeds)?;
                }
                // tac:end
                // When all else is read: they name executors.
                DeValue::Table(_) if key == "workflows" => {}
                DeValue::Table(table) if sections().any(|known| known == key) => {
                    self.take(text, &format!("{key}."), table)?;
                }
                _ if keys().any(|known| known == key) => {
                    let value = self.value(text, value.get_ref(), value.span());
                    self.values.insert(key, value);
                }
                _ => return Err(self.unknown(text, &key, name.span().start)),
            }
        }
        Ok(())
    }

    fn value(&self, text: &str, value: &DeValue, span: Range<usize>) -> (Source, Given) {
        let (line, column) = position(text, span.start);
        let path = self.path.clone();
        let given = Given::Toml {
            value: value.into(),
            written: text[span].to_owned(),
            folder: self.folder().to_owned(),
        };
        (Source::File { path, line, column }, given)
    }

    /// Sets a field of a table whose name is the user's; `subject` is the key in full.
    pub fn set(
        &self,
        text: &str,
        subject: &str,
        value: &Spanned<DeValue>,
        field: &mut dyn Field,
    ) -> Result<(), Fault> {
        let (_, given) = self.value(text, value.get_ref(), value.span());
        field.set(&given).map_err(|wrong| {
            let place = self.place(text, value.span().start);
            Fault::new(
                format!("{place}: {subject} {wrong}"),
                "correct it, or remove it for the default",
            )
        })
    }

    /// `orchestrator.toml:3:1`
    pub fn place(&self, text: &str, byte: usize) -> String {
        let (line, column) = position(text, byte);
        format!("{}:{line}:{column}", self.path.display())
    }

    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    fn unknown(&self, text: &str, key: &str, start: usize) -> Fault {
        let place = self.place(text, start);
        let mut tables = sections().chain(SECTIONS.iter().map(|it| it.name));
        if tables.any(|table| table == key) {
            let message = format!("{place}: {key} is not a table");
            return Fault::new(message, format!("write [{key}], and its keys below"));
        }
        let hint = match nearest(key) {
            _ if key == "server.token" => {
                "this file is shared; set ORCHESTRATOR_TOKEN, or name a file in server.token_file"
                    .to_owned()
            }
            Some(known) => format!("the nearest known key is {known}"),
            None => "`orchestrator_web --help` lists the keys".to_owned(),
        };
        Fault::new(format!("{place}: unknown key {key}"), hint)
    }
}

pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().filter_map(|setting| setting.key)
}

/// `server` of `server.port`, `project.commands` of `project.commands.start`, `project`.
fn sections() -> impl Iterator<Item = &'static str> {
    let tables = SECTIONS.iter().map(|it| it.name);
    keys()
        .chain(tables)
        .filter_map(|key| key.rsplit_once('.').map(|(section, _)| section))
}

/// The known key or section whose last part reads most like that of `key`; `None` if none is like it.
fn nearest(key: &str) -> Option<&'static str> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let distance = |known: &str| strsim::damerau_levenshtein(&last(known), &last(key));
    let alike = |known: &&str| distance(known) <= last(known).len() / 2;
    keys()
        .chain(sections())
        .filter(alike)
        .min_by_key(|known| (distance(known), strsim::damerau_levenshtein(known, key)))
}

/// Line and column, from one, of a byte of the text.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..byte];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}
