//! Everything that a template set wants to know: what was given, checked; what was not, asked or derived.

pub mod ask;
mod checks;
pub mod commands;
pub mod given;
pub mod names;
mod options;
pub mod stacks;

use std::collections::BTreeMap;

use clap::ValueEnum;
use toml::Value;

use self::ask::{Ask, Check};
use self::given::{Given, unknown};
use self::names::Name;
use self::stacks::{Framework, Language, PackageManager, Stack};
use crate::render::Choices;
use crate::templates::{Manifest, TemplateSet};
use crate::{Error, Result};

const PORT: u16 = 8000;
const UI_PORT: u16 = 5173;

/// Answers every question of the set: from `given`, else from `ask`, which is offered a default that follows
/// from the answers before it.
pub fn resolve(
    name: &Name,
    given: &Given,
    set: &TemplateSet,
    ask: &mut dyn Ask,
) -> Result<Choices> {
    let manifest = &set.manifest;
    check_given(given, manifest)?;
    let mut form = Form {
        manifest,
        given,
        ask,
        answers: BTreeMap::new(),
    };
    if form.asks_for("name") {
        form.answers.insert("name".into(), name.as_str().into());
    }

    let title = form.text("title", "Title", name.title(), &checks::title)?;
    let description = format!("Agent orchestrator of {title}");
    form.text(
        "description",
        "Description",
        description,
        &checks::description,
    )?;
    form.stack()?;
    let port = form.port("port", "Port of the service", PORT)?;
    let ui_port = form.port(
        "ui_port",
        "Port of the web interface in development",
        UI_PORT,
    )?;
    if port == ui_port && form.asks_for("ui_port") {
        return Err(Error::new(
            format!("port {port} is both the service's and the web interface's"),
            "give one of them another: `--port` or `--ui-port`",
        ));
    }
    form.origins(ui_port);
    for key in manifest.answers.keys() {
        form.own(key)?;
    }
    let options = options::resolve(given, manifest, form.ask)?;
    Ok(Choices {
        answers: form.answers,
        options,
    })
}

/// Refuses what the set does not ask for, and what does not hold.
fn check_given(given: &Given, manifest: &Manifest) -> Result<()> {
    for (key, answer) in &given.answers {
        let checked = match manifest.answers.get(key) {
            Some(spec) => spec
                .check(key, &answer.value)
                .and_then(|()| checks::check(key, &answer.value)),
            // Every project has a name, whether or not the templates make use of it.
            None if key == "name" => checks::check(key, &answer.value),
            None => {
                let known = manifest.answers.keys().map(String::as_str);
                let known = known.chain(["options", "with", "without"]);
                Err(unknown("answer of the template set", key, known))
            }
        };
        checked.map_err(|error| error.within(&answer.place))?;
    }
    Ok(())
}

/// The answers so far, and where the next ones come from.
struct Form<'a> {
    manifest: &'a Manifest,
    given: &'a Given,
    ask: &'a mut dyn Ask,
    answers: BTreeMap<String, Value>,
}

