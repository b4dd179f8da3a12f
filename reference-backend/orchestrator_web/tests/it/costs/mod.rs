//! What was spent stays known, whoever is gone.

mod csv;
pub mod ledger;

use std::sync::{Arc, Mutex};

use orchestrator::agents::commands::create;
use orchestrator::config::{Keep, Retention};
use orchestrator::costs::By;
use orchestrator::costs::queries::{CostFilter, sums};
use orchestrator::db::{self, Db, Write};
use orchestrator::ids::Id;
use orchestrator::money::MicroUsd;
use orchestrator::retention::prune;
use orchestrator::runtime::Status;
use orchestrator::runtime::agents::commands::{
    NewRuntimeAgent, RuntimeAgentChanges, create as start, update,
};
use orchestrator::time::{Clock, Timestamp};
use serde_json::{Value, json};

use crate::support::{Service, new_agent};

async fn report(service: &Service, run: &str, changes: Value) {
    let path = format!("/api/runtime/agents/{run}");
    let answer = service.patch(&path, changes).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn costs(service: &Service, by: &str) -> Value {
    let answer = service.get(&format!("/api/costs?by={by}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

#[tokio::test]
async fn totals_that_runs_report_are_summed_by_agent_and_by_model() {
    let service = Service::start();
    let planner = service.agent("planner").await;
    let body = json!({ "name": "builder", "description": "", "agent_type": "builder",
        "capabilities": "" });
    let builder = service.given("/api/agents", body).await;
    let builder = builder["id"].as_str().unwrap();
    let first = service.instance(&planner).await;
    let second = service.instance(&planner).await;
    let third = service.instance(builder).await;
    assert_eq!(costs(&service, "agent").await, json!([]));

    for (run, changes) in [
        (&first, json!({ "tokens_input": 100, "cost_usd": 0.1 })),
        (&first, json!({ "tokens_input": 300, "tokens_output": 7 })),
        (
            &first,
            json!({ "cost_usd": 0.300_001, "status": "completed" }),
        ),
        (&second, json!({ "tokens_input": 50, "cost_usd": 9.5 })),
        // A correction.
        (&second, json!({ "tokens_input": 40, "cost_usd": 0.5 })),
        (&third, json!({ "tokens_output": 1, "cost_usd": 0.7 })),
        (&third, json!({ "status": "failed" })),
    ] {
        report(&service, run, changes).await;
    }

    let of_planner = json!({ "key": planner, "name": "planner", "runs": 2, "tokens_input": 340,
        "tokens_output": 7, "tokens_cache_read": 0, "tokens_cache_write": 0,
        "cost_usd": 0.800_001, "is_estimate": false });
    let of_builder = json!({ "key": builder, "name": "builder", "runs": 1, "tokens_input": 0,
        "tokens_output": 1, "tokens_cache_read": 0, "tokens_cache_write": 0,
        "cost_usd": 0.7, "is_estimate": false });
    assert_eq!(
        service.get("/api/costs").await.body,
        json!([of_planner, of_builder])
    );
    let with = |mut cost: Value, key: Value| {
        cost["key"] = key;
        cost["name"] = Value::Null;
        cost
    };
    let by_model = [
        with(of_planner, json!("claude-sonnet-3.5")),
        with(of_builder, Value::Null),
    ];
    assert_eq!(costs(&service, "model").await, json!(by_model));
}

#[tokio::test]
async fn the_ledger_stays_when_runs_are_pruned_and_agents_deleted() {
    let service = Service::start();
    let planner = service.agent("planner").await;
    for status in ["completed", "executing"] {
        let run = service.instance(&planner).await;
        let spent = json!({ "tokens_input": 9, "cost_usd": 1.25, "status": status });
        report(&service, &run, spent).await;
    }
    let path = format!("/api/agents/{planner}");
    let renamed = service.patch(&path, json!({ "name": "architect" })).await;
    assert_eq!(renamed.status, 200);
    let before = [costs(&service, "agent").await, costs(&service, "day").await];
    assert_eq!(before[0][0]["name"], "architect");
    assert_eq!(before[0][0]["cost_usd"], 2.5);

    let all = Keep { days: 0, max: 0 };
    let one_run = Retention {
        logs: all,
        events: all,
        runs: Keep { days: 0, max: 1 },
        prompts: all,
    };
    let run = service.instance(&planner).await;
    report(&service, &run, json!({ "status": "completed" })).await;
    let now = Clock::system().now();
    prune(&service.app.db, &one_run, now).await.unwrap();
    let left = service.get("/api/runtime/agents").await.body;
    assert_eq!(left.as_array().unwrap().len(), 2, "{left}");
    assert_eq!(
        [costs(&service, "agent").await, costs(&service, "day").await],
        before
    );

    let deleted = service.delete(&format!("{path}?force=true")).await;
    assert_eq!(deleted.status, 204);
    // Another agent of this name has costs of its own.
    let other = service.agent("architect").await;
    assert_eq!(
        [costs(&service, "agent").await, costs(&service, "day").await],
        before
    );
    let run = service.instance(&other).await;
    report(&service, &run, json!({ "cost_usd": 0.5 })).await;
    let after = costs(&service, "agent").await;
    assert_eq!(after.as_array().unwrap().len(), 2, "{after}");
    assert_eq!(
        (&after[1]["key"], &after[1]["name"]),
        (&json!(other), &json!("architect"))
    );
}

fn spend(run: Id, dollars: f64) -> impl FnOnce(&mut Write) -> orchestrator::Result<()> + Send {
    let changes = RuntimeAgentChanges {
        cost_usd: Some(MicroUsd::from_dollars(dollars).unwrap()),
        ..Default::default()
    };
    move |db| update(db, run, changes).map(drop)
}

#[tokio::test]
async fn each_day_has_what_was_reported_on_it_and_days_are_chosen_with_both_ends() {
    let folder = tempfile::tempdir().unwrap();
    let today = Arc::new(Mutex::new(
        Timestamp::parse("2026-01-30T09:00:00Z").unwrap(),
    ));
    let mut options = db::Options::new(folder.path().join("test.db"));
    let clock = Arc::clone(&today);
    options.clock = Clock::new(move || *clock.lock().unwrap());
    let (db, _) = Db::open(options).unwrap();
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
    // Total of the run, each the day after the one before.
    for (day, total) in [("30", 1.0), ("31", 1.5), ("31", 4.0)] {
        let time = format!("2026-01-{day}T23:59:59.999Z");
        *today.lock().unwrap() = Timestamp::parse(&time).unwrap();
        db.write(spend(run, total)).await.unwrap();
    }
    *today.lock().unwrap() = Timestamp::parse("2026-02-01T00:00:00Z").unwrap();
    db.write(spend(run, 3.75)).await.unwrap();

    let days = async |from: Option<&str>, to: Option<&str>| {
        let filter = CostFilter {
            by: By::Day,
            run_id: None,
            from: from.map(|day| day.parse().unwrap()),
            to: to.map(|day| day.parse().unwrap()),
        };
        let sums = db.read(move |db| sums(db, &filter)).await.unwrap();
        let shown = sums.iter().map(|it| {
            let it = json!(it);
            format!("{}: {}", it["key"].as_str().unwrap(), it["cost_usd"])
        });
        shown.collect::<Vec<_>>()
    };
    let all = ["2026-02-01: -0.25", "2026-01-31: 3.0", "2026-01-30: 1.0"];
    assert_eq!(days(None, None).await, all);
    assert_eq!(days(Some("2026-01-31"), None).await, all[..2]);
    assert_eq!(days(None, Some("2026-01-31")).await, all[1..]);
    assert_eq!(
        days(Some("2026-01-31"), Some("2026-01-31")).await,
        all[1..2]
    );
}

#[tokio::test]
async fn a_question_for_costs_that_is_wrong_is_refused_with_every_wrong_parameter() {
    let service = Service::start();
    let answer = service
        .get("/api/costs?by=mood&from=yesterday&to=20260131&limit=1")
        .await;
    assert_eq!(answer.status, 422);
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "by: must be one of agent model day workflow session",
        "from: must be a day like 2026-01-31",
        "to: must be a day like 2026-01-31",
        "limit: is not a parameter that is known here, or given twice",
    ]
    "#);
}
