//! A workflow, step by step.

use askama::Template;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::graph::Graph;
use super::list::{done, lapse};
use crate::app::App;
use crate::dashboard::page::{Frame, Page, Part, Place, TAG, Visit, no_part, render};
use crate::dashboard::show::{self, Lapse, Moment, filters};
use crate::db::Read;
use crate::extract::{PathId, Query};
use crate::ids::Id;
use crate::json::Json;
use crate::time::{Clock, Timestamp};
use crate::workflows::Workflow;
use crate::workflows::engine::queries as engine;
use crate::workflows::queries;
use crate::workflows::steps::{StepView, view};
use crate::{Result, events};

const TOPICS: &str = "workflow";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Template)]
#[template(path = "dashboard/workflow.html", blocks = ["standing", "steps", "facts"])]
struct One {
    frame: Frame,
    workflow: Workflow,
    state: show::State,
    lapse: Lapse,
    done: String,
    started: Option<Moment>,
    ended: Option<Moment>,
    /// `None` where others run it.
    own: Option<Own>,
    /// Of those that others run: as they have reported them.
    reported: Option<String>,
    input: Option<String>,
    output: Option<String>,
    before: Option<Id>,
}

struct Own {
    graph: Graph,
    steps: Vec<Step>,
    is_to_stop: bool,
}

struct Step {
    view: StepView,
    /// The agent or the command.
    who: String,
    state: show::State,
    /// How often it was come to, and tried.
    tries: String,
    time: String,
    share: String,
}

/// One workflow, with its steps as they are now
#[utoipa::path(get, path = "/workflows/{id}", tag = TAG, params(("id" = Id, Path), Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(
    State(app): State<App>,
    visit: Visit,
    PathId(id): PathId,
    Query(Part { part }): Query<Part>,
) -> Page {
    let page = app.db.read(move |db| One::look(db, visit, id)).await?;
    match part.as_deref() {
        None => render(&page),
        Some("standing") => render(&page.as_standing()),
        Some("steps") => render(&page.as_steps()),
        Some("facts") => render(&page.as_facts()),
        Some(_) => Err(no_part()),
    }
}

impl One {
    fn look(db: &Read, visit: Visit, id: Id) -> Result<Self> {
        let newest = events::newest(db)?;
        let now = Clock::system().now();
        let own = engine::is_own(db, id)?.then(|| engine::own(db, id));
        let own = own.transpose()?;
        let workflow = match &own {
            Some(own) => own.workflow.clone(),
            None => queries::get(db, id)?,
        };
        let reported = workflow.steps.as_ref().filter(|_| own.is_none());
        Ok(Self {
            frame: visit
                .frame(Place::Workflows, workflow.adw_name.clone())
                .live(TOPICS, newest),
            state: workflow.status.into(),
            lapse: lapse(&workflow, now),
            done: done(&workflow),
            started: workflow.started_at.map(|at| Moment::new(at, now)),
            ended: workflow.completed_at.map(|at| Moment::new(at, now)),
            own: own.map(|own| Own::of(&own, now)),
            reported: reported.map(pretty),
            input: workflow.input_data.as_ref().map(pretty),
            output: workflow.output_data.as_ref().map(pretty),
            before: restarted_from(&workflow),
            workflow,
        })
    }

    fn is_stoppable(&self) -> bool {
        let own = self.own.as_ref();
        !self.workflow.status.is_terminal() && own.is_some_and(|it| !it.is_to_stop)
    }

    fn is_stopping(&self) -> bool {
        let own = self.own.as_ref();
        !self.workflow.status.is_terminal() && own.is_some_and(|it| it.is_to_stop)
    }

    fn is_restartable(&self) -> bool {
        self.own.is_some() && self.workflow.status.is_terminal()
    }
}

impl Own {
    fn of(own: &engine::Own, now: Timestamp) -> Self {
        let definition = &own.frozen.definition;
        let steps = view(&own.workflow, definition, &own.attempts, now);
        Self {
            graph: Graph::new(definition, &steps),
            steps: steps.into_iter().map(Step::of).collect(),
            is_to_stop: own.is_to_stop,
        }
    }
}

impl Step {
    fn of(view: StepView) -> Self {
        let who = match (&view.agent, &view.command) {
            (Some(agent), _) => agent.clone(),
            (None, Some(command)) => format!("the project's {command}"),
            (None, None) => String::new(),
        };
        let has_begun = view.started_at.is_some();
        let tries = match (view.iteration, view.attempt) {
            _ if !has_begun => "–".to_owned(),
            (1, 1) => "1".to_owned(),
            (iteration, 1) => format!("{iteration} times"),
            (1, attempt) => format!("attempt {attempt}"),
            (iteration, attempt) => format!("{iteration} times, attempt {attempt}"),
        };
        Self {
            who,
            state: view.status.into(),
            tries,
            time: if has_begun {
                show::duration(view.duration_ms)
            } else {
                "–".into()
            },
            share: if has_begun {
                format!("{} %", view.share_percent)
            } else {
                "–".into()
            },
            view,
        }
    }
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(&json.value()).expect("it is plain data")
}

/// The workflow that it repeats, as its metadata has it.
fn restarted_from(workflow: &Workflow) -> Option<Id> {
    let metadata = workflow.metadata.as_ref()?.value();
    Id::parse(metadata.get("restarted_from")?.as_str()?)
}
