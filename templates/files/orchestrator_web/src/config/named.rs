//! The tables of `orchestrator.toml` whose names are the user's: executors, their accounts, prices of
//! models, and budgets of agents.

use toml::de::{DeTable, DeValue};

use super::field::Field;
use super::file::File;
use crate::adapters::{Kind, Price};
use crate::budgets;
use crate::executors::{self, Account, Executor};
use crate::fault::Fault;
use crate::money::MicroUsd;

/// The keys of a table, each with the field that it sets.
pub(super) type Keys<T> = [(&'static str, for<'a> fn(&'a mut T) -> &'a mut dyn Field)];

/// What `[prices.models.NAME]` gives, in dollars for a million tokens.
#[derive(Default)]
struct Listed {
    input: Option<MicroUsd>,
    output: Option<MicroUsd>,
    cache_read: Option<MicroUsd>,
    cache_write: Option<MicroUsd>,
}

const PRICE_KEYS: &Keys<Listed> = &[
    ("input", |it| &mut it.input),
    ("output", |it| &mut it.output),
    ("cache_read", |it| &mut it.cache_read),
    ("cache_write", |it| &mut it.cache_write),
];

impl File {
    pub(super) fn take_executors(&mut self, text: &str, executors: &DeTable) -> Result<(), Fault> {
        for (name, value) in executors {
            let place = self.place(text, name.span().start);
            let name = name.get_ref().as_ref();
            let Some(table) = value.get_ref().as_table().filter(|_| is_name(name)) else {
                return Err(Fault::new(
                    format!("{place}: executors.{name} is not a table with a valid name"),
                    "write [executors.name], the name in lower case: letters, digits, _ and -",
                ));
            };
            let executor = self.executor(text, name, table, &place)?;
            self.executors.insert(name.to_owned(), executor);
        }
        Ok(())
    }

    /// The defaults depend on the kind, which is the name where none is given.
    fn executor(
        &self,
        text: &str,
        name: &str,
        table: &DeTable,
        place: &str,
    ) -> Result<Executor, Fault> {
        let subject = format!("executors.{name}");
        let mut executor = Executor::new(name.parse().unwrap_or(Kind::Command));
        if let Some(value) = table.get("kind") {
            let mut kind = executor.kind;
            self.set(text, &format!("{subject}.kind"), value, &mut kind)?;
            executor = Executor::new(kind);
        } else if name.parse::<Kind>().is_err() {
            return Err(Fault::new(
                format!("{place}: {subject} has no kind"),
                "add kind = \"claude\", \"codex\", \"gemini\", \"command\" or \"demo\"",
            ));
        }
        self.fill(text, &subject, table, (executors::KEYS, &[]), &mut executor)?;
        let is_built_in = executor.kind == Kind::Demo;
        if is_built_in != executor.program.is_empty() {
            let (wrong, hint) = if is_built_in {
                ("is built in and takes no program", "remove program")
            } else {
                (
                    "has no program",
                    "name it and its first arguments, such as program = [\"./agent\"]",
                )
            };
            return Err(Fault::new(format!("{place}: {subject} {wrong}"), hint));
        }
        // One that is found by its path, not by PATH: it starts at the file's folder as all paths do,
        // not in the work tree of the run.
        if let Some(program) = executor.program.first_mut().filter(|it| it.contains('/')) {
            let path = self.folder().join(&*program);
            *program = path.display().to_string();
        }
        Ok(executor)
    }

    pub(super) fn take_accounts(&mut self, text: &str, accounts: &DeTable) -> Result<(), Fault> {
        for (name, value) in accounts {
            let subject = format!("accounts.{}", name.get_ref());
            let Some(table) = value.get_ref().as_table() else {
                let place = self.place(text, name.span().start);
                let message = format!("{place}: {subject} is not a table");
                return Err(Fault::new(message, format!("write [{subject}]")));
            };
            let mut account = Account::default();
            self.fill(
                text,
                &subject,
                table,
                (executors::ACCOUNT_KEYS, &[]),
                &mut account,
            )?;
            self.accounts.insert(name.get_ref().to_string(), account);
        }
        Ok(())
    }

    /// An account that no executor spends is a misspelt one. Executors may stand below it in the file.
    pub(super) fn refuse_unused_accounts(&self, text: &str, root: &DeTable) -> Result<(), Fault> {
        let used = self.executors.accounts();
        let accounts = root.get("accounts").and_then(|it| it.get_ref().as_table());
        let mut names = accounts.into_iter().flatten().map(|(name, _)| name);
        let Some(name) = names.find(|name| !used.contains(name.get_ref().as_ref())) else {
            return Ok(());
        };
        let place = self.place(text, name.span().start);
        let used: Vec<_> = used.into_iter().collect();
        Err(Fault::new(
            format!(
                "{place}: accounts.{} is the account of no executor",
                name.get_ref()
            ),
            format!("the accounts of the executors are {}", used.join(", ")),
        ))
    }

    pub(super) fn take_prices(&mut self, text: &str, prices: &DeTable) -> Result<(), Fault> {
        for (key, value) in prices {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("models", DeValue::Table(models)) => self.take_models(text, models)?,
                ("version", _) => {
                    let mut version = String::new();
                    self.set(text, "prices.version", value, &mut version)?;
                    self.prices.version = version;
                }
                (name, _) => {
                    let place = self.place(text, key.span().start);
                    return Err(Fault::new(
                        format!("{place}: unknown key prices.{name}"),
                        "write prices.version, and tables [prices.models.NAME]",
                    ));
                }
            }
        }
        Ok(())
    }

    fn take_models(&mut self, text: &str, models: &DeTable) -> Result<(), Fault> {
        for (name, value) in models {
            let subject = format!("prices.models.{}", name.get_ref());
            let mut listed = Listed::default();
            if let Some(table) = value.get_ref().as_table() {
                self.fill(text, &subject, table, (PRICE_KEYS, &[]), &mut listed)?;
            }
            let (Some(input), Some(output)) = (listed.input, listed.output) else {
                let place = self.place(text, name.span().start);
                return Err(Fault::new(
                    format!("{place}: {subject} lacks a price"),
                    "give input and output, in dollars for a million tokens",
                ));
            };
            let price = Price {
                input,
                output,
                cache_read: listed.cache_read.unwrap_or(input),
                cache_write: listed.cache_write.unwrap_or(input),
            };
            self.prices.models.insert(name.get_ref().to_string(), price);
        }
        Ok(())
    }

    pub(super) fn take_agent_budgets(&mut self, text: &str, agents: &DeTable) -> Result<(), Fault> {
        for (name, value) in agents {
            let place = self.place(text, name.span().start);
            let subject = format!("budgets.agents.{}", name.get_ref());
            let mut given = budgets::OfAgent::default();
            if let Some(table) = value.get_ref().as_table() {
                self.fill(text, &subject, table, (budgets::KEYS, &[]), &mut given)?;
            }
            let Some(day) = given.day else {
                return Err(Fault::new(
                    format!("{place}: {subject} lacks a budget"),
                    "give day_usd, what the agent may spend in a day; 0 is no bound",
                ));
            };
            let key = name.get_ref().to_lowercase();
            if self.agent_budgets.insert(key, day).is_some() {
                return Err(Fault::new(
                    format!("{place}: {subject} is given twice"),
                    "agents' names are the same in capitals and small letters; keep one",
                ));
            }
        }
        Ok(())
    }

    /// Sets the fields that the table gives, but for those of the `others` that the caller reads.
    pub(super) fn fill<T>(
        &self,
        text: &str,
        subject: &str,
        table: &DeTable,
        (keys, others): (&Keys<T>, &[&str]),
        target: &mut T,
    ) -> Result<(), Fault> {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if others.contains(&name) {
                continue;
            }
            let Some((_, field)) = keys.iter().find(|(known, _)| *known == name) else {
                let place = self.place(text, key.span().start);
                let message = format!("{place}: unknown key {subject}.{name}");
                let known = keys.iter().map(|(known, _)| known).chain(others);
                return Err(Fault::new(message, hint(name, &known.collect::<Vec<_>>())));
            };
            self.set(text, &format!("{subject}.{name}"), value, field(target))?;
        }
        Ok(())
    }
}

pub(super) fn is_name(name: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.bytes().next().is_some_and(is_letter)
        && name.bytes().all(|b| is_letter(b) || b"_-".contains(&b))
}

fn hint(name: &str, keys: &[&&str]) -> String {
    let distance = |known: &str| strsim::damerau_levenshtein(known, name);
    let alike = keys
        .iter()
        .filter(|known| distance(known) <= known.len() / 2);
    if let Some(known) = alike.min_by_key(|known| distance(known)) {
        return format!("the nearest known key is {known}");
    }
    let keys: Vec<_> = keys.iter().map(|known| **known).collect();
    format!("the keys of this table are {}", keys.join(", "))
}
