//! The runs, newest first; and a run as it stands in a table, on whatever page.

use askama::Template;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::form::Select;
use super::page::{Frame, Page, Part, Place, TAG, Visit, no_part, query, render};
use super::show::{self, Lapse, Moment, count, filters, spent};
use crate::app::App;
use crate::db::Read;
use crate::extract::{FromQuery, Query, QueryReader};
use crate::ids::Id;
use crate::page::{Cursor, Page as Slot};
use crate::runtime::Status;
use crate::runtime::agents::RuntimeAgent;
use crate::runtime::agents::queries::{self as instances, RuntimeAgentFilter};
use crate::runtime::prompts::queries as prompts;
use crate::time::{Clock, Day, Timestamp};
use crate::{Result, agents, events};

/// How many stand on one page.
const LENGTH: i64 = 50;
pub const TOPICS: &str = "runtime,agent";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// A run in a table.
pub struct Row {
    pub id: Id,
    pub agent: String,
    /// What it was asked, in short.
    pub asked: String,
    pub state: show::State,
    pub started: Option<Moment>,
    pub lapse: Lapse,
    pub tokens: String,
    pub cost: String,
    pub model: String,
    /// Why it ended as it did.
    pub reason: String,
}

impl Row {
    pub fn of(db: &Read, run: &RuntimeAgent, now: Timestamp) -> Result<Self> {
        let agent = agents::queries::get(db, run.orchestrator_agent_id)?.name;
        let asked = prompts::beginning(db, run.id)?;
        let reason = run.error_message.as_deref().or(run.exit_reason.as_deref());
        Ok(Self {
            id: run.id,
            agent,
            asked: show::brief(&asked.unwrap_or_default(), 120),
            state: run.status.into(),
            started: run.started_at.map(|at| Moment::new(at, now)),
            lapse: Lapse::new(run.started_at, run.duration_ms, now),
            tokens: match run.tokens_input + run.tokens_output {
                0 => "–".into(),
                tokens => count(tokens),
            },
            cost: match run.cost_usd.micros() {
                0 => "–".into(),
                _ => spent(run.cost_usd, run.cost_is_estimate),
            },
            model: run.model.clone().unwrap_or_default(),
            reason: show::brief(reason.unwrap_or_default(), 160),
        })
    }

    /// The rows of several.
    pub fn all(db: &Read, runs: &[RuntimeAgent]) -> Result<Vec<Self>> {
        let now = Clock::system().now();
        runs.iter().map(|run| Self::of(db, run, now)).collect()
    }
}

/// Which runs are shown.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    #[param(value_type = Option<String>)]
    status: Option<Status>,
    /// The id of an agent.
    #[param(value_type = Option<String>)]
    agent: Option<Id>,
    /// The first day, in UTC.
    #[param(value_type = Option<String>)]
    from: Option<Day>,
    /// The last day, in UTC.
    #[param(value_type = Option<String>)]
    to: Option<Day>,
    /// Words of what it was asked; the last one may be a beginning.
    q: Option<String>,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

impl FromQuery for Filter {
    fn from_query(query: &mut QueryReader) -> Self {
        // A form sends what was left open as an empty text.
        Self {
            status: query.filled("status"),
            agent: query.filled("agent"),
            from: query.filled("from"),
            to: query.filled("to"),
            q: query.filled("q"),
            cursor: query.filled("cursor"),
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/runs.html", blocks = ["list"])]
struct List {
    frame: Frame,
    filter: Filter,
    statuses: Select,
    agents: Select,
    runs: Vec<Row>,
    next: Option<Cursor>,
}

impl List {
    /// The query that shows the same from `cursor` on.
    fn query(&self, cursor: Option<&Cursor>) -> String {
        query([
            (
                "status",
                self.filter.status.map(|it| it.as_str().to_owned()),
            ),
            ("agent", self.filter.agent.map(|it| it.to_string())),
            ("from", self.filter.from.map(|it| it.to_string())),
            ("to", self.filter.to.map(|it| it.to_string())),
            ("q", self.filter.q.clone()),
            ("cursor", cursor.map(ToString::to_string)),
        ])
    }

    fn is_filtered(&self) -> bool {
        !self.query(None).is_empty()
    }
}

/// Runs, newest first
#[utoipa::path(get, path = "/runs", tag = TAG, params(Filter, Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn list(State(app): State<App>, visit: Visit, Query(asked): Query<(Filter, Part)>) -> Page {
    let (filter, Part { part }) = asked;
    let page = app.db.read(move |db| look(db, visit, filter)).await?;
    match part.as_deref() {
        None => render(&page),
        Some("list") => render(&page.as_list()),
        Some(_) => Err(no_part()),
    }
}

fn look(db: &Read, visit: Visit, filter: Filter) -> Result<List> {
    let newest = events::newest(db)?;
    let slot = Slot {
        limit: LENGTH,
        after: filter.cursor,
    };
    let which = RuntimeAgentFilter {
        status: filter.status,
        orchestrator_agent_id: filter.agent,
        q: filter.q.clone(),
        since: filter.from.map(Day::start),
        until: filter.to.map(|day| day.next().start()),
        ..Default::default()
    };
    let slice = instances::list(db, &which, &slot)?;
    let status = filter.status.map(Status::as_str);
    let statuses = Status::ALL.iter().map(|status| {
        let word = show::State::from(*status).word.to_owned();
        (status.as_str().to_owned(), word)
    });
    let agent = filter.agent.map(|agent| agent.to_string());
    let agents = super::agents::names(db)?;
    Ok(List {
        frame: visit.frame(Place::Runs, "Runs").live(TOPICS, newest),
        statuses: Select::new("status", "State", status, statuses),
        agents: Select::new("agent", "Agent", agent.as_deref(), agents),
        filter,
        runs: Row::all(db, &slice.items)?,
        next: slice.next,
    })
}