impl Form<'_> {
    fn asks_for(&self, key: &str) -> bool {
        self.manifest.answers.contains_key(key)
    }

    /// What was given, which has been checked.
    fn given(&self, key: &str) -> Option<&Value> {
        self.given.answers.get(key).map(|answer| &answer.value)
    }

    fn default(&self, key: &str) -> Option<&Value> {
        self.manifest
            .answers
            .get(key)
            .and_then(|spec| spec.default.as_ref())
    }

    fn text(&mut self, key: &str, question: &str, derived: String, check: Check) -> Result<String> {
        let text = match self.given(key).and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None if !self.asks_for(key) => return Ok(derived),
            None => {
                let default = self.default(key).and_then(Value::as_str).map(str::to_owned);
                self.ask.text(question, default.unwrap_or(derived), check)?
            }
        };
        self.answers.insert(key.into(), text.clone().into());
        Ok(text)
    }

    fn port(&mut self, key: &str, question: &str, usual: u16) -> Result<u16> {
        let number = |value: &Value| {
            value
                .as_integer()
                .and_then(|number| u16::try_from(number).ok())
        };
        let port = match self.given(key).and_then(number) {
            Some(port) => port,
            None if !self.asks_for(key) => return Ok(usual),
            None => {
                let default = self.default(key).and_then(number).unwrap_or(usual);
                let check = |text: &str| checks::port(text).map(drop);
                checks::port(&self.ask.text(question, default.to_string(), &check)?)?
            }
        };
        self.answers.insert(key.into(), i64::from(port).into());
        Ok(port)
    }

    /// Language, framework, package manager, and the commands that they imply.
    fn stack(&mut self) -> Result<()> {
        if !self.asks_for("language") {
            return Ok(());
        }
        let language: Option<Language> = self.word("language");
        let framework: Option<Framework> = self.word("framework");
        let manager: Option<PackageManager> = self.word("package_manager");

        let mut stack = Stack::infer(language, framework, manager)?;
        if language.is_none() && framework.is_none() && manager.is_none() {
            let question = "Language of the project whose agents it runs";
            stack.language = self.choose(question, Language::value_variants(), Language::None)?;
        }
        if framework.is_none() {
            stack.framework =
                self.choose("Framework", stack.language.frameworks(), Framework::None)?;
        }
        if manager.is_none() {
            let managers = stack.language.package_managers();
            stack.package_manager = self.choose("Package manager", managers, managers[0])?;
        }

        self.answers
            .insert("language".into(), stacks::id(&stack.language).into());
        self.answers
            .insert("framework".into(), stacks::id(&stack.framework).into());
        self.answers.insert(
            "package_manager".into(),
            stacks::id(&stack.package_manager).into(),
        );
        self.answers.insert("commands".into(), self.commands(stack));
        Ok(())
    }

    /// A word that was given, which has been checked.
    fn word<T: ValueEnum>(&self, key: &str) -> Option<T> {
        T::from_str(self.given(key)?.as_str()?, false).ok()
    }

    fn choose<T: ValueEnum + PartialEq + Copy>(
        &mut self,
        question: &str,
        of: &[T],
        default: T,
    ) -> Result<T> {
        let Some(default) = of
            .iter()
            .position(|one| *one == default)
            .filter(|_| of.len() > 1)
        else {
            return Ok(of[0]);
        };
        let words: Vec<String> = of.iter().map(stacks::id).collect();
        Ok(of[self.ask.one(question, &words, default)?])
    }

    /// The usual commands of the stack, those that were given in their place.
    fn commands(&self, stack: Stack) -> Value {
        let given = self.given("commands").and_then(Value::as_table);
        let command = |name: &str| match given.and_then(|table| table.get(name)) {
            Some(argv) => argv.clone(),
            None => Value::Array(
                commands::usual(stack, name)
                    .into_iter()
                    .map(Value::String)
                    .collect(),
            ),
        };
        Value::Table(
            commands::NAMES
                .iter()
                .map(|name| ((*name).to_owned(), command(name)))
                .collect(),
        )
    }

    /// The origins of the web interface, which are never asked for.
    fn origins(&mut self, ui_port: u16) {
        if self.asks_for("cors_origins") {
            let origins =
                ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{ui_port}").into());
            let origins = self
                .given("cors_origins")
                .cloned()
                .unwrap_or(Value::Array(origins.into()));
            self.answers.insert("cors_origins".into(), origins);
        }
    }

    /// An answer that only this template set knows.
    fn own(&mut self, key: &str) -> Result<()> {
        if self.answers.contains_key(key) {
            return Ok(());
        }
        let value = self
            .given(key)
            .or(self.default(key))
            .cloned()
            .ok_or_else(|| {
                Error::new(
                    format!("the template set asks for `{key}`, which has no default"),
                    format!("give it in a file: `--answers FILE` with a line `{key} = …`"),
                )
            })?;
        self.answers.insert(key.into(), value);
        Ok(())
    }
}
