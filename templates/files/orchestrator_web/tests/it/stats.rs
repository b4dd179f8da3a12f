//! The overview: counts, times and sums of a while, and how they are found among many runs.

use orchestrator::db::{Read, Write};
use orchestrator::stats::queries::{self, StatsFilter};
use orchestrator::time::Timestamp;
use serde_json::{Value, json};

use crate::support::{Service, id};

/// The overview as it is at `now`.
async fn stats_at(service: &Service, now: &str, since: Option<&str>) -> Value {
    let now = Timestamp::parse(now).unwrap();
    let since = since.map(|it| it.parse().unwrap());
    let filter = StatsFilter { since };
    let read = move |db: &Read| queries::stats(db, &filter, now);
    json!(service.app.db.read(read).await.unwrap())
}

/// An instance that was made then.
async fn made(service: &Service, agent: &str, at: &str, status: &str, duration: Option<i64>) {
    let values = [at, agent, status].map(str::to_owned);
    let insert = move |db: &mut Write| {
        let [at, agent, status] = &values;
        let sql = "INSERT INTO agents (id, orchestrator_agent_id, session_id, status, duration_ms, \
             completed_at, created_at, tokens_input, tokens_output, cost_micro_usd, cost_is_estimate) \
             VALUES (?1, ?2, 's', ?3, ?4, iif(?3 = 'executing', NULL, ?5), ?5, 0, 0, 0, 0)";
        let id = orchestrator::ids::Id::generate();
        db.execute(sql, &[&id, agent, status, &duration, at])
    };
    service.app.db.write(insert).await.unwrap();
}

#[tokio::test]
async fn the_overview_of_an_empty_service_has_zeros_and_no_rates() {
    let service = Service::start();
    let stats = service.get("/api/stats").await.body;
    assert_eq!(stats["runs"]["total"], 0);
    for unknown in ["success_rate", "duration_p50_ms", "duration_p95_ms"] {
        assert_eq!(stats["runs"][unknown], Value::Null);
    }
    assert_eq!(stats["days"].as_array().unwrap().len(), 31);
    assert_eq!(stats["hours"].as_array().unwrap().len(), 24);
    assert_eq!(service.get("/api/stats?since=yesterday").await.status, 422);
}

#[tokio::test]
async fn what_runs_and_what_was_spent_is_counted_as_it_happens() {
    let service = Service::start();
    let planner = service.agent("planner").await;
    service.agent("idle").await;
    let run = service.instance(&planner).await;
    service.instance(&planner).await;
    let path = format!("/api/runtime/agents/{run}");
    let spent = json!({ "status": "executing", "tokens_input": 7, "cost_usd": 0.25 });
    service.patch(&path, spent).await;
    let stats = service.get("/api/stats").await.body;
    assert_eq!([&stats["running"], &stats["queued"]], [1, 0]);
    assert_eq!(stats["runs"]["total"], 2);
    for sum in [&stats["today"], &stats["month"], &stats["days"][30]] {
        assert_eq!(
            (&sum["tokens_input"], &sum["cost_usd"]),
            (&json!(7), &json!(0.25))
        );
    }
    service.patch(&path, json!({ "status": "completed" })).await;
    let last = id(&service
        .given(
            "/api/runtime/agents",
            json!({
        "orchestrator_agent_id": planner, "session_id": "s" }),
        )
        .await);
    let stats = service.get("/api/stats").await.body;
    assert_eq!(stats["runs"]["success_rate"], 1.0);
    assert_eq!(
        [&stats["days"][30]["runs"], &stats["days"][30]["completed"]],
        [3, 1]
    );
    assert_eq!(stats["agents"].as_array().unwrap().len(), 1);
    assert_eq!(stats["agents"][0]["run_id"], last);
    assert_eq!(stats["agents"][0]["agent_name"], "planner");
}

