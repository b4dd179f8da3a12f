//! What is done to an agent: run it, let it rest, delete it.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::one::One;
use crate::agents::commands::{self, AgentChanges, Deletion};
use crate::agents::{deletion, queries};
use crate::app::App;
use crate::dashboard::confirm::{Button, Confirm};
use crate::dashboard::form::{Faults, Field, Form, Kind, Value};
use crate::dashboard::page::{Page, Part, Place, TAG, Visit, render_refusal, see};
use crate::db::{Read, Write};
use crate::extract::{PathId, Query};
use crate::idempotency::Idempotency;
use crate::ids::Id;
use crate::runs::commands::{self as runs, NewRun};
use crate::runtime::agents::RuntimeAgent;
use crate::runtime::agents::queries as instances;
use crate::{Error, Result};

const MEMBERS: [(&str, Value); 6] = [
    ("prompt", Value::Text),
    ("model", Value::Optional),
    ("working_dir", Value::Optional),
    ("session_id", Value::Optional),
    ("timeout_seconds", Value::Number),
    ("budget_usd", Value::Number),
];

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(run))
        .routes(routes!(activate))
        .routes(routes!(deactivate))
        .routes(routes!(ask, delete))
}

/// A run that nobody has described yet. Its key makes sure that a form which is sent twice starts one.
pub(super) fn run_form() -> Form {
    let mut form = Form::default();
    form.set("key", Id::generate().to_string());
    form
}

pub(super) fn run_fields(form: &Form, faults: &mut Faults) -> Vec<Field> {
    let mut field = |name, label, kind| Field::new(name, label, kind, form, faults);
    vec![
        field("prompt", "Prompt", Kind::Area(5)).required(),
        field("model", "Model", Kind::Line).hint("The agent's, if it is left empty."),
        field("working_dir", "Folder", Kind::Line).hint("Below one of the roots of the settings."),
        field("session_id", "Session", Kind::Line)
            .hint("Goes on with what earlier runs of it know."),
        field("timeout_seconds", "Time, in seconds", Kind::Number).hint("Then it is ended."),
        field("budget_usd", "Budget, in dollars", Kind::Number)
            .hint("Ends it when it has spent more."),
    ]
}

/// Puts a run of the agent into the queue
#[utoipa::path(post, path = "/agents/{id}/run", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn run(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    form: Form,
) -> Result<Response> {
    let settings = app.settings();
    let begun = match form.parse::<NewRun>(&MEMBERS, &settings) {
        Ok(new) => begin(&app, id, new, form.text("key")).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(run) => Ok(see(&format!("/runs/{}", run.id))),
        Err(error) => {
            let (status, faults) = Faults::of(error)?;
            let look = move |db: &Read| One::look(db, visit, id, &form, faults);
            render_refusal(&app.db.read(look).await?, status)
        }
    }
}

/// A `key` that was used before leads to the run that it has begun.
async fn begin(app: &App, agent: Id, new: NewRun, key: &str) -> Result<RuntimeAgent> {
    let key = Some(key).filter(|key| !key.is_empty());
    let key = key
        .map(|key| Idempotency::named(key, &(agent, &new)))
        .transpose()?;
    let settings = app.settings_for_a_start()?;
    let execute = move |db: &mut Write| runs::execute(db, agent, new, &settings, key.as_ref());
    app.db.write(execute).await
}

/// The agent may run again
#[utoipa::path(post, path = "/agents/{id}/activate", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn activate(State(app): State<App>, PathId(id): PathId, _: Form) -> Result<Response> {
    set_active(&app, id, true).await
}

/// The agent runs no more: what is at work goes on
#[utoipa::path(post, path = "/agents/{id}/deactivate", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn deactivate(State(app): State<App>, PathId(id): PathId, _: Form) -> Result<Response> {
    set_active(&app, id, false).await
}

async fn set_active(app: &App, id: Id, is_active: bool) -> Result<Response> {
    let changes = AgentChanges {
        is_active: Some(is_active),
        ..Default::default()
    };
    app.db
        .write(move |db| commands::update(db, id, changes))
        .await?;
    Ok(see(&format!("/agents/{id}")))
}

/// Asks whether the agent shall be deleted
#[utoipa::path(get, path = "/agents/{id}/delete", tag = TAG, params(("id" = Id, Path), Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn ask(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(Part { part }): Query<Part>,
) -> Page {
    let look = move |db: &Read| Ok((queries::get(db, id)?, instances::running(db, id)?.len()));
    let (agent, running) = app.db.read(look).await?;
    let mut effects = vec![
        "Its runs, their prompts and their logs go with it. What they have cost stays in the books."
            .to_owned(),
    ];
    if 0 < running {
        effects.insert(
            0,
            format!("{running} of its runs are not over: they are ended first."),
        );
    }
    let title = format!("Delete {}?", agent.name);
    let question = Confirm {
        frame: visit.frame(Place::Agents, title),
        effects,
        action: format!("/agents/{id}/delete"),
        button: Button::Danger("Delete"),
        fields: vec![("confirmed", "true")],
        back: format!("/agents/{id}"),
    };
    question.answer(part.as_deref())
}

/// Removes the agent with its runs, prompts and logs; what is at work is ended first
#[utoipa::path(post, path = "/agents/{id}/delete", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn delete(State(app): State<App>, PathId(id): PathId, form: Form) -> Result<Response> {
    if form.text("confirmed") != "true" {
        let detail = "the form on the page before asks whether you mean it";
        return Err(Error::Conflict(detail.into()));
    }
    deletion::delete(&app.db, id, Deletion { force: true }).await?;
    Ok(see("/agents").into_response())
}
