use askama::Template;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::config::Settings;
use crate::dashboard::form::Select;
use crate::dashboard::page::{Frame, Page, Part, Place, TAG, Visit, no_part, query, render};
use crate::dashboard::show::{self, Lapse, Moment, brief, filters};
use crate::db::Read;
use crate::events;
use crate::extract::{FromQuery, Query, QueryReader};
use crate::ids::Id;
use crate::page::{Cursor, Page as Slot};
use crate::time::{Clock, Timestamp};
use crate::workflows::definition::Definition;
use crate::workflows::queries::{self, WorkflowFilter};
use crate::workflows::{Workflow, WorkflowStatus};
use crate::{Error, Result};

const LENGTH: i64 = 50;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which workflows are shown.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    #[param(value_type = Option<String>)]
    status: Option<WorkflowStatus>,
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

impl FromQuery for Filter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            status: query.filled("status"),
            cursor: query.filled("cursor"),
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/workflows.html", blocks = ["list"])]
struct List {
    frame: Frame,
    filter: Filter,
    statuses: Select,
    definitions: Vec<Named>,
    rows: Vec<Row>,
    next: Option<Cursor>,
}

/// A workflow that can be started.
struct Named {
    name: String,
    description: String,
    steps: Vec<String>,
}

struct Row {
    id: Id,
    name: String,
    state: show::State,
    started: Option<Moment>,
    lapse: Lapse,
    /// `3 of 5`
    done: String,
    /// What it does now, or why it failed.
    note: String,
}

/// What can be started, and the workflows, newest first
#[utoipa::path(get, path = "/workflows", tag = TAG, params(Filter, Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn list(State(app): State<App>, visit: Visit, Query(asked): Query<(Filter, Part)>) -> Page {
    let (filter, Part { part }) = asked;
    let settings = app.settings();
    let look = move |db: &Read| look(db, visit, filter, &settings);
    let page = app.db.read(look).await?;
    match part.as_deref() {
        None => render(&page),
        Some("list") => render(&page.as_list()),
        Some(_) => Err(no_part()),
    }
}

fn look(db: &Read, visit: Visit, filter: Filter, settings: &Settings) -> Result<List> {
    let newest = events::newest(db)?;
    let slot = Slot {
        limit: LENGTH,
        after: filter.cursor,
    };
    let which = WorkflowFilter {
        status: filter.status,
    };
    let slice = queries::list(db, &which, &slot)?;
    let now = Clock::system().now();
    let statuses = WorkflowStatus::ALL.iter().map(|it| it.as_str().to_owned());
    let statuses = statuses.map(|word| (word.clone(), word));
    let chosen = filter.status.map(WorkflowStatus::as_str);
    Ok(List {
        frame: visit
            .frame(Place::Workflows, "Workflows")
            .live("workflow", newest),
        statuses: Select::new("status", "State", chosen, statuses),
        filter,
        definitions: settings.workflows.0.iter().map(Named::of).collect(),
        rows: slice.items.iter().map(|it| Row::of(it, now)).collect(),
        next: slice.next,
    })
}

impl Named {
    fn of((name, definition): (&String, &Definition)) -> Self {
        Self {
            name: name.clone(),
            description: definition.description.clone(),
            steps: definition.steps.iter().map(|it| it.name.clone()).collect(),
        }
    }
}

impl Row {
    fn of(workflow: &Workflow, now: Timestamp) -> Self {
        let note = workflow.error_message.as_deref();
        let note = note.or(workflow.current_step.as_deref());
        Self {
            id: workflow.id,
            name: workflow.adw_name.clone(),
            state: workflow.status.into(),
            started: workflow.started_at.map(|at| Moment::new(at, now)),
            lapse: lapse(workflow, now),
            done: done(workflow),
            note: brief(note.unwrap_or_default(), 160),
        }
    }
}

impl List {
    /// The query that shows the same from `cursor` on.
    fn query(&self, cursor: Option<&Cursor>) -> String {
        query([
            (
                "status",
                self.filter.status.map(|it| it.as_str().to_owned()),
            ),
            ("cursor", cursor.map(ToString::to_string)),
        ])
    }
}

pub(super) fn lapse(workflow: &Workflow, now: Timestamp) -> Lapse {
    let start = workflow.started_at;
    let ended = workflow.completed_at.zip(start);
    Lapse::new(
        start,
        ended.map(|(end, start)| end.millis_since(start)),
        now,
    )
}

/// `3 of 5`; of one that was only reported, what is known.
pub(super) fn done(workflow: &Workflow) -> String {
    match workflow.total_steps {
        Some(all) => format!("{} of {all}", workflow.completed_steps),
        None => workflow.completed_steps.to_string(),
    }
}

/// The definition of that name, as the settings have it.
pub(super) fn definition(settings: &Settings, name: &str) -> Result<Definition> {
    let definition = settings.workflows.0.get(name).cloned();
    definition.ok_or(Error::NotFound("workflow definition"))
}
