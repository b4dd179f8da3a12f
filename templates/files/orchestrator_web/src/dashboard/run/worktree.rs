//! What becomes of a run's work tree: it is merged where the run was asked for, or discarded.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::dashboard::confirm::{Button, Confirm, Refused};
use crate::dashboard::form::Form;
use crate::dashboard::page::{Page, Part, Place, TAG, Visit, render_refusal, see};
use crate::extract::{PathId, Query};
use crate::ids::Id;
use crate::worktrees::discard::{self, Discarded, Force};
use crate::worktrees::merge::{self, Merge, Mode, Outcome};
use crate::worktrees::{Worktree, queries, to_its_end};
use crate::{Error, Result};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask_merge, merge))
        .routes(routes!(ask_discard, discard))
}

/// Asks whether the run's branch shall be merged, or tells why it cannot be
#[utoipa::path(get, path = "/runs/{id}/merge", tag = TAG, params(("id" = Id, Path), Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn ask_merge(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(Part { part }): Query<Part>,
) -> Page {
    let look = async {
        let worktree = app.db.read(move |db| queries::of_run(db, id)).await?;
        Ok((worktree, merge::merge(&app, id, Mode::Preview).await?))
    };
    let (worktree, told) = match look.await {
        Ok(found) => found,
        Err(error) => return refused(visit, id, CANNOT_MERGE, error)?.answer(part.as_deref()),
    };
    if told.outcome == Outcome::Conflicts {
        let reasons = conflicts(&worktree, told);
        return refusal(visit, id, CANNOT_MERGE, reasons).answer(part.as_deref());
    }
    let question = Confirm {
        frame: visit.frame(Place::Runs, "Merge what this run has done?"),
        effects: vec![
            format!(
                "{} goes into {} in {}, as one commit.",
                told.branch, told.into, worktree.target_path
            ),
            "What is not committed in the work tree is committed first.".into(),
            "The work tree stays until you discard it.".into(),
        ],
        action: format!("/runs/{id}/merge"),
        button: Button::Primary("Merge it"),
        fields: Vec::new(),
        back: format!("/runs/{id}"),
    };
    question.answer(part.as_deref())
}

const CANNOT_MERGE: &str = "It cannot be merged now";
const CANNOT_DISCARD: &str = "It cannot be discarded now";

fn conflicts(worktree: &Worktree, told: Merge) -> Vec<String> {
    let Merge {
        branch,
        into,
        conflicts,
        ..
    } = told;
    let path = &worktree.path;
    let both = format!("{into} and {branch} have both changed the same, each in its own way:");
    let way = format!("Commit what is in {path}, merge {into} there, then try again.");
    [vec![both], conflicts, vec![way]].concat()
}

/// Merges the run's branch where the run was asked for
#[utoipa::path(post, path = "/runs/{id}/merge", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn merge(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    _: Form,
) -> Result<Response> {
    let work = async move { merge::merge(&app, id, Mode::Real).await };
    let done = to_its_end(work).await;
    settled(visit, id, CANNOT_MERGE, done)
}

/// Asks whether the run's work tree shall be removed, and tells what there is to lose
#[utoipa::path(get, path = "/runs/{id}/discard", tag = TAG, params(("id" = Id, Path), Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn ask_discard(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(Part { part }): Query<Part>,
) -> Page {
    let look = async {
        let worktree = app.db.read(move |db| queries::of_run(db, id)).await?;
        let told = discard::preview(&app, worktree.id).await?;
        Ok((worktree, told))
    };
    let (worktree, told) = match look.await {
        Ok(found) => found,
        Err(error) => return refused(visit, id, CANNOT_DISCARD, error)?.answer(part.as_deref()),
    };
    let has_work = 0 < told.commits + told.files;
    let question = Confirm {
        frame: visit.frame(Place::Runs, "Discard this run's work tree?"),
        effects: losses(&worktree, &told),
        action: format!("/runs/{id}/discard"),
        button: Button::Danger("Discard it"),
        // Work that comes after this question is not discarded by its answer.
        fields: has_work.then_some(("force", "true")).into_iter().collect(),
        back: format!("/runs/{id}"),
    };
    question.answer(part.as_deref())
}

fn losses(worktree: &Worktree, told: &Discarded) -> Vec<String> {
    let (path, branch) = (&worktree.path, &worktree.branch);
    let mut effects = vec![format!("The folder {path} and the branch {branch} go.")];
    effects.push(match (told.commits, told.files) {
        (0, 0) => "Nothing in it is work that was not merged.".into(),
        (commits, files) => format!(
            "Not merged: {} and {} that no commit holds. Git keeps them under a name of its own, and \
             this run's page tells how to bring them back.",
            several(commits, "commit"),
            several(files, "changed file")
        ),
    });
    if told.ignored != 0 {
        let ignored = several(told.ignored, "file or folder");
        effects.push(format!("{ignored} that git ignores are gone for good."));
    }
    effects
}

fn several(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// Removes the run's work tree and its branch; what is not merged is kept under a ref
#[utoipa::path(post, path = "/runs/{id}/discard", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn discard(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    form: Form,
) -> Result<Response> {
    let force = match form.text("force") {
        "true" => Force::Yes,
        _ => Force::No,
    };
    let work = async move {
        let worktree = app.db.read(move |db| queries::of_run(db, id)).await?;
        discard::discard(&app, worktree.id, force).await
    };
    let done = to_its_end(work).await;
    settled(visit, id, CANNOT_DISCARD, done)
}

fn settled<T>(visit: Visit, id: Id, title: &str, done: Result<T>) -> Result<Response> {
    match done {
        Ok(_) => Ok(see(&format!("/runs/{id}"))),
        Err(error) => render_refusal(&refused(visit, id, title, error)?, StatusCode::CONFLICT),
    }
}

/// A refusal in its own words; any other failure is one of the page.
fn refused(visit: Visit, id: Id, title: &str, error: Error) -> Result<Refused> {
    match error {
        Error::Conflict(why) => Ok(refusal(visit, id, title, vec![why])),
        error => Err(error),
    }
}

fn refusal(visit: Visit, id: Id, title: &str, reasons: Vec<String>) -> Refused {
    Refused {
        frame: visit.frame(Place::Runs, title),
        reasons,
        back: format!("/runs/{id}"),
    }
}
