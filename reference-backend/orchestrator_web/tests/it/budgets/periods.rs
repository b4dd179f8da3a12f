//! Days and months, in UTC.

use orchestrator::agents::commands::create;
use orchestrator::budgets::queries::all;
use orchestrator::budgets::{BudgetScope, Budgets};
use orchestrator::db::{self, Db, Write};
use orchestrator::runtime::Status;
use orchestrator::runtime::agents::commands::{
    NewRuntimeAgent, RuntimeAgentChanges, create as start, report,
};
use orchestrator::time::{Clock, Timestamp};
use std::sync::{Arc, Mutex};

use super::dollars;
use crate::support::new_agent;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[tokio::test]
async fn a_run_over_midnight_counts_each_days_part_on_its_day_and_each_months_in_its_month() {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(Mutex::new(at("2027-12-30T12:00:00Z")));
    let mut options = db::Options::new(folder.path().join("test.db"));
    let clock = Arc::clone(&now);
    options.clock = Clock::new(move || *clock.lock().unwrap());
    let (db, _) = Db::open(options).unwrap();
    let budgets = Budgets {
        agent_day: dollars(1.0),
        project_month: dollars(1.5),
        ..Budgets::default()
    };
    let run = db.write(|db| {
        let run = NewRuntimeAgent {
            orchestrator_agent_id: create(db, &new_agent("planner"))?.id,
            session_id: "s".into(),
            status: Status::Executing,
            parent_agent_id: None,
            model: None,
            context: None,
            config: None,
            metadata: None,
        };
        start(db, run)
    });
    let run = run.await.unwrap().id;
    let mut shown = Vec::new();
    // Total of the run.
    for (time, total) in [
        ("2027-12-30T23:59:59.999Z", 0.75),
        ("2027-12-31T00:00:00.000Z", 1.25),
        ("2027-12-31T23:59:59.999Z", 2.0),
        ("2028-01-01T00:00:00.000Z", 2.25),
        ("2028-02-28T10:00:00.000Z", 2.5),
        ("2028-02-29T10:00:00.000Z", 2.5),
    ] {
        *now.lock().unwrap() = at(time);
        let changes = RuntimeAgentChanges {
            cost_usd: Some(dollars(total)),
            ..Default::default()
        };
        let known = budgets.clone();
        let reported = move |db: &mut Write| report(db, run, changes, &known);
        db.write(reported).await.unwrap();
        let known = budgets.clone();
        for it in db.read(move |db| all(db, at(time), &known)).await.unwrap() {
            let name = match it.scope {
                BudgetScope::AgentDay => "day",
                _ => "month",
            };
            let period = it.period.unwrap();
            let resets_at = it.resets_at.unwrap();
            let spent = it.spent_usd.to_decimal();
            let mark = if it.is_exceeded { "!" } else { "" };
            shown.push(format!("{name} {period} until {resets_at}: {spent}{mark}"));
        }
    }
    insta::assert_snapshot!(shown.join("\n"), @"
    month 2027-12 until 2028-01-01T00:00:00.000Z: 0.750000
    day 2027-12-30 until 2027-12-31T00:00:00.000Z: 0.750000
    month 2027-12 until 2028-01-01T00:00:00.000Z: 1.250000
    day 2027-12-31 until 2028-01-01T00:00:00.000Z: 0.500000
    month 2027-12 until 2028-01-01T00:00:00.000Z: 2.000000!
    day 2027-12-31 until 2028-01-01T00:00:00.000Z: 1.250000!
    month 2028-01 until 2028-02-01T00:00:00.000Z: 0.250000
    day 2028-01-01 until 2028-01-02T00:00:00.000Z: 0.250000
    month 2028-02 until 2028-03-01T00:00:00.000Z: 0.250000
    day 2028-02-28 until 2028-02-29T00:00:00.000Z: 0.250000
    month 2028-02 until 2028-03-01T00:00:00.000Z: 0.250000
    day 2028-02-29 until 2028-03-01T00:00:00.000Z: 0.000000
    ");
}
