use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::DiscardBody;
use super::diff::{self, Diff};
use super::discard::{self, Discarded, Force};
use super::merge::{self, Merge, Mode};
use super::{Worktree, queries, to_its_end};
use crate::Result;
use crate::app::App;
use crate::extract::{Body, FromQuery, PathId, Query, QueryReader};
use crate::ids::Id;
use crate::text;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(worktree))
        .routes(routes!(difference))
        .routes(routes!(merge))
        .routes(routes!(discard))
}

/// The work tree of a run
///
/// 409 if it has none.
#[utoipa::path(get, path = "/api/runtime/agents/{id}/worktree", tag = "worktrees",
    params(("id" = Id, Path)),
    responses((status = 200, body = Worktree), (status = 409, description = "the run has none",
        body = crate::error::Problem, content_type = "application/problem+json")))]
async fn worktree(State(app): State<App>, PathId(id): PathId) -> Result<Json<Worktree>> {
    app.db
        .read(move |db| queries::of_run(db, id))
        .await
        .map(Json)
}

text::choices! {
    pub enum Format {
        Json = "json",
        /// One patch from the base to the files as they are, for `git apply`.
        Patch = "patch",
    }
}

#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Shown {
    #[param(default = "json", required = false, inline)]
    pub format: Format,
}

/// What a run has changed in its work tree: in commits, in the index, in files, in new files
///
/// Works while the run goes on, and changes nothing. 409 if the run has no work tree, if that is gone,
/// or if the repository's own settings name programs that git would run.
#[utoipa::path(get, path = "/api/runtime/agents/{id}/diff", tag = "worktrees",
    params(("id" = Id, Path), Shown),
    responses((status = 200, content((Diff = "application/json"), (String = "text/x-diff"))),
        (status = 409, description = "there is no work tree, or it cannot be looked at",
            body = crate::error::Problem, content_type = "application/problem+json")))]
async fn difference(
    State(app): State<App>,
    PathId(id): PathId,
    Query(shown): Query<Shown>,
) -> Result<Response> {
    let worktree = app.db.read(move |db| queries::of_run(db, id)).await?;
    let settings = app.settings();
    Ok(match shown.format {
        Format::Json => Json(diff::diff(&settings, worktree).await?).into_response(),
        Format::Patch => {
            let patch = diff::patch(&settings, worktree).await?;
            ([(header::CONTENT_TYPE, "text/x-diff")], patch).into_response()
        }
    })
}

#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct How {
    /// Tells what would happen, and changes nothing.
    #[param(default = false, required = false)]
    pub preview: bool,
}

/// Merges the branch of a run where the run was asked for
///
/// As one merge commit, and never half. What is not committed in the work tree is committed on the
/// run's branch first. 409 with the reason if a run is at work there, if the target has changes, is on
/// another branch or in the middle of something, or if both sides have changed the same; a preview
/// lists such paths instead.
#[utoipa::path(post, path = "/api/runtime/agents/{id}/merge", tag = "worktrees",
    params(("id" = Id, Path), How),
    responses((status = 200, body = Merge), (status = 409, description = "it cannot be merged, or not \
        now; nothing has changed", body = crate::error::Problem,
        content_type = "application/problem+json")))]
async fn merge(
    State(app): State<App>,
    PathId(id): PathId,
    Query(how): Query<How>,
) -> Result<Json<Merge>> {
    let mode = if how.preview {
        Mode::Preview
    } else {
        Mode::Real
    };
    let merge = async move { merge::merge(&app, id, mode).await };
    to_its_end(merge).await.map(Json)
}

/// Removes the work tree and the branch of a run
///
/// 409 if a run is at work there, and if there is work that is not merged and `force` is not given. What
/// is not merged is kept under a ref, which the answer names, but for ignored files. A preview counts what
/// there is to lose, whatever `force` says, and names no ref.
#[utoipa::path(post, path = "/api/runtime/agents/{id}/discard", tag = "worktrees",
    params(("id" = Id, Path), How), request_body = DiscardBody,
    responses((status = 200, body = Discarded), (status = 409, description = "a run is at work there, or \
        there is work that is not merged; nothing has changed", body = crate::error::Problem,
        content_type = "application/problem+json")))]
async fn discard(
    State(app): State<App>,
    PathId(id): PathId,
    Query(how): Query<How>,
    Body(force): Body<Force>,
) -> Result<Json<Discarded>> {
    let discard = async move {
        let worktree = app.db.read(move |db| queries::of_run(db, id)).await?;
        if how.preview {
            return discard::preview(&app, worktree.id).await;
        }
        discard::discard(&app, worktree.id, force).await
    };
    to_its_end(discard).await.map(Json)
}

impl FromQuery for Shown {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            format: query.optional("format").unwrap_or(Format::Json),
        }
    }
}

impl FromQuery for How {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            preview: query.optional("preview").unwrap_or_default(),
        }
    }
}
