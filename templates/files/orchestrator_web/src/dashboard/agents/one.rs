use askama::Template;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Recent;
use super::changes::{run_fields, run_form};
use crate::agents::{Agent, queries};
use crate::app::App;
use crate::costs::queries as costs;
use crate::dashboard::chart::Columns;
use crate::dashboard::form::{Faults, Field, Form};
use crate::dashboard::page::{Frame, Page, Part, Place, TAG, Visit, no_part, render};
use crate::dashboard::runs::{Row, TOPICS};
use crate::dashboard::show::{self, Moment, filters, money};
use crate::db::Read;
use crate::extract::{PathId, Query};
use crate::ids::Id;
use crate::time::Clock;
use crate::{Result, events};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Template)]
#[template(path = "dashboard/agent.html", blocks = ["numbers", "list"])]
pub(super) struct One {
    frame: Frame,
    agent: Agent,
    state: show::State,
    created: Moment,
    success: String,
    median: String,
    slow: String,
    cost: String,
    trend: Columns,
    runs: Vec<Row>,
    fields: Vec<Field>,
    /// What is wrong with the form, and concerns none of its fields.
    faults: Vec<String>,
    key: String,
}

/// One agent, its last runs, and a prompt for the next
#[utoipa::path(get, path = "/agents/{id}", tag = TAG, params(("id" = Id, Path), Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(Part { part }): Query<Part>,
) -> Page {
    let (form, faults) = (run_form(), Faults::default());
    let page = app
        .db
        .read(move |db| One::look(db, visit, id, &form, faults))
        .await?;
    match part.as_deref() {
        None => render(&page),
        Some("numbers") => render(&page.as_numbers()),
        Some("list") => render(&page.as_list()),
        Some(_) => Err(no_part()),
    }
}

impl One {
    /// Whether something is wrong with a field that is folded away.
    fn is_wrong_below(&self) -> bool {
        self.fields.iter().skip(1).any(Field::has_fault)
    }

    /// The page with the form as it was filled in, and what is wrong with that.
    pub(super) fn look(
        db: &Read,
        visit: Visit,
        id: Id,
        form: &Form,
        mut faults: Faults,
    ) -> Result<Self> {
        let newest = events::newest(db)?;
        let agent = queries::get(db, id)?;
        let recent = Recent::of(db, id)?;
        let fields = run_fields(form, &mut faults);
        Ok(Self {
            frame: visit
                .frame(Place::Agents, agent.name.clone())
                .live(TOPICS, newest),
            state: show::State::of_agent(agent.is_active),
            created: Moment::new(agent.created_at, Clock::system().now()),
            success: recent.success(),
            median: recent.percentile(50),
            slow: recent.percentile(95),
            cost: money(costs::of_agent(db, id)?),
            trend: trend(&recent),
            runs: Row::all(db, &recent.0)?,
            agent,
            fields,
            faults: faults.rest(),
            key: form.text("key").to_owned(),
        })
    }
}

/// How long each of the last runs took, the oldest first.
fn trend(recent: &Recent) -> Columns {
    let ended = recent.0.iter().rev();
    let columns = ended.filter_map(|run| {
        let millis = run.duration_ms?;
        let state = show::State::from(run.status);
        let about = format!("{}, {}", state.word, show::duration(millis));
        Some((millis, about, state.shape))
    });
    Columns::new(
        "How long the last runs took, the newest on the right",
        columns,
    )
}
