//! One run: what it was asked, what it does as it does it, what it costs, and how it ended.

mod changes;
mod diff;
mod worktree;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::costs::queries::{self as costs, CostFilter};
use crate::costs::{By, Cost};
use crate::dashboard::approvals::{self, Question};
use crate::dashboard::page::{Frame, Part, Place, TAG, Visit, no_part, render};
use crate::dashboard::runs::Row;
use crate::dashboard::show::{self, Moment, count, filters, money, spent};
use crate::dashboard::timeline::{Line, Lines, Stand};
use crate::db::Read;
use crate::extract::{PathId, Query};
use crate::ids::Id;
use crate::page::Page as Slot;
use crate::runs::{self, Run};
use crate::runtime::agents::RuntimeAgent;
use crate::runtime::agents::queries::{self as instances, RuntimeAgentFilter};
use crate::runtime::logs::queries::{LogFilter, Reporter};
use crate::runtime::prompts::Prompt;
use crate::runtime::prompts::queries::{self as prompts, PromptFilter};
use crate::time::Clock;
use crate::worktrees::{self, Worktree, discard};
use crate::{Error, Result, events};

const TOPICS: &str = "runtime,logs.written,prompt,approval,worktree";
/// How many of the runs that it has started are listed.
const CHILDREN: i64 = 20;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .merge(changes::routes())
        .merge(diff::routes())
        .merge(worktree::routes())
}

#[derive(Template)]
#[template(path = "dashboard/run.html", blocks = ["standing", "facts", "texts", "needs", "worktree"])]
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
    /// Why it ended as it did.
    reason: Option<String>,
    by_model: Vec<OfModel>,
    worktree: Option<Worktree>,
    prompt: Option<Prompt>,
    children: Vec<Row>,
    questions: Vec<Question>,
    lines: Lines,
}

/// What was spent on one model.
struct OfModel {
    model: String,
    input: String,
    output: String,
    cost: String,
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
        Some("earlier" | "later" | "lines" | "new") => {
            let look = move |db: &Read| of_run(db, id, &stand, part.as_deref());
            app.db.read(look).await?.answer()
        }
        part => {
            let look = move |db: &Read| Shown::look(db, visit, id, &stand);
            let page = app.db.read(look).await?;
            let html = match part {
                None => render(&page),
                Some("standing") => render(&page.as_standing()),
                Some("facts") => render(&page.as_facts()),
                Some("needs") => render(&page.as_needs()),
                Some("texts") => render(&page.as_texts()),
                Some("worktree") => render(&page.as_worktree()),
                Some(_) => Err(no_part()),
            };
            Ok(html?.into_response())
        }
    }
}

fn of_run(db: &Read, id: Id, stand: &Stand, part: Option<&str>) -> Result<Lines> {
    let start = instances::get(db, id)?.started_at;
    let now = Clock::system().now();
    let base = format!("/runs/{id}?");
    let reporter = Reporter {
        agent_id: Some(id),
        ..Default::default()
    };
    let line = |place, log: &_| Ok(Line::of_run(place, log, start, now));
    Lines::read(
        db,
        base,
        &reporter,
        &LogFilter::default(),
        stand,
        part,
        line,
    )
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
            reason: run.exit_reason.as_deref().map(show::ended),
            by_model: by_model(db, id)?,
            worktree: worktrees::queries::of(db, id)?,
            prompt: prompt(db, id)?,
            children: children(db, id)?,
            questions: approvals::pending(db, Some(id), now)?,
            lines: of_run(db, id, stand, None)?,
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

    fn has_ended(&self) -> bool {
        self.run.status.is_terminal()
    }

    /// What the events are about that concern its work tree, which may be that of an earlier run.
    fn about_worktree(&self) -> String {
        let trees = self.worktree.iter().map(|it| it.id);
        let about = std::iter::once(self.run.id).chain(trees);
        about.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
    }
}

fn by_model(db: &Read, id: Id) -> Result<Vec<OfModel>> {
    let filter = CostFilter {
        by: By::Model,
        run_id: Some(id),
        from: None,
        to: None,
    };
    let of_model = |cost: Cost| OfModel {
        model: cost.key.unwrap_or_else(|| "unknown".into()),
        input: count(cost.tokens_input),
        output: count(cost.tokens_output),
        cost: spent(cost.cost_usd, cost.is_estimate),
    };
    let sums = costs::sums(db, &filter)?;
    Ok(sums.into_iter().map(of_model).collect())
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
