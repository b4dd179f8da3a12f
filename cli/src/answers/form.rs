//! The answers of one project, taken down one after the other.

use std::collections::BTreeMap;

use clap::ValueEnum;
use toml::{Table, Value};

use super::ask::Ask;
use super::checks::word;
use super::given::Given;
use super::stacks::{self, Framework, Language, PackageManager, Stack};
use super::{checks, commands};
use crate::templates::Manifest;
use crate::{Error, Result};

/// The answers so far, and where the next ones come from: what was given, else what is asked or follows. Only what
/// the set asks for becomes an answer.
pub(super) struct Form<'a> {
    manifest: &'a Manifest,
    given: &'a Given,
    ask: &'a mut dyn Ask,
    pub(super) answers: BTreeMap<String, Value>,
}

impl<'a> Form<'a> {
    pub(super) fn new(manifest: &'a Manifest, given: &'a Given, ask: &'a mut dyn Ask) -> Self {
        Self {
            manifest,
            given,
            ask,
            answers: BTreeMap::new(),
        }
    }

    pub(super) fn put(&mut self, key: &str, value: impl Into<Value>) {
        if self.asks_for(key) {
            self.answers.insert(key.to_owned(), value.into());
        }
    }

    fn asks_for(&self, key: &str) -> bool {
        self.manifest.answers.contains_key(key)
    }

    /// What was given, which has been checked.
    fn given(&self, key: &str) -> Option<&'a Value> {
        self.given.answers.get(key).map(|answer| &answer.value)
    }

    /// What the set takes where nothing is given; it has been checked too.
    fn default(&self, key: &str) -> Option<&'a Value> {
        self.manifest.answers.get(key)?.default.as_ref()
    }

    /// The given table over the default one.
    fn table(&self, key: &str) -> Table {
        let tables = [self.default(key), self.given(key)].into_iter().flatten();
        let entries = tables.filter_map(Value::as_table).flatten();
        entries
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    pub(super) fn text(&mut self, key: &str, question: &str, derived: String) -> Result<String> {
        let Some(spec) = self.manifest.answers.get(key) else {
            return Ok(derived);
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let text = if let Some(text) = self.given(key).and_then(text) {
            text
        } else {
            let default = self.default(key).and_then(text).unwrap_or(derived);
            let check = |text: &str| {
                let value = Value::from(text);
                spec.check(key, &value)?;
                checks::check(key, &value)
            };
            self.ask.text(question, default, &check)?
        };
        self.put(key, text.as_str());
        Ok(text)
    }

    pub(super) fn port(&mut self, key: &str, question: &str, usual: u16) -> Result<u16> {
        let number = |value: &Value| u16::try_from(value.as_integer()?).ok();
        let port = if let Some(port) = self.given(key).and_then(number) {
            port
        } else {
            let default = self.default(key).and_then(number).unwrap_or(usual);
            if !self.asks_for(key) {
                return Ok(default);
            }
            let check = |text: &str| checks::port(text).map(drop);
            checks::port(&self.ask.text(question, default.to_string(), &check)?)?
        };
        self.put(key, i64::from(port));
        Ok(port)
    }

    /// Language, framework, package manager, and the commands that they imply.
    pub(super) fn stack(&mut self) -> Result<()> {
        let language = word(self.given("language"));
        let framework = word(self.given("framework"));
        let manager = word(self.given("package_manager"));

        let mut stack = self.infer(language, framework, manager)?;
        if language.is_none() && framework.is_none() && manager.is_none() {
            let question = "Language of the project whose agents it runs";
            let chosen = self.choose(
                "language",
                question,
                Language::value_variants(),
                stack.language,
            )?;
            stack = self.infer(Some(chosen), None, None)?;
        }
        if framework.is_none() {
            let of = stack.language.frameworks();
            stack.framework = self.choose("framework", "Framework", of, stack.framework)?;
        }
        if manager.is_none() {
            let of = stack.language.package_managers();
            stack.package_manager = self.choose(
                "package_manager",
                "Package manager",
                of,
                stack.package_manager,
            )?;
        }

        self.put("language", stacks::id(&stack.language));
        self.put("framework", stacks::id(&stack.framework));
        self.put("package_manager", stacks::id(&stack.package_manager));
        let mut commands = self.table("commands");
        for name in commands::NAMES {
            let usual = || commands::usual(stack, name).into();
            commands.entry(name).or_insert_with(usual);
        }
        self.put("commands", commands);
        Ok(())
    }

    /// The stack of what is given. A default of the set that does not go with it gives way to what follows from it.
    fn infer(
        &self,
        language: Option<Language>,
        framework: Option<Framework>,
        manager: Option<PackageManager>,
    ) -> Result<Stack> {
        let with_defaults = Stack::infer(
            language.or(word(self.default("language"))),
            framework.or(word(self.default("framework"))),
            manager.or(word(self.default("package_manager"))),
        );
        with_defaults.or_else(|_| Stack::infer(language, framework, manager))
    }

    /// One of `of`, by its question where the set asks for it and there is a choice.
    fn choose<T: ValueEnum + PartialEq + Copy>(
        &mut self,
        key: &str,
        question: &str,
        of: &[T],
        default: T,
    ) -> Result<T> {
        let place = of.iter().position(|one| *one == default);
        let Some(place) = place.filter(|_| of.len() > 1 && self.asks_for(key)) else {
            return Ok(default);
        };
        let words: Vec<String> = of.iter().map(stacks::id).collect();
        Ok(of[self.ask.one(question, &words, place)?])
    }

    /// The origins of the web interface, which are never asked for.
    pub(super) fn origins(&mut self, ui_port: u16) {
        let key = "cors_origins";
        let usual = || {
            let hosts = ["localhost", "127.0.0.1"];
            Vec::from(hosts.map(|host| format!("http://{host}:{ui_port}"))).into()
        };
        let origins = self.given(key).or(self.default(key)).cloned();
        self.put(key, origins.unwrap_or_else(usual));
    }

    /// An answer that only this template set knows.
    pub(super) fn own(&mut self, key: &str) -> Result<()> {
        if self.answers.contains_key(key) {
            return Ok(());
        }
        let value = match self.given(key).or(self.default(key)) {
            Some(Value::Table(_)) => self.table(key).into(),
            Some(value) => value.clone(),
            None => {
                return Err(Error::new(
                    format!("the template set asks for `{key}`, which has no default"),
                    format!(
                        "give it: to `new` in a file, `--answers FILE` with a line `{key} = …`; to `upgrade` as `--set {key}=…`"
                    ),
                ));
            }
        };
        self.put(key, value);
        Ok(())
    }
}
