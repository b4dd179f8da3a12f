//! The lines of all runs: live at their end, and back as far as they are kept.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::form::Select;
use super::page::{Frame, Part, Place, TAG, Visit, no_part, query, render};
use super::show::filters;
use super::timeline::{self, End, LENGTH, Line, Lines};
use crate::app::App;
use crate::db::Read;
use crate::extract::{FromQuery, Query, QueryReader};
use crate::ids::Id;
use crate::page::{Cursor, Page as Slot};
use crate::runtime::agents::queries as instances;
use crate::runtime::logs::queries::{self, LogFilter, Reporter};
use crate::runtime::logs::{Level, LogType};
use crate::time::Clock;
use crate::{Error, Result, agents, events};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Which lines are shown, and where in the log.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// The lowest level.
    #[param(value_type = Option<String>)]
    level: Option<Level>,
    #[param(value_type = Option<String>)]
    log_type: Option<LogType>,
    /// Words of the message; the last one may be a beginning.
    q: Option<String>,
    /// Lines before this place.
    #[param(value_type = Option<String>)]
    before: Option<Cursor>,
    /// Lines after this place.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

impl FromQuery for Filter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            level: query.filled("level"),
            log_type: query.filled("log_type"),
            q: query.filled("q"),
            before: query.filled("before"),
            after: query.filled("after"),
        }
    }
}

impl Filter {
    fn query(&self) -> String {
        query([
            ("level", self.level.map(|it| it.as_str().to_owned())),
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
    types: Select,
    q: String,
    query: String,
    lines: Lines,
}

/// Lines of all runs, the newest at the end
#[utoipa::path(get, path = "/logs", tag = TAG, params(Filter, Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<(Filter, Part)>,
) -> Result<Response> {
    let (filter, Part { part }) = asked;
    match part.as_deref() {
        None => {
            let page = app.db.read(move |db| look(db, visit, &filter)).await?;
            Ok(render(&page)?.into_response())
        }
        Some("new" | "earlier" | "lines") => {
            let is_added_to = filter.after.is_some();
            let lines = app.db.read(move |db| lines(db, &filter)).await?;
            if is_added_to && lines.earlier.is_some() {
                return timeline::anew(&lines);
            }
            Ok(render(&lines)?.into_response())
        }
        Some(_) => Err(no_part()),
    }
}

fn look(db: &Read, visit: Visit, filter: &Filter) -> Result<Logs> {
    let newest = events::newest(db)?;
    let pair = |word: &str| (word.to_owned(), word.to_owned());
    let levels = Level::ALL.iter().map(|it| pair(it.as_str()));
    let types = LogType::ALL.iter().map(|it| pair(it.as_str()));
    let level = filter.level.map(Level::as_str);
    let log_type = filter.log_type.map(LogType::as_str);
    Ok(Logs {
        frame: visit
            .frame(Place::Logs, "Logs")
            .live("logs.written", newest),
        levels: Select::new("level", "From level", level, levels),
        types: Select::new("log_type", "About", log_type, types),
        q: filter.q.clone().unwrap_or_default(),
        query: filter.query(),
        lines: lines(db, filter)?,
    })
}

fn lines(db: &Read, filter: &Filter) -> Result<Lines> {
    let which = LogFilter {
        level: filter.level,
        log_type: filter.log_type,
        q: filter.q.clone(),
        ..Default::default()
    };
    let page = Slot {
        limit: LENGTH,
        after: filter.before,
    };
    let reporter = Reporter::default();
    let slice = queries::window(db, &reporter, &which, filter.after, &page)?;
    let last = slice.items.first().map(|(place, _)| *place);
    let now = Clock::system().now();
    let found = slice.items.into_iter().rev();
    let shown = found.map(|(place, log)| {
        let agent = reported_by(db, log.agent_id)?;
        Ok(Line::of_any(place, &log, agent, now))
    });
    Ok(Lines {
        base: format!("/logs?{}&", filter.query()),
        earlier: slice.next,
        shown: shown.collect::<Result<_>>()?,
        end: filter.before.is_none().then(|| End {
            after: last.or(filter.after),
            about: None,
        }),
    })
}

/// The name of the agent whose instance this is.
fn reported_by(db: &Read, run: Id) -> Result<String> {
    let named =
        instances::get(db, run).and_then(|run| agents::queries::get(db, run.orchestrator_agent_id));
    match named {
        Ok(agent) => Ok(agent.name),
        // It was deleted between two looks.
        Err(Error::NotFound(_)) => Ok("deleted".into()),
        Err(error) => Err(error),
    }
}
