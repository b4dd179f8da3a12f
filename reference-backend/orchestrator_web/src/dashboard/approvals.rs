//! What agents ask to be allowed, answered where it is shown.

use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::form::{Form, Value};
use super::page::{TAG, see};
use super::show::{Moment, brief};
use crate::app::App;
use crate::approvals::commands;
use crate::approvals::queries::{self, ApprovalFilter};
use crate::approvals::{Approval, ApprovalStatus, Reason, Verdict};
use crate::db::{Read, Write};
use crate::extract::PathId;
use crate::ids::Id;
use crate::page::Page as Slot;
use crate::runtime::agents::queries as instances;
use crate::time::Timestamp;
use crate::{Result, agents};

/// How many questions are shown at once, the newest first.
const MOST: i64 = 20;
/// How much is shown of what a tool is to do, in characters.
const INPUT: usize = 400;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(allow))
        .routes(routes!(deny))
}

/// A question as it is shown.
pub struct Question {
    pub id: Id,
    pub run: Id,
    pub agent: String,
    pub tool: String,
    pub input: String,
    pub asked: Moment,
}

/// The questions that wait for an answer, of one run or of all.
pub fn pending(db: &Read, run: Option<Id>, now: Timestamp) -> Result<Vec<Question>> {
    let filter = ApprovalFilter {
        status: Some(ApprovalStatus::Pending),
        agent_id: run,
    };
    let page = Slot {
        limit: MOST,
        after: None,
    };
    let found = queries::list(db, &filter, &page)?.items;
    found.iter().map(|it| question(db, it, now)).collect()
}

fn question(db: &Read, asked: &Approval, now: Timestamp) -> Result<Question> {
    let run = instances::get(db, asked.agent_id)?;
    let input = serde_json::to_string(&asked.input).map_err(anyhow::Error::from)?;
    Ok(Question {
        id: asked.id,
        run: asked.agent_id,
        agent: agents::queries::get(db, run.orchestrator_agent_id)?.name,
        tool: asked.tool.clone(),
        input: brief(&input, INPUT),
        asked: Moment::new(asked.created_at, now),
    })
}

/// Lets the agent do what it asks for
#[utoipa::path(post, path = "/approvals/{id}/allow", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn allow(State(app): State<App>, PathId(id): PathId, form: Form) -> Result<Response> {
    answer(&app, id, Verdict::Allow, &form).await
}

/// Tells the agent that it may not
#[utoipa::path(post, path = "/approvals/{id}/deny", tag = TAG, params(("id" = Id, Path)),
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn deny(State(app): State<App>, PathId(id): PathId, form: Form) -> Result<Response> {
    answer(&app, id, Verdict::Deny, &form).await
}

async fn answer(app: &App, id: Id, verdict: Verdict, form: &Form) -> Result<Response> {
    let Reason(reason) = form.parse(&[("reason", Value::Optional)], &app.settings())?;
    let answer = move |db: &mut Write| commands::answer(db, id, verdict, reason.as_deref());
    let answered = app.db.write(answer).await?;
    Ok(see(&format!("/runs/{}", answered.agent_id)))
}
