//! What is done to a workflow: stop it, start the same again.

use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Result;
use crate::app::App;
use crate::dashboard::confirm::{Button, Confirm};
use crate::dashboard::form::Form;
use crate::dashboard::page::{Page, Part, Place, TAG, Visit, see};
use crate::db::Write;
use crate::extract::{PathId, Query};
use crate::workflows::engine::commands;
use crate::workflows::queries;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask, stop))
        .routes(routes!(restart))
}

/// Asks whether the workflow shall be ended
#[utoipa::path(get, path = "/workflows/{id}/stop", tag = TAG,
    params(("id" = crate::ids::Id, Path), Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn ask(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(Part { part }): Query<Part>,
) -> Page {
    app.db.read(move |db| queries::get(db, id)).await?;
    let effects = [
        "No further step begins, and the runs of those that have begun are stopped, with all that \
         they have started.",
        "What was done so far stays, and it can be started again from any step.",
    ];
    let question = Confirm {
        frame: visit.frame(Place::Workflows, "Stop this workflow?"),
        effects: effects.map(str::to_owned).to_vec(),
        action: format!("/workflows/{id}/stop"),
        button: Button::Danger("Stop it"),
        fields: Vec::new(),
        back: format!("/workflows/{id}"),
    };
    question.answer(part.as_deref())
}

/// Ends the workflow and the runs of its steps
#[utoipa::path(post, path = "/workflows/{id}/stop", tag = TAG,
    params(("id" = crate::ids::Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn stop(State(app): State<App>, PathId(id): PathId, _: Form) -> Result<Response> {
    let settings = app.settings();
    let stop = move |db: &mut Write| commands::stop(db, id, &settings);
    app.db.write(stop).await?;
    Ok(see(&format!("/workflows/{id}")))
}

/// Starts the same again, from the start or from a step
#[utoipa::path(post, path = "/workflows/{id}/restart", tag = TAG,
    params(("id" = crate::ids::Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn restart(State(app): State<App>, PathId(id): PathId, form: Form) -> Result<Response> {
    let step = Some(form.text("from_step")).filter(|step| !step.is_empty());
    let step = step.map(str::to_owned);
    let settings = app.settings_for_a_start()?;
    let restart = move |db: &mut Write| commands::restart(db, id, step.as_deref(), &settings);
    let again = app.db.write(restart).await?;
    Ok(see(&format!("/workflows/{}", again.id)))
}
