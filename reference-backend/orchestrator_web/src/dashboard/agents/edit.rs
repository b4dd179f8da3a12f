//! The form of an agent: for a new one, and for one that there is.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::agents::commands::{self, AgentChanges, NewAgent};
use crate::agents::{Agent, AgentType, queries};
use crate::app::App;
use crate::config::Settings;
use crate::dashboard::form::{Faults, Field, Form, Kind, Value};
use crate::dashboard::page::{Frame, Page, Place, TAG, Visit, render, render_refusal, see};
use crate::dashboard::show::filters;
use crate::db::Write;
use crate::extract::PathId;
use crate::ids::Id;
use crate::{Error, Result};

const MEMBERS: [(&str, Value); 8] = [
    ("name", Value::Text),
    ("description", Value::Text),
    ("agent_type", Value::Text),
    ("capabilities", Value::Text),
    ("default_model", Value::Clearable),
    ("executor", Value::Clearable),
    ("metadata", Value::Json),
    ("is_active", Value::Flag),
];

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(blank))
        .routes(routes!(create))
        .routes(routes!(filled))
        .routes(routes!(change))
}

#[derive(Template)]
#[template(path = "dashboard/agent_form.html")]
struct Edit {
    frame: Frame,
    fields: Vec<Field>,
    /// What is wrong with the form, and concerns none of its fields.
    faults: Vec<String>,
    action: String,
    button: &'static str,
    back: String,
}

/// The form of a new agent
#[utoipa::path(get, path = "/agents/new", tag = TAG,
    responses((status = 200, body = String, content_type = "text/html")))]
async fn blank(State(app): State<App>, visit: Visit) -> Page {
    let settings = app.settings();
    let mut form = Form::default();
    form.set("agent_type", AgentType::Custom.as_str());
    form.set("is_active", "true");
    let model = settings.default_model.as_ref();
    form.set(
        "default_model",
        model.map(ToString::to_string).unwrap_or_default(),
    );
    // The first is as good as any, and an agent without one cannot run.
    form.set(
        "executor",
        settings.executors.names().next().unwrap_or_default(),
    );
    render(&new(visit, &form, Faults::default(), &settings))
}

/// Makes an agent of the form
#[utoipa::path(post, path = "/agents", tag = TAG,
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn create(State(app): State<App>, visit: Visit, form: Form) -> Result<Response> {
    let settings = app.settings();
    let made = match form.parse::<NewAgent>(&MEMBERS, &settings) {
        Ok(new) => app.db.write(move |db| commands::create(db, &new)).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(agent) => Ok(see(&format!("/agents/{}", agent.id))),
        Err(error) => {
            let (status, faults) = faults(error)?;
            render_refusal(&new(visit, &form, faults, &settings), status)
        }
    }
}

/// The form of an agent
#[utoipa::path(get, path = "/agents/{id}/edit", tag = TAG, params(("id" = Id, Path)),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn filled(State(app): State<App>, visit: Visit, PathId(id): PathId) -> Page {
    let agent = app.db.read(move |db| queries::get(db, id)).await?;
    let form = form_of(&agent)?;
    let settings = app.settings();
    render(&old(visit, id, &form, Faults::default(), &settings))
}

/// Changes an agent to what stands in the form
#[utoipa::path(post, path = "/agents/{id}", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn change(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    form: Form,
) -> Result<Response> {
    let settings = app.settings();
    let changed = match form.parse::<AgentChanges>(&MEMBERS, &settings) {
        Ok(changes) => {
            let update = move |db: &mut Write| commands::update(db, id, changes);
            app.db.write(update).await
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(agent) => Ok(see(&format!("/agents/{}", agent.id))),
        Err(error) => {
            let (status, faults) = faults(error)?;
            render_refusal(&old(visit, id, &form, faults, &settings), status)
        }
    }
}

/// The one conflict that there is: the name is taken.
fn faults(error: Error) -> Result<(StatusCode, Faults)> {
    Faults::of(error).map(|(status, faults)| (status, faults.at("name")))
}

fn new(visit: Visit, form: &Form, mut faults: Faults, settings: &Settings) -> Edit {
    Edit {
        frame: visit.frame(Place::Agents, "New agent"),
        fields: fields(form, &mut faults, settings),
        faults: faults.rest(),
        action: "/agents".into(),
        button: "Create",
        back: "/agents".into(),
    }
}

fn old(visit: Visit, id: Id, form: &Form, mut faults: Faults, settings: &Settings) -> Edit {
    Edit {
        frame: visit.frame(Place::Agents, "Edit agent"),
        fields: fields(form, &mut faults, settings),
        faults: faults.rest(),
        action: format!("/agents/{id}"),
        button: "Save",
        back: format!("/agents/{id}"),
    }
}

fn form_of(agent: &Agent) -> Result<Form> {
    let mut form = Form::default();
    form.set("name", &agent.name);
    form.set("description", &agent.description);
    form.set("agent_type", agent.agent_type.as_str());
    form.set("capabilities", &agent.capabilities);
    form.set(
        "default_model",
        agent.default_model.as_deref().unwrap_or_default(),
    );
    form.set("executor", agent.executor.as_deref().unwrap_or_default());
    let metadata = agent.metadata.as_ref().map(serde_json::to_string);
    let metadata = metadata.transpose().map_err(anyhow::Error::from)?;
    form.set("metadata", metadata.unwrap_or_default());
    if agent.is_active {
        form.set("is_active", "true");
    }
    Ok(form)
}

fn fields(form: &Form, faults: &mut Faults, settings: &Settings) -> Vec<Field> {
    let same = |word: &str| (word.to_owned(), word.to_owned());
    let types = AgentType::ALL.iter().map(|kind| same(kind.as_str()));
    let none = (String::new(), "none: it cannot run".to_owned());
    let mut executors: Vec<_> = settings.executors.names().map(same).chain([none]).collect();
    // One that is configured no longer is shown as what it is, and refused when it is saved.
    let gone = same(form.text("executor"));
    if !executors.contains(&gone) && !gone.0.is_empty() {
        executors.push(gone);
    }
    let mut field = |name, label, kind| Field::new(name, label, kind, form, faults);
    vec![
        field("name", "Name", Kind::Line).required(),
        field("description", "Description", Kind::Area(3)).hint("What it is for."),
        field("agent_type", "Type", Kind::Choice(types.collect())).required(),
        field("capabilities", "Capabilities", Kind::Line).hint("Separated by commas."),
        field("executor", "Executor", Kind::Choice(executors))
            .hint("The program that runs it; orchestrator.toml names them.")
            .required(),
        field("default_model", "Model", Kind::Line).hint("The executor's, if it is left empty."),
        field("metadata", "Metadata", Kind::Area(3)).hint("A JSON object."),
        field("is_active", "Active: it may run", Kind::Box),
    ]
}
