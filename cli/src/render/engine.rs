//! The template language: tera with delimiters that source files do not use, and our own filters.

use std::collections::BTreeSet;

use tera::{Delimiters, Kwargs, State, Tera, TeraResult};

use super::formats::Format;
use super::mentions;
use crate::error::Context as _;
use crate::templates::TemplateSet;
use crate::{Error, Result};

/// Every template of `set`, parsed, by the path that it is rendered to.
pub(super) fn engine(set: &TemplateSet) -> Result<Tera> {
    let mut tera = Tera::new();
    tera.autoescape_on(Vec::<&str>::new());
    tera.set_delimiters(Delimiters {
        block_start: "<%".into(),
        block_end: "%>".into(),
        variable_start: "<@".into(),
        variable_end: "@>".into(),
        comment_start: "<~".into(),
        comment_end: "~>".into(),
    })
    .expect("the delimiters are two bytes each, and all different");
    for format in Format::ALL {
        tera.register_filter(
            format.name(),
            move |value: tera::Value, _: Kwargs, _: &State| filter(format, &value),
        );
    }
    for (path, source) in set.files.iter().filter(|(_, source)| source.is_template) {
        let text = std::str::from_utf8(source.file.bytes()).context(
            format_args!("read the template {}", source.stored),
            "a template is UTF-8; without `.tera` the file is copied as it is",
        )?;
        mentions::check(&set.manifest, text)
            .map_err(|error| error.within(format_args!("read the template {}", source.stored)))?;
        tera.add_raw_template(path.as_str(), text)
            .map_err(|error| explain(source.stored.as_str(), &error))?;
        let names: BTreeSet<&str> = tera
            .get_template_variables(path.as_str())
            .into_iter()
            .flatten()
            .collect();
        if let Some(unknown) = names
            .iter()
            .find(|name| !["answers", "options"].contains(name))
        {
            return Err(Error::new(
                format!(
                    "read the template {}: nothing is called `{unknown}`",
                    source.stored
                ),
                "a template knows `answers.NAME` and `options.NAME`",
            ));
        }
    }
    Ok(tera)
}

/// A template's error on one line. The engine reports `error: MESSAGE`, then ` --> NAME:LINE:COLUMN`, then the source.
pub(super) fn explain(template: &str, error: &tera::Error) -> Error {
    let report = error.to_string();
    let mut lines = report.lines();
    let message = lines.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let line = lines.next().and_then(|place| place.rsplit(':').nth(1));
    let line = line
        .map(|line| format!(", line {line}"))
        .unwrap_or_default();
    Error::new(
        format!("render {template}{line}: {message}"),
        "docs/templates.md tells the template language, and how `<%` is written as text",
    )
}

fn filter(format: Format, value: &tera::Value) -> TeraResult<String> {
    let value = toml::Value::try_from(value).map_err(tera::Error::message)?;
    format.apply(&value).map_err(tera::Error::message)
}
