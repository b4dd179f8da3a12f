//! What was spent: by day, agent, model, workflow and session, and what budgets leave.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::chart::Columns;
use super::form::Select;
use super::page::{Frame, Page, Part, Place, TAG, Visit, no_part, query, render};
use super::show::{self, count, day, filters, money, spent};
use crate::app::App;
use crate::budgets::queries as budgets;
use crate::budgets::{Budget, BudgetScope};
use crate::config::Settings;
use crate::costs::queries::{self, CostFilter};
use crate::costs::{By, Cost};
use crate::db::Read;
use crate::extract::{FromQuery, Query, QueryReader};
use crate::money::MicroUsd;
use crate::time::{Clock, Day};
use crate::{Result, events};

const TOPICS: &str = "runtime,budget,agent,config";
/// Days that the chart shows: a month, whichever.
const DAYS: u32 = 31;
const A_DAY: Duration = Duration::from_hours(24);

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What costs are summed by, and from when.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    #[param(value_type = Option<String>)]
    by: Option<By>,
    #[param(value_type = Option<String>)]
    from: Option<Day>,
    #[param(value_type = Option<String>)]
    to: Option<Day>,
}

impl FromQuery for Filter {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            by: query.filled("by"),
            from: query.filled("from"),
            to: query.filled("to"),
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/costs.html", blocks = ["sums"])]
struct Costs {
    frame: Frame,
    query: String,
    by: Select,
    from: String,
    to: String,
    total: String,
    chart: Columns,
    /// The first and the last day of the chart.
    ends: Option<(Day, Day)>,
    sums: Vec<Sum>,
    budgets: Vec<Account>,
}

struct Sum {
    name: String,
    /// Where one sees what it was spent on.
    link: Option<String>,
    runs: String,
    input: String,
    output: String,
    cost: String,
}

struct Account {
    of: String,
    budget: Budget,
    spent: String,
    reserved: String,
    limit: String,
    left: String,
}

/// What runs have cost, also those that are gone
#[utoipa::path(get, path = "/costs", tag = TAG, params(Filter, Part),
    responses((status = 200, body = String, content_type = "text/html")))]
async fn show(State(app): State<App>, visit: Visit, Query(asked): Query<(Filter, Part)>) -> Page {
    let (filter, Part { part }) = asked;
    let settings = app.settings();
    let look = move |db: &Read| look(db, visit, &settings, &filter);
    let page = app.db.read(look).await?;
    match part.as_deref() {
        None => render(&page),
        Some("sums") => render(&page.as_sums()),
        Some(_) => Err(no_part()),
    }
}

fn look(db: &Read, visit: Visit, settings: &Settings, filter: &Filter) -> Result<Costs> {
    let newest = events::newest(db)?;
    let now = Clock::system().now();
    let by = filter.by.unwrap_or(By::Agent);
    let which = |by| CostFilter {
        by,
        run_id: None,
        from: filter.from,
        to: filter.to,
    };
    let by_day = queries::sums(db, &which(By::Day))?;
    let days = charted(filter, now.day());
    let total: i64 = by_day.iter().map(|sum| sum.cost_usd.micros()).sum();
    let sums = queries::sums(db, &which(by))?;
    let choices = By::ALL.iter().map(|by| by.as_str().to_owned());
    let choices = choices.map(|word| (word.clone(), word));
    let text = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    Ok(Costs {
        frame: visit.frame(Place::Costs, "Costs").live(TOPICS, newest),
        query: query([
            ("by", Some(by.as_str().to_owned())),
            ("from", filter.from.map(|day| day.to_string())),
            ("to", filter.to.map(|day| day.to_string())),
        ]),
        by: Select::new("by", "By", Some(by.as_str()), choices),
        from: text(filter.from),
        to: text(filter.to),
        total: spent(
            MicroUsd::from_micros(total),
            by_day.iter().any(|sum| sum.is_estimate),
        ),
        chart: chart(&by_day, &days),
        ends: days.first().copied().zip(days.last().copied()),
        sums: sums.into_iter().map(|it| sum(it, by)).collect(),
        budgets: budgets::all(db, now, &settings.budgets)?
            .into_iter()
            .map(account)
            .collect(),
    })
}

/// The last days of those that are summed.
fn charted(filter: &Filter, today: Day) -> Vec<Day> {
    let last = filter.to.map_or(today, |to| to.min(today));
    let days = (0..DAYS)
        .rev()
        .map(|age| last.start().before(A_DAY * age).day());
    days.filter(|day| filter.from.is_none_or(|from| from <= *day))
        .collect()
}

fn chart(sums: &[Cost], days: &[Day]) -> Columns {
    let columns = days.iter().map(|date| {
        let of_day = sums
            .iter()
            .find(|sum| sum.key.as_deref() == Some(date.as_str()));
        let cost = of_day.map_or(MicroUsd::default(), |sum| sum.cost_usd);
        let is_estimate = of_day.is_some_and(|sum| sum.is_estimate);
        let about = format!("{}: {}", day(date.as_str()), spent(cost, is_estimate));
        (cost.micros(), about, "")
    });
    Columns::new(format!("Cost a day, {} days", days.len()), columns)
}

fn sum(cost: Cost, by: By) -> Sum {
    let key = cost.key.unwrap_or_default();
    let link = match by {
        By::Agent if !key.is_empty() => Some(format!("/runs?agent={key}")),
        _ => None,
    };
    let none = match by {
        By::Model => "unknown",
        By::Workflow => "no workflow",
        By::Agent | By::Day | By::Session => "none",
    };
    let name = cost.name.unwrap_or(key);
    Sum {
        name: if name.is_empty() { none.into() } else { name },
        link,
        runs: count(cost.runs),
        input: count(cost.tokens_input),
        output: count(cost.tokens_output),
        cost: spent(cost.cost_usd, cost.is_estimate),
    }
}

fn account(budget: Budget) -> Account {
    let name = budget.name.clone().unwrap_or_default();
    let period = budget.period.clone().unwrap_or_default();
    Account {
        of: match budget.scope {
            BudgetScope::Run => format!("a run of {name}"),
            BudgetScope::AgentDay => format!("{name}, {period}"),
            BudgetScope::ProjectMonth => format!("all agents, {period}"),
        },
        spent: money(budget.spent_usd),
        reserved: money(budget.reserved_usd),
        limit: money(budget.limit_usd),
        left: money(budget.left_usd),
        budget,
    }
}
