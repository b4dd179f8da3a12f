use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::NewRunBody;
use super::commands::{self, NewRun};
use super::{QueueState, WorkStatus, output, queries, queue, stream};
use crate::app::App;
use crate::db::{Read, Write};
use crate::error::Problem;
use crate::executors::health;
use crate::extract::{Body, PathId, PathName};
use crate::idempotency::Idempotency;
use crate::ids::Id;
use crate::respond::Accepted;
use crate::runtime::agents::RuntimeAgent;
use crate::time::Clock;
use crate::{Result, worktrees};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(execute))
        .routes(routes!(stop))
        .routes(routes!(restart))
        .routes(routes!(output::output))
        .routes(routes!(stream::logs))
        .routes(routes!(status))
        .routes(routes!(start_queue))
        .routes(routes!(stop_queue))
        .routes(routes!(resume_account))
}

/// Runs an agent: the run waits in the queue, and is started when there is room
///
/// A repeated `Idempotency-Key` with the same request starts nothing and answers with the run of the
/// first time; with another request it is refused (422). 409 if the agent is not active or has no
/// executor; and if what the run may cost does not fit into what is left of a budget, with the numbers.
/// That is its own budget, or else its executor's, or else `budgets.run_usd`, or else
/// `budgets.reservation_usd`.
#[utoipa::path(post, path = "/api/agents/{id}/execute", tag = "runs",
    params(("id" = Id, Path), ("idempotency-key" = Option<String>, Header)),
    request_body = NewRunBody,
    responses((status = 202, body = RuntimeAgent, headers(("location" = String))),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "the state does not allow it, or a budget: `budget` and the amounts tell which")))]
async fn execute(
    State(app): State<App>,
    PathId(id): PathId,
    headers: HeaderMap,
    Body(new): Body<NewRun>,
) -> Result<Accepted<RuntimeAgent>> {
    let key = Idempotency::of(&headers, &(id, &new))?;
    let settings = app.settings_for_a_start()?;
    if new.worktree == Some(true) {
        worktrees::check(&settings, &new.working_dir).await?;
    }
    let execute = move |db: &mut Write| commands::execute(db, id, new, &settings, key.as_ref());
    app.db.write(execute).await.map(accepted)
}

/// Takes a run out of the queue, or ends it with everything that it has started
///
/// First it is asked, then told, then killed. 409 if it has ended, or runs elsewhere.
#[utoipa::path(post, path = "/api/runtime/agents/{id}/stop", tag = "runs",
    params(("id" = Id, Path)),
    responses((status = 202, body = RuntimeAgent, headers(("location" = String)))))]
async fn stop(State(app): State<App>, PathId(id): PathId) -> Result<Accepted<RuntimeAgent>> {
    let stopping = app.db.write(move |db| commands::stop(db, id)).await;
    stopping.map(accepted)
}

/// Runs the same again, as a new run whose parent is this one
///
/// 409 if it has not ended, or runs elsewhere; otherwise as a run that is new.
#[utoipa::path(post, path = "/api/runtime/agents/{id}/restart", tag = "runs",
    params(("id" = Id, Path)),
    responses((status = 202, body = RuntimeAgent, headers(("location" = String))),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "the state does not allow it, or a budget: `budget` and the amounts tell which")))]
async fn restart(State(app): State<App>, PathId(id): PathId) -> Result<Accepted<RuntimeAgent>> {
    let settings = app.settings_for_a_start()?;
    let restart = move |db: &mut Write| commands::restart(db, id, &settings);
    app.db.write(restart).await.map(accepted)
}

/// What runs, and what waits: in which order, for what, and on which executors
#[utoipa::path(get, path = "/api/status", tag = "runs",
    responses((status = 200, body = WorkStatus)))]
async fn status(State(app): State<App>) -> Result<Json<WorkStatus>> {
    let settings = app.settings();
    let executors = health::all(&settings, &app.versions);
    let queue = move |db: &Read| queries::queue(db, &settings, Clock::system().now());
    let queue = app.db.read(queue).await?;
    Ok(Json(WorkStatus { queue, executors }))
}

/// Takes runs from the queue again
#[utoipa::path(post, path = "/api/orchestrator/start", tag = "runs", responses((status = 204)))]
async fn start_queue(State(app): State<App>) -> Result<StatusCode> {
    let start = |db: &mut Write| queue::commands::set_queue(db, QueueState::Running);
    app.db.write(start).await.map(|()| StatusCode::NO_CONTENT)
}

/// Takes no more runs from the queue: those that are at work go on, new ones wait
#[utoipa::path(post, path = "/api/orchestrator/stop", tag = "runs", responses((status = 204)))]
async fn stop_queue(State(app): State<App>) -> Result<StatusCode> {
    let stop = |db: &mut Write| queue::commands::set_queue(db, QueueState::Stopped);
    app.db.write(stop).await.map(|()| StatusCode::NO_CONTENT)
}

/// Ends the wait for an account's usage limit: it was raised, or has ended before its time
///
/// 409 if no limit of the account is reached.
#[utoipa::path(post, path = "/api/accounts/{name}/resume", tag = "runs",
    params(("name" = String, Path)), responses((status = 204)))]
async fn resume_account(State(app): State<App>, PathName(name): PathName) -> Result<StatusCode> {
    let settings = app.settings();
    let resume =
        move |db: &mut Write| queue::commands::resume_account(db, name, &settings.executors);
    app.db.write(resume).await.map(|()| StatusCode::NO_CONTENT)
}

fn accepted(agent: RuntimeAgent) -> Accepted<RuntimeAgent> {
    Accepted {
        location: format!("/api/runtime/agents/{}", agent.id),
        body: agent,
    }
}
