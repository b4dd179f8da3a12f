use askama::Template;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Recent;
use crate::agents::queries::{self, AgentFilter};
use crate::agents::{Agent, AgentType};
use crate::app::App;
use crate::costs::queries as costs;
use crate::dashboard::form::Select;
use crate::dashboard::page::{Frame, Page, Part, Place, TAG, Visit, no_part, query, render};
use crate::dashboard::runs::{self, TOPICS};
use crate::dashboard::show::{self, filters, money};
use crate::db::Read;
use crate::extract::{FromQuery, Query, QueryReader};
use crate::page::{Cursor, Page as Slot};
use crate::time::Clock;
use crate::{Result, events};

const LENGTH: i64 = 50;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which agents are shown.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    q: Option<String>,
    #[param(value_type = Option<String>)]
    agent_type: Option<AgentType>,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

impl FromQuery for Filter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            q: query.filled("q"),
            agent_type: query.filled("agent_type"),
            cursor: query.filled("cursor"),
        }
    }
}

struct Row {
    agent: Agent,
    state: show::State,
    last: Option<runs::Row>,
    success: String,
    median: String,
    slow: String,
    cost: String,
}

#[derive(Template)]
#[template(path = "dashboard/agents.html", blocks = ["list"])]
struct Agents {
    frame: Frame,
    filter: Filter,
    types: Select,
    rows: Vec<Row>,
    next: Option<Cursor>,
}

/// Agents, newest first
#[utoipa::path(get, path = "/agents", tag = TAG, params(Filter, Part),
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

fn look(db: &Read, visit: Visit, filter: Filter) -> Result<Agents> {
    let newest = events::newest(db)?;
    let slot = Slot {
        limit: LENGTH,
        after: filter.cursor,
    };
    let which = AgentFilter {
        agent_type: filter.agent_type,
        q: filter.q.clone(),
        ..Default::default()
    };
    let slice = queries::list(db, &which, &slot)?;
    let rows = slice.items.into_iter().map(|agent| row(db, agent));
    let chosen = filter.agent_type.map(AgentType::as_str);
    let types = AgentType::ALL.iter().map(|it| it.as_str().to_owned());
    let types = types.map(|word| (word.clone(), word));
    Ok(Agents {
        frame: visit.frame(Place::Agents, "Agents").live(TOPICS, newest),
        types: Select::new("agent_type", "Type", chosen, types),
        filter,
        rows: rows.collect::<Result<_>>()?,
        next: slice.next,
    })
}

fn row(db: &Read, agent: Agent) -> Result<Row> {
    let recent = Recent::of(db, agent.id)?;
    let now = Clock::system().now();
    let last = recent.0.first();
    let last = last.map(|run| runs::Row::of(db, run, now)).transpose()?;
    let cost = costs::of_agent(db, agent.id)?;
    Ok(Row {
        state: show::State::of_agent(agent.is_active),
        last,
        success: recent.success(),
        median: recent.percentile(50),
        slow: recent.percentile(95),
        cost: match cost.micros() {
            0 => "–".into(),
            _ => money(cost),
        },
        agent,
    })
}

impl Agents {
    fn is_filtered(&self) -> bool {
        self.filter.q.is_some() || self.filter.agent_type.is_some()
    }

    /// The query that shows the same from `cursor` on.
    fn query(&self, cursor: Option<&Cursor>) -> String {
        let kind = self.filter.agent_type.map(|it| it.as_str().to_owned());
        query([
            ("q", self.filter.q.clone()),
            ("agent_type", kind),
            ("cursor", cursor.map(ToString::to_string)),
        ])
    }
}