#[tokio::test]
async fn days_hours_rates_and_times_are_those_of_the_while_that_is_asked_for() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    for (at, status, duration) in [
        ("2026-01-30T23:59:59.999Z", "failed", Some(1)),
        ("2026-01-31T00:00:00.000Z", "failed", Some(900)),
        ("2026-03-01T12:59:59.999Z", "completed", Some(800)),
        ("2026-03-01T13:00:00.000Z", "lost", None),
        ("2026-03-02T00:00:00.000Z", "completed", Some(100)),
        ("2026-03-02T12:00:00.000Z", "completed", Some(300)),
        ("2026-03-02T12:30:00.000Z", "failed", Some(200)),
        ("2026-03-02T12:40:00.000Z", "cancelled", None),
        ("2026-03-02T12:50:00.000Z", "executing", None),
    ] {
        made(&service, &agent, at, status, duration).await;
    }
    let now = "2026-03-02T12:55:00Z";
    let stats = stats_at(&service, now, None).await;
    assert_eq!(stats["since"], "2026-03-02T00:00:00.000Z");
    assert_eq!(stats["runs"]["total"], 5);
    assert_eq!(stats["runs"]["success_rate"], 2.0 / 3.0);
    let times =
        |stats: &Value| ["50", "95"].map(|it| stats["runs"][format!("duration_p{it}_ms")].clone());
    assert_eq!(times(&stats), [200, 300]);
    let counts = |list: &Value, key: &str, length: usize| {
        let some = list.as_array().unwrap().iter().filter(|it| it["runs"] != 0);
        let shown = some.map(|it| {
            let when = it[key].as_str().unwrap();
            let made = ["runs", "completed", "failed"].map(|kind| it[kind].to_string());
            format!("{} {}", &when[..length], made.join(" "))
        });
        shown.collect::<Vec<_>>()
    };
    let days = ["2026-01-31 1 0 1", "2026-03-01 2 1 1", "2026-03-02 5 2 1"];
    assert_eq!(counts(&stats["days"], "day", 10), days);
    let medians = stats["days"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|day| day["duration_p50_ms"].as_i64());
    assert_eq!(medians.collect::<Vec<_>>(), [900, 800, 200]);
    // The hour of the same name of yesterday is over.
    let hours = [
        "2026-03-01T13 1 0 1",
        "2026-03-02T00 1 1 0",
        "2026-03-02T12 4 1 1",
    ];
    assert_eq!(counts(&stats["hours"], "hour", 13), hours);
    assert_eq!(stats["hours"][23]["hour"], "2026-03-02T12:00:00.000Z");

    let stats = stats_at(&service, now, Some("2026-01-01T00:00:00Z")).await;
    assert_eq!(stats["runs"]["total"], 9);
    assert_eq!(stats["runs"]["success_rate"], 3.0 / 7.0);
    assert_eq!(times(&stats), [200, 900]);
    let first = &stats["runs"]["by_status"][0];
    assert_eq!(first, &json!({ "status": "cancelled", "runs": 1 }));
}

#[tokio::test]
async fn the_median_of_a_day_has_two_digits_and_follows_what_its_runs_become() {
    let service = Service::start();
    let (kept, gone) = (service.agent("kept").await, service.agent("gone").await);
    let at = "2026-03-02T12:00:00.000Z";
    for (agent, duration) in [
        (&kept, 94_999),
        (&kept, 95_000),
        (&gone, 0),
        (&gone, 7),
        (&gone, 3_600_000),
    ] {
        made(&service, agent, at, "completed", Some(duration)).await;
    }
    made(&service, &kept, at, "executing", None).await;
    let median = async || {
        let stats = stats_at(&service, "2026-03-02T12:55:00Z", None).await;
        stats["days"][30]["duration_p50_ms"].clone()
    };
    assert_eq!(median().await, 95_000);
    let end = |db: &mut Write| {
        let sql = "UPDATE agents SET duration_ms = 12345, status = 'completed', completed_at = created_at \
             WHERE duration_ms = 3600000 OR status = 'executing'";
        db.execute(sql, &[])
    };
    service.app.db.write(end).await.unwrap();
    assert_eq!(median().await, 12_000);
    service.delete(&format!("/api/agents/{gone}")).await;
    assert_eq!(median().await, 95_000);
    service.delete(&format!("/api/agents/{kept}")).await;
    assert_eq!(median().await, Value::Null);
    let left = |db: &Read| db.number("SELECT count(*) FROM run_times", &[]);
    assert_eq!(service.app.db.read(left).await.unwrap(), 0);
}

#[tokio::test]
async fn runs_that_are_gone_are_counted_no_more() {
    let service = Service::start();
    let now = "2026-03-02T12:55:00Z";
    let (kept, gone) = (service.agent("kept").await, service.agent("gone").await);
    for agent in [&kept, &gone] {
        made(&service, agent, "2026-03-02T12:00:00.000Z", "failed", None).await;
    }
    service.delete(&format!("/api/agents/{gone}")).await;
    let stats = stats_at(&service, now, None).await;
    let last = |list: &str| stats[list].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last("days")["runs"], &last("days")["failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&last("hours")["runs"], &last("hours")["failed"]),
        (&json!(1), &json!(1))
    );
}
