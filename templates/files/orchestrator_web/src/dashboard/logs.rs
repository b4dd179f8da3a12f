//! The lines of all runs: live at their end, and back as far as they are kept.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::form::Select;
use super::page::{Frame, Part, Place, TAG, Visit, no_part, query, render};
use super::show::filters;
use super::timeline::{Line, Lines, Stand};
use crate::app::App;
use crate::db::Read;
use crate::extract::{FromQuery, Query, QueryReader};
use crate::ids::Id;
use crate::runtime::agents::queries as instances;
use crate::runtime::logs::queries::{LogFilter, Reporter};
use crate::runtime::logs::{Level, Log, LogType};
use crate::time::Clock;
use crate::{Result, agents, events};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Which lines are shown.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// The lowest level.
    #[param(value_type = Option<String>)]
    level: Option<Level>,
    /// The id of an agent.
    #[param(value_type = Option<String>)]
    agent: Option<Id>,
    #[param(value_type = Option<String>)]
    log_type: Option<LogType>,
    /// Words of the message; the last one may be a beginning.
    q: Option<String>,
}

impl FromQuery for Filter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            level: query.filled("level"),
            agent: query.filled("agent"),
            log_type: query.filled("log_type"),
            q: query.filled("q"),
        }
    }
}

impl Filter {
    /// As a query that calls an agent so.
    fn query(&self, agent: &str) -> String {
        query([
            ("level", self.level.map(|it| it.as_str().to_owned())),
            (agent, self.agent.map(|it| it.to_string())),
            ("log_type", self.log_type.map(|it| it.as_str().to_owned())),
            ("q", self.q.clone()),
        ])
    }
}

#[derive(Template)]
#[template(path = "dashboard/logs.html")]
struct Logs {
    frame: Frame,
    levels: Select,
    agents: Select,
    types: Select,
    q: String,
    query: String,
    /// The same for the API.
    download: String,
    lines: Lines,
}

/// Lines of all runs, the newest at the end
#[utoipa::path(get, path = "/logs", tag = TAG, params(Filter, Stand, Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<((Filter, Stand), Part)>,
) -> Result<Response> {
    let ((filter, stand), Part { part }) = asked;
    match part.as_deref() {
        None => {
            let page = app
                .db
                .read(move |db| look(db, visit, &filter, &stand))
                .await?;
            Ok(render(&page)?.into_response())
        }
        Some("new" | "earlier" | "later" | "lines") => {
            let look = move |db: &Read| lines(db, &filter, &stand, part.as_deref());
            app.db.read(look).await?.answer()
        }
        Some(_) => Err(no_part()),
    }
}

fn look(db: &Read, visit: Visit, filter: &Filter, stand: &Stand) -> Result<Logs> {
    let newest = events::newest(db)?;
    let pair = |word: &str| (word.to_owned(), word.to_owned());
    let levels = Level::ALL.iter().map(|it| pair(it.as_str()));
    let types = LogType::ALL.iter().map(|it| pair(it.as_str()));
    let level = filter.level.map(Level::as_str);
    let agent = filter.agent.map(|agent| agent.to_string());
    let agents = super::agents::names(db)?;
    let log_type = filter.log_type.map(LogType::as_str);
    Ok(Logs {
        frame: visit
            .frame(Place::Logs, "Logs")
            .live("logs.written", newest),
        levels: Select::new("level", "From level", level, levels),
        agents: Select::new("agent", "Agent", agent.as_deref(), agents),
        types: Select::new("log_type", "About", log_type, types),
        q: filter.q.clone().unwrap_or_default(),
        query: filter.query("agent"),
        download: filter.query("orchestrator_agent_id"),
        lines: lines(db, filter, stand, None)?,
    })
}

fn lines(db: &Read, filter: &Filter, stand: &Stand, part: Option<&str>) -> Result<Lines> {
    let reporter = Reporter {
        orchestrator_agent_id: filter.agent,
        ..Default::default()
    };
    let which = LogFilter {
        level: filter.level,
        log_type: filter.log_type,
        q: filter.q.clone(),
        ..Default::default()
    };
    let now = Clock::system().now();
    let base = format!("/logs?{}&", filter.query("agent"));
    let line = |place, log: &Log| {
        let agent = reported_by(db, log.agent_id)?;
        Ok(Line::of_any(place, log, agent, now))
    };
    Lines::read(db, base, &reporter, &which, stand, part, line)
}

/// The name of the agent whose instance this is.
fn reported_by(db: &Read, run: Id) -> Result<String> {
    let run = instances::get(db, run)?;
    Ok(agents::queries::get(db, run.orchestrator_agent_id)?.name)
}
