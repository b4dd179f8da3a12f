//! What is done to a run: stop it, run the same again.

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
use crate::ids::Id;
use crate::runs::commands;
use crate::runtime::agents::queries as instances;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask, stop))
        .routes(routes!(restart))
}

/// Asks whether the run shall be ended
#[utoipa::path(get, path = "/runs/{id}/stop", tag = TAG, params(("id" = Id, Path), Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn ask(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(Part { part }): Query<Part>,
) -> Page {
    let run = app.db.read(move |db| instances::get(db, id)).await?;
    let effect = match run.started_at {
        None => "It is taken out of the queue, and never starts.",
        Some(_) => {
            "It and all that it has started is asked to end, then told, then killed. \
             What it has done so far stays."
        }
    };
    let question = Confirm {
        frame: visit.frame(Place::Runs, "Stop this run?"),
        effects: vec![effect.to_owned()],
        action: format!("/runs/{id}/stop"),
        button: Button::Danger("Stop it"),
        fields: Vec::new(),
        back: format!("/runs/{id}"),
    };
    question.answer(part.as_deref())
}

/// Takes the run out of the queue, or ends it with everything that it has started
#[utoipa::path(post, path = "/runs/{id}/stop", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn stop(State(app): State<App>, PathId(id): PathId, _: Form) -> Result<Response> {
    app.db.write(move |db| commands::stop(db, id)).await?;
    Ok(see(&format!("/runs/{id}")))
}

/// Runs the same again, as a new run whose parent is this one
#[utoipa::path(post, path = "/runs/{id}/restart", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn restart(State(app): State<App>, PathId(id): PathId, _: Form) -> Result<Response> {
    let settings = app.settings_for_a_start()?;
    let restart = move |db: &mut Write| commands::restart(db, id, &settings);
    let again = app.db.write(restart).await?;
    Ok(see(&format!("/runs/{}", again.id)))
}
