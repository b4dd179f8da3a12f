//! What goes on, what it costs, and what needs a person.

use askama::Template;
use axum::RequestExt as _;
use axum::extract::{Request, State};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::approvals::{self, Question};
use super::chart::Spark;
use super::form::Form;
use super::page::{Frame, Page, Part, Place, TAG, Visit, no_part, render, see};
use super::runs::Row;
use super::show::{brief, count, duration, filters, money, share, waiting};
use crate::agents::commands::{self as agents, NewAgent};
use crate::agents::queries::{self as definitions, AgentFilter};
use crate::app::App;
use crate::budgets::BudgetScope;
use crate::budgets::queries as budgets;
use crate::config::Settings;
use crate::db::{Read, Write};
use crate::extract::{self, Query};
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::page::Page as Slot;
use crate::runs::commands::{self as runs, NewRun};
use crate::runs::queries as queue;
use crate::runs::{Queue, QueueState};
use crate::runtime::Status;
use crate::runtime::agents::RuntimeAgent;
use crate::runtime::agents::queries::{self as instances, RuntimeAgentFilter};
use crate::runtime::logs::queries::{self as logs, LogFilter};
use crate::stats::DayStats;
use crate::stats::queries::{self as stats, StatsFilter};
use crate::time::{Clock, Timestamp};
use crate::{Result, events};

/// How many failures, and how many ended runs, are shown.
const FAILURES: i64 = 5;
const LATEST: i64 = 12;
const TOPICS: &str = "runtime,agent,queue,logs.written,approval,budget";

/// What the demonstration's agent is asked.
const DEMONSTRATION: &str = "\
say Good day. I am the built-in demo agent, and need no key.
sleep 800ms
think What shall I show? A tool, a result and a bill.
tool Read src/main.rs
sleep 800ms
say I have read a file. Agents that work for you show what they do in the same way.
cost 0.0042
sleep 800ms
say Done. Now give an agent of your own a prompt.";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(demonstrate))
}

#[derive(Template)]
#[template(path = "dashboard/overview.html", blocks = ["figures", "needs", "running", "latest"])]
struct Overview {
    frame: Frame,
    figures: Vec<Figure>,
    is_taking: bool,
    questions: Vec<Question>,
    failed: Vec<Failure>,
    running: Vec<Work>,
    /// How many are at work, or wait for it, and are not shown.
    more: i64,
    latest: Vec<Row>,
    has_agents: bool,
}

struct Failure {
    row: Row,
    can_restart: bool,
}

/// A run that is at work or waits for it.
struct Work {
    row: Row,
    /// The last that it has said, or why it waits.
    doing: String,
}

/// How much or how well, as the API's statistics tell it.
struct Figure {
    name: &'static str,
    value: String,
    trend: Option<Spark>,
    note: String,
}

/// The page that stands at `/` for people.
pub async fn answer(app: &App, request: &mut Request) -> Page {
    let Ok(visit) = request.extract_parts_with_state::<Visit, App>(app).await;
    let Query(Part { part }) = request
        .extract_parts_with_state::<Query<Part>, App>(app)
        .await?;
    let settings = app.settings();
    let asked = part.clone();
    let look = move |db: &Read| Overview::look(db, visit, &settings, asked.as_deref());
    let page = app.db.read(look).await?;
    match part.as_deref() {
        None => render(&page),
        Some("figures") => render(&page.as_figures()),
        Some("needs") => render(&page.as_needs()),
        Some("running") => render(&page.as_running()),
        Some("latest") => render(&page.as_latest()),
        Some(_) => Err(no_part()),
    }
}

impl Overview {
    /// The whole page, or as much of it as `part` shows: each is asked for as often as it changes.
    fn look(db: &Read, visit: Visit, settings: &Settings, part: Option<&str>) -> Result<Self> {
        let shows = |name| part.is_none_or(|part| part == name);
        let newest = events::newest(db)?;
        let now = Clock::system().now();
        let queue = queue::queue(db, settings, now)?;
        let (running, more) = look_if(shows("running"), || at_work(db, &queue, now))?;
        Ok(Self {
            frame: visit
                .frame(Place::Overview, "Overview")
                .live(TOPICS, newest),
            figures: look_if(shows("figures"), || figures(db, settings, now))?,
            is_taking: queue.state == QueueState::Running,
            questions: look_if(shows("needs"), || approvals::pending(db, None, now))?,
            failed: look_if(shows("needs"), || failures(db, now))?,
            running,
            more,
            latest: look_if(shows("latest"), || Row::all(db, &list(db, None, LATEST)?))?,
            has_agents: has_agents(db)?,
        })
    }
}

