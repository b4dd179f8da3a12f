//! Everything that a template set wants to know: what was given, checked; what was not, asked or derived.

pub mod again;
pub mod ask;
mod checks;
pub mod commands;
mod form;
pub mod given;
pub mod names;
mod options;
pub mod stacks;

use std::collections::BTreeMap;

use toml::Value;

pub(crate) use self::checks::{check_specs, keys, kind};

use self::ask::Ask;
use self::form::Form;
use self::given::Given;
use self::names::Name;
use crate::error::unknown;
use crate::render::Choices;
use crate::templates::{Manifest, TemplateSet};
use crate::{Error, Result};

/// The service's port where no other was chosen.
pub const PORT: u16 = 8000;
const UI_PORT: u16 = 5173;

/// Answers every question of the set: from `given`, else from `ask`, which is offered the set's default, else one
/// that follows from the answers before it.
pub fn resolve(
    name: &Name,
    given: &Given,
    set: &TemplateSet,
    ask: &mut dyn Ask,
) -> Result<Choices> {
    let manifest = &set.manifest;
    check_given(given, manifest)?;
    let mut form = Form::new(manifest, given, ask);
    form.put("name", name.as_str());
    let title = form.text("title", "Title", name.title())?;
    let description = format!("Agent orchestrator of {title}");
    form.text("description", "Description", description)?;
    form.stack()?;
    let port = form.port("port", "Port of the service", PORT)?;
    let question = "Port of the web interface in development";
    let ui_port = form.port("ui_port", question, UI_PORT)?;
    if port == ui_port && manifest.answers.contains_key("ui_port") {
        return Err(Error::new(
            format!("port {port} is both the service's and the web interface's"),
            "give one of them another: `--port` or `--ui-port`",
        ));
    }
    form.origins(ui_port);
    for key in manifest.answers.keys() {
        form.own(key)?;
    }
    let answers = form.answers;
    let options = options::resolve(given, manifest, ask)?;
    Ok(Choices { answers, options })
}

/// The service's port among `answers`.
pub fn port(answers: &BTreeMap<String, Value>) -> u16 {
    let port = answers.get("port").and_then(Value::as_integer);
    port.and_then(|port| u16::try_from(port).ok())
        .unwrap_or(PORT)
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
