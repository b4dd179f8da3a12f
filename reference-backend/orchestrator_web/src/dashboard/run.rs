//! One run: what it was asked, what it does as it does it, what it costs, and how it ended.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::approvals::{self, Question};
use super::confirm::Confirm;
use super::form::Form;
use super::page::{Frame, Page, Part, Place, TAG, Visit, no_part, render, see};
use super::runs::Row;
use super::show::{Moment, filters, money, spent};
use super::timeline::{self, End, LENGTH, Line, Lines, Window};
use crate::app::App;
use crate::db::{Read, Write};
use crate::extract::{FromQuery, PathId, Query, QueryReader};
use crate::ids::Id;
use crate::page::{Cursor, Page as Slot};
use crate::runs::{self, Run, commands};
use crate::runtime::agents::RuntimeAgent;
use crate::runtime::agents::queries::{self as instances, RuntimeAgentFilter};
use crate::runtime::logs::queries::{self as logs, LogFilter, Reporter};
use crate::runtime::prompts::Prompt;
use crate::runtime::prompts::queries::{self as prompts, PromptFilter};
use crate::time::Clock;
use crate::{Error, Result, events};

const TOPICS: &str = "runtime,logs.written,prompt,approval";
/// How many of the runs that it has started are listed.
const CHILDREN: i64 = 20;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(ask, stop))
        .routes(routes!(restart))
}

/// Where in the log the page stands.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Stand {
    /// Lines before this place.
    #[param(value_type = Option<String>)]
    before: Option<Cursor>,
    /// Lines after this place.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

impl FromQuery for Stand {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            before: query.optional("before"),
            after: query.optional("after"),
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/run.html", blocks = ["standing", "facts", "texts", "needs"])]
struct Shown {
    frame: Frame,
    run: RuntimeAgent,
    row: Row,
    /// What only the service knows that runs it itself.
    own: Option<Run>,
    budget: Option<String>,
    started: Option<Moment>,
    ended: Option<Moment>,
    cost: String,
    prompt: Option<Prompt>,
    children: Vec<Row>,
    questions: Vec<Question>,
    lines: Lines,
}

/// One run, with its log as it grows
#[utoipa::path(get, path = "/runs/{id}", tag = TAG, params(("id" = Id, Path), Part, Stand),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(asked): Query<(Part, Stand)>,
) -> Result<Response> {
    let (Part { part }, stand) = asked;
    match part.as_deref() {
        Some("earlier" | "lines") => {
            let lines = app
                .db
                .read(move |db| of_run(db, id, &stand.window()))
                .await?;
            Ok(render(&lines)?.into_response())
        }
        Some("new") => newer(&app, id, &stand).await,
        part => {
            let look = move |db: &Read| Shown::look(db, visit, id, &stand);
            let page = app.db.read(look).await?;
            let html = match part {
                None => render(&page),
                Some("standing") => render(&page.as_standing()),
                Some("facts") => render(&page.as_facts()),
                Some("needs") => render(&page.as_needs()),
                Some("texts") => render(&page.as_texts()),
                Some(_) => Err(no_part()),
            };
            Ok(html?.into_response())
        }
    }
}

/// The lines since the page was last told; if they are more than one answer holds, the newest alone.
async fn newer(app: &App, id: Id, stand: &Stand) -> Result<Response> {
    let window = stand.after.map_or(Window::Newest, Window::After);
    let lines = app.db.read(move |db| of_run(db, id, &window)).await?;
    if lines.earlier.is_some() && stand.after.is_some() {
        return timeline::anew(&lines);
    }
    Ok(render(&lines)?.into_response())
}

impl Stand {
    fn window(&self) -> Window {
        self.before.map_or(Window::Newest, Window::Before)
    }
}

fn of_run(db: &Read, id: Id, window: &Window) -> Result<Lines> {
    let run = instances::get(db, id)?;
    let (newer, before) = match *window {
        Window::Newest => (None, None),
        Window::Before(place) => (None, Some(place)),
        Window::After(place) => (Some(place), None),
    };
    let page = Slot {
        limit: LENGTH,
        after: before,
    };
    let reporter = Reporter { agent_id: Some(id) };
    let slice = logs::window(db, &reporter, &LogFilter::default(), newer, &page)?;
    let last = slice.items.first().map(|(place, _)| *place);
    let now = Clock::system().now();
    let start = run.started_at;
    let lines = slice.items.into_iter().rev();
    let lines = lines.map(|(place, log)| Line::of_run(place, &log, start, now));

    Ok(Lines {
        base: format!("/runs/{id}?"),
        earlier: slice.next,
        shown: lines.collect(),
        end: before.is_none().then(|| End {
            after: last.or(newer),
            about: Some(id),
        }),
    })
}

impl Shown {
    fn look(db: &Read, visit: Visit, id: Id, stand: &Stand) -> Result<Self> {
        let newest = events::newest(db)?;
        let now = Clock::system().now();
        let run = instances::get(db, id)?;
        let own = match runs::queries::get(db, id) {
            Ok(own) => Some(own),
            // It was only reported here.
            Err(Error::Conflict(_)) => None,
            Err(error) => return Err(error),
        };
        let row = Row::of(db, &run, now)?;
        let budget = own.as_ref().and_then(|own| own.budget).map(money);
        Ok(Self {
            frame: visit
                .frame(Place::Runs, row.agent.clone())
                .live(TOPICS, newest),
            started: run.started_at.map(|at| Moment::new(at, now)),
            ended: run.completed_at.map(|at| Moment::new(at, now)),
            cost: spent(run.cost_usd, run.cost_is_estimate),
            prompt: prompt(db, id)?,
            children: children(db, id)?,
            questions: approvals::pending(db, Some(id), now)?,
            lines: of_run(db, id, &stand.window())?,
            run,
            row,
            own,
            budget,
        })
    }

    fn is_stoppable(&self) -> bool {
        let is_asked = self.own.as_ref().is_some_and(|own| own.is_to_stop);
        self.own.is_some() && !self.run.status.is_terminal() && !is_asked
    }

    fn is_stopping(&self) -> bool {
        let is_asked = self.own.as_ref().is_some_and(|own| own.is_to_stop);
        is_asked && !self.run.status.is_terminal()
    }

    fn is_restartable(&self) -> bool {
        self.own.is_some() && self.run.status.is_terminal()
    }
}

/// What it was asked: the first prompt of its own.
fn prompt(db: &Read, id: Id) -> Result<Option<Prompt>> {
    let filter = PromptFilter {
        agent_id: Some(id),
        status: None,
    };
    let page = Slot {
        limit: 1,
        after: None,
    };
    Ok(prompts::list(db, &filter, &page)?.items.pop())
}

fn children(db: &Read, id: Id) -> Result<Vec<Row>> {
    let filter = RuntimeAgentFilter {
        parent_agent_id: Some(id),
        ..Default::default()
    };
    let page = Slot {
        limit: CHILDREN,
        after: None,
    };
    Row::all(db, &instances::list(db, &filter, &page)?.items)
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
        button: "Stop it",
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