/// What `look` finds, or nothing where it is not shown.
fn look_if<T: Default>(is_shown: bool, look: impl FnOnce() -> Result<T>) -> Result<T> {
    if is_shown { look() } else { Ok(T::default()) }
}

/// What runs and what waits for it, and how many more there are of both.
fn at_work(db: &Read, queue: &Queue, now: Timestamp) -> Result<(Vec<Work>, i64)> {
    let own = queue.running.iter().map(|id| instances::get(db, *id));
    let mut running = own.collect::<Result<Vec<_>>>()?;
    running.extend(instances::running_elsewhere(db, LATEST)?);
    let mut shown = Vec::new();
    for run in running {
        let doing = last_word(db, run.id)?;
        let row = Row::of(db, &run, now)?;
        shown.push(Work { row, doing });
    }
    let all = stats::running(db)? + count_of(&queue.queued);
    let latest = usize::try_from(LATEST).expect("it is small");
    for queued in queue.queued.iter().take(latest) {
        let run = instances::get(db, queued.id)?;
        let row = Row::of(db, &run, now)?;
        let doing = waiting(queued);
        shown.push(Work { row, doing });
    }
    let more = (all - count_of(&shown)).max(0);
    Ok((shown, more))
}

fn count_of<T>(list: &[T]) -> i64 {
    i64::try_from(list.len()).unwrap_or(i64::MAX)
}

fn has_agents(db: &Read) -> Result<bool> {
    let one = Slot {
        limit: 1,
        after: None,
    };
    let agents = definitions::list(db, &AgentFilter::default(), &one)?;
    Ok(!agents.items.is_empty())
}

fn list(db: &Read, status: Option<Status>, limit: i64) -> Result<Vec<RuntimeAgent>> {
    let filter = RuntimeAgentFilter {
        status,
        ..Default::default()
    };
    let page = Slot { limit, after: None };
    Ok(instances::list(db, &filter, &page)?.items)
}

/// The first line of the last thing that the run has said.
fn last_word(db: &Read, run: Id) -> Result<String> {
    let page = Slot {
        limit: 1,
        after: None,
    };
    let lines = logs::of_agent(db, run, &LogFilter::default(), &page)?.items;
    Ok(lines
        .first()
        .map_or(String::new(), |line| brief(&line.message, 120)))
}

/// What has failed within a day and was not started again since.
fn failures(db: &Read, now: Timestamp) -> Result<Vec<Failure>> {
    const A_DAY: std::time::Duration = std::time::Duration::from_hours(24);
    let since = now.before(A_DAY);
    let mut found = list(db, Some(Status::Failed), FAILURES)?;
    found.extend(list(db, Some(Status::Lost), FAILURES)?);
    found.retain(|run| run.completed_at.is_some_and(|at| since < at));
    found.sort_by_key(|run| std::cmp::Reverse(run.completed_at));
    let mut failures = Vec::new();
    for run in found {
        let again = RuntimeAgentFilter {
            parent_agent_id: Some(run.id),
            ..Default::default()
        };
        let one = Slot {
            limit: 1,
            after: None,
        };
        if instances::list(db, &again, &one)?.items.is_empty() {
            let can_restart = queue::is_ours(db, run.id)?;
            let row = Row::of(db, &run, now)?;
            failures.push(Failure { row, can_restart });
        }
    }
    Ok(failures)
}

