//! The form that starts a workflow: a field for each text that its definition asks for.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::list::definition;
use crate::app::App;
use crate::dashboard::form::{Faults, Field, Form, Kind};
use crate::dashboard::page::{Frame, Page, Place, TAG, Visit, render, render_refusal, see};
use crate::dashboard::show::filters;
use crate::db::Write;
use crate::error::FieldError;
use crate::extract::PathName;
use crate::idempotency::Idempotency;
use crate::ids::Id;
use crate::json::Json;
use crate::workflows::Workflow;
use crate::workflows::definition::Definition;
use crate::workflows::engine::commands;
use crate::{Error, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask, start))
}

#[derive(Template)]
#[template(path = "dashboard/workflow_form.html")]
struct Start {
    frame: Frame,
    name: String,
    definition: Definition,
    fields: Vec<Field>,
    /// What is wrong with the form, and concerns none of its fields.
    faults: Vec<String>,
    key: String,
}

impl Start {
    fn new(
        visit: Visit,
        name: String,
        definition: Definition,
        form: &Form,
        mut faults: Faults,
    ) -> Self {
        let field = |(input, about): (&String, &crate::workflows::definition::Input)| {
            let kind = Kind::Area(3);
            let field = Field::new(member(input), input.clone(), kind, form, &mut faults);
            let field = field.hint(hint(&about.description, about.default.as_deref()));
            if about.default.is_none() {
                field.required()
            } else {
                field
            }
        };
        let mut fields: Vec<_> = definition.input.iter().map(field).collect();
        if fields.is_empty() {
            let field = Field::new("input", "Input", Kind::Area(3), form, &mut faults);
            fields.push(field.hint("What the steps are told, as JSON or as plain text."));
        }
        Self {
            frame: visit.frame(Place::Workflows, format!("Start {name}")),
            fields,
            faults: faults.rest(),
            key: form.text("key").to_owned(),
            name,
            definition,
        }
    }
}

fn member(input: &str) -> String {
    format!("input.{input}")
}

fn hint(description: &str, default: Option<&str>) -> String {
    match default {
        None => description.to_owned(),
        Some("") => format!("{description} May stay empty."),
        Some(default) => format!("{description} If it is left empty: {default}"),
    }
}

/// What a workflow needs to start
#[utoipa::path(get, path = "/workflows/start/{definition}", tag = TAG,
    params(("definition" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn ask(State(app): State<App>, visit: Visit, PathName(name): PathName) -> Page {
    let definition = definition(&app.settings(), &name)?;
    // A form that is sent twice starts one.
    let mut form = Form::default();
    form.set("key", Id::generate().to_string());
    let faults = Faults::default();
    render(&Start::new(visit, name, definition, &form, faults))
}

/// Starts a workflow with what was filled in
#[utoipa::path(post, path = "/workflows/start/{definition}", tag = TAG,
    params(("definition" = String, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn start(
    State(app): State<App>,
    visit: Visit,
    PathName(name): PathName,
    form: Form,
) -> Result<Response> {
    let definition = definition(&app.settings(), &name)?;
    let input = input(&definition, &form);
    match begin(&app, name.clone(), input, form.text("key")).await {
        Ok(workflow) => Ok(see(&format!("/workflows/{}", workflow.id))),
        Err(error) => {
            let (status, faults) = Faults::of(at_its_field(error))?;
            let page = Start::new(visit, name, definition, &form, faults);
            render_refusal(&page, status)
        }
    }
}

/// What was left empty is not brought at all: the definition's default stands for it.
fn input(definition: &Definition, form: &Form) -> Option<Json> {
    if definition.input.is_empty() {
        let text = form.text("input").trim();
        let read = || serde_json::from_str(text).unwrap_or_else(|_| Json::of(text));
        return (!text.is_empty()).then(read);
    }
    let names = definition.input.keys();
    let given = names.filter_map(|name| {
        // Browsers end lines in forms with both characters.
        let text = form.text(&member(name)).replace("\r\n", "\n");
        (!text.trim().is_empty()).then(|| (name.clone(), Value::String(text)))
    });
    Some(Json::of(&given.collect::<BTreeMap<_, _>>()))
}

/// `/input/task` is wrong with the field `input.task`.
fn at_its_field(error: Error) -> Error {
    let Error::Invalid(errors) = error else {
        return error;
    };
    let moved = errors.into_iter().map(|error| FieldError {
        pointer: error.pointer.map(|it| it.replacen("/input/", "/input.", 1)),
        ..error
    });
    Error::Invalid(moved.collect())
}

/// A `key` that was used before leads to the workflow that it has started.
async fn begin(app: &App, name: String, input: Option<Json>, key: &str) -> Result<Workflow> {
    let key = Some(key).filter(|key| !key.is_empty());
    let key = key
        .map(|key| Idempotency::named(key, &(&name, &input)))
        .transpose()?;
    let settings = app.settings_for_a_start()?;
    let start = move |db: &mut Write| commands::start(db, &name, input, &settings, key.as_ref());
    app.db.write(start).await
}