fn figures(db: &Read, settings: &Settings, now: Timestamp) -> Result<Vec<Figure>> {
    let stats = stats::stats(db, &StatsFilter { since: None }, now)?;
    let budgets = budgets::all(db, now, &settings.budgets)?;
    let month = budgets
        .iter()
        .find(|it| it.scope == BudgetScope::ProjectMonth);
    let budget = month.map(|it| {
        let (spent, limit) = (it.spent_usd.micros(), it.limit_usd.micros());
        format!(
            "{} % of {}",
            spent * 100 / limit.max(1),
            money(it.limit_usd)
        )
    });
    let hours: Vec<_> = stats.hours.iter().map(|hour| hour.made.runs).collect();
    let days = |title: &str, value: fn(&DayStats) -> Option<i64>, show: fn(i64) -> String| {
        let values: Vec<_> = stats.days.iter().filter_map(value).collect();
        Spark::new(&format!("{title}, last 31 days"), &values, show)
    };
    let micros = |micros: i64| money(MicroUsd::from_micros(micros));
    let first = now.day().first_of_month();
    let this_month = stats.days.iter().filter(|it| first <= it.day);
    let summed = this_month.scan(0, |sum, day| {
        *sum += day.spent.cost_usd.micros();
        Some(*sum)
    });
    let summed: Vec<_> = std::iter::once(0).chain(summed).collect();
    let millis = |millis: Option<i64>| millis.map_or("–".into(), duration);
    let today = stats.days.last().map(|day| day.made).unwrap_or_default();
    let tokens = stats.today.tokens_input + stats.today.tokens_output;
    Ok(vec![
        Figure {
            name: "At work",
            value: count(stats.running),
            trend: Spark::new("Runs an hour, last 24 hours", &hours, count),
            note: format!("{} queued", count(stats.queued)),
        },
        Figure {
            name: "Runs today",
            value: count(stats.runs.total),
            trend: days("Runs a day", |day| Some(day.made.runs), count),
            note: "since midnight, UTC".into(),
        },
        Figure {
            name: "Success today",
            value: share(today.success_permille()),
            trend: days(
                "Success of the runs of each day",
                |day| day.made.success_permille(),
                |permille| share(Some(permille)),
            ),
            note: format!("{} failed", count(today.failed)),
        },
        Figure {
            name: "Median run today",
            value: millis(stats.runs.duration_p50_ms),
            trend: days(
                "Median of the runs of each day",
                |day| day.duration_p50_ms,
                duration,
            ),
            note: format!("p95 {}", millis(stats.runs.duration_p95_ms)),
        },
        Figure {
            name: "Cost today",
            value: money(stats.today.cost_usd),
            trend: days(
                "Cost a day",
                |day| Some(day.spent.cost_usd.micros()),
                micros,
            ),
            note: format!("{} tokens", count(tokens)),
        },
        Figure {
            name: "Cost this month",
            value: money(stats.month.cost_usd),
            trend: Spark::new("Cost since the month began", &summed, micros),
            note: budget.unwrap_or("no budget".into()),
        },
    ])
}

/// Makes the demo agent, if there is none, and runs it
#[utoipa::path(post, path = "/demonstration", tag = TAG,
    request_body(content = std::collections::BTreeMap<String, String>,
        content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, headers(("location" = String)))))]
async fn demonstrate(State(app): State<App>, _: Form) -> Result<Response> {
    let settings = app.settings_for_a_start()?;
    let agent = serde_json::json!({
        "name": "demo", "description": "Does what its prompt says, line by line",
        "agent_type": "utility", "capabilities": "", "executor": "demo",
    });
    let agent = extract::parse::<NewAgent>(agent.to_string().as_bytes(), &settings)?;
    let run = serde_json::json!({ "prompt": DEMONSTRATION });
    let run = extract::parse::<NewRun>(run.to_string().as_bytes(), &settings)?;
    let start = move |db: &mut Write| {
        let demo = match demo(db)? {
            Some(demo) => demo,
            None => agents::create(db, &agent)?.id,
        };
        runs::execute(db, demo, run, &settings, None)
    };
    let run = app.db.write(start).await?;
    Ok(see(&format!("/runs/{}", run.id)))
}

/// An agent that runs on the built-in executor.
fn demo(db: &Read) -> Result<Option<Id>> {
    let page = Slot {
        limit: 1000,
        after: None,
    };
    let filter = AgentFilter {
        is_active: Some(true),
        ..Default::default()
    };
    let known = definitions::list(db, &filter, &page)?.items;
    let known = known
        .iter()
        .find(|it| it.executor.as_deref() == Some("demo"));
    Ok(known.map(|agent| agent.id))
}
