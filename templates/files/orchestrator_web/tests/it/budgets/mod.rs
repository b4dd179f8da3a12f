//! What may be spent.

mod arithmetic;
mod periods;
mod settings;

use orchestrator::budgets::Budgets;
use orchestrator::config::Settings;
use orchestrator::money::MicroUsd;
use orchestrator::openapi::DOCUMENT;
use serde_json::{Value, json};

use crate::support::{Answer, Service, id};

fn dollars(dollars: f64) -> MicroUsd {
    MicroUsd::from_dollars(dollars).unwrap()
}

fn service(budgets: Budgets) -> Service {
    Service::with(Settings {
        budgets,
        ..Settings::default()
    })
}

/// The id of a new agent on the built-in executor.
async fn demo(service: &Service, name: &str) -> String {
    let agent = json!({ "name": name, "description": "", "agent_type": "custom",
        "capabilities": "", "executor": "demo" });
    id(&service.given("/api/agents", agent).await)
}

async fn execute(service: &Service, agent: &str, body: Value) -> Answer {
    let path = format!("/api/agents/{agent}/execute");
    service.post(&path, body).await
}

/// Scope, name, limit, spent, reserved and left of each budget.
async fn budgets(service: &Service) -> Vec<Value> {
    let all = service.get("/api/budgets").await.body;
    let amounts = all.as_array().unwrap().iter().map(|it| {
        let amounts = ["limit_usd", "spent_usd", "reserved_usd", "left_usd"].map(|key| &it[key]);
        json!([it["scope"], it["name"], amounts])
    });
    amounts.collect()
}

#[tokio::test]
async fn a_run_that_does_not_fit_is_refused_with_the_numbers() {
    let service = service(Budgets {
        agent_day: dollars(2.5),
        ..Budgets::default()
    });
    let agent = demo(&service, "Planner").await;
    let reported = service.instance(&agent).await;
    let spent = json!({ "cost_usd": 0.25 });
    let path = format!("/api/runtime/agents/{reported}");
    assert_eq!(service.patch(&path, spent).await.status, 200);
    let first = execute(
        &service,
        &agent,
        json!({ "prompt": "go", "budget_usd": 1.75 }),
    )
    .await;
    assert_eq!(first.status, 202);
    let refused = execute(&service, &agent, json!({ "prompt": "go" })).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let mut problem = refused.body;
    let resets_at = problem["resets_at"].take();
    let request = problem["request_id"].take();
    assert!(resets_at.as_str().unwrap().ends_with("T00:00:00.000Z"));
    assert!(request.is_string());
    let detail = problem["detail"].as_str().unwrap();
    let (before, after) = detail.split_once(" on 2").unwrap();
    assert_eq!(before, "agent `Planner` has spent 0.250000 USD of 2.500000");
    let (_, after) = after.split_once(", ").unwrap();
    assert_eq!(
        after,
        "1.750000 are reserved, and the run may cost 1.000000"
    );
    problem["detail"] = Value::Null;
    let expected = json!({ "type": "about:blank", "title": "Conflict", "status": 409,
        "detail": null, "request_id": null, "budget": "agent_day", "limit_usd": 2.5,
        "spent_usd": 0.25, "reserved_usd": 1.75, "asked_usd": 1.0, "resets_at": null });
    assert_eq!(problem, expected);
    // What is left can be asked for, and of another agent all of it.
    let fits = execute(
        &service,
        &agent,
        json!({ "prompt": "go", "budget_usd": 0.5 }),
    )
    .await;
    assert_eq!(fits.status, 202);
    let other = demo(&service, "builder").await;
    assert_eq!(
        execute(
            &service,
            &other,
            json!({ "prompt": "go", "budget_usd": 2.5 })
        )
        .await
        .status,
        202
    );
    // Where the budget is of no matter, its members are not there.
    let unknown = execute(&service, &reported, json!({ "prompt": "go" })).await;
    assert!(unknown.body.get("budget").is_none());
}

#[test]
fn the_document_tells_what_a_refused_run_is_told() {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let problem = &document["components"]["schemas"]["Problem"];
    for member in [
        "budget",
        "limit_usd",
        "spent_usd",
        "reserved_usd",
        "asked_usd",
        "resets_at",
    ] {
        assert!(problem["properties"][member].is_object(), "{problem:#}");
        let required = problem["required"].as_array().unwrap();
        assert!(!required.iter().any(|it| it == member), "{problem:#}");
    }
    let execute = &document["paths"]["/api/agents/{id}/execute"]["post"]["responses"]["409"];
    assert!(execute["description"].as_str().unwrap().contains("budget"));
}

#[tokio::test]
async fn every_budget_is_shown_with_what_is_left() {
    let agents = [("planner", 3.0), ("idle", 0.0), ("nobody", 7.0)];
    let agents = agents.map(|(name, limit)| (name.to_owned(), dollars(limit)));
    let service = service(Budgets {
        run: dollars(1.5),
        agent_day: dollars(2.0),
        project_month: dollars(10.0),
        agents: agents.into(),
        ..Budgets::default()
    });
    let planner = demo(&service, "Planner").await;
    demo(&service, "Idle").await;
    demo(&service, "builder").await;
    for body in [
        json!({ "prompt": "go" }),
        json!({ "prompt": "go", "budget_usd": 0.25 }),
    ] {
        assert_eq!(execute(&service, &planner, body).await.status, 202);
    }
    let expected = [
        json!(["project_month", null, [10.0, 0.0, 1.75, 8.25]]),
        json!(["agent_day", "builder", [2.0, 0.0, 0.0, 2.0]]),
        json!(["agent_day", "Planner", [3.0, 0.0, 1.75, 1.25]]),
        json!(["agent_day", "nobody", [7.0, 0.0, 0.0, 7.0]]),
        json!(["run", "Planner", [1.5, 0.0, 1.5, 1.5]]),
        json!(["run", "Planner", [0.25, 0.0, 0.25, 0.25]]),
    ];
    assert_eq!(budgets(&service).await, expected);
    let all = service.get("/api/budgets").await.body;
    assert_eq!(all[2]["subject"], planner.as_str());
    assert_eq!(
        (&all[3]["subject"], &all[4]["period"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(all[0]["is_exceeded"], false);
}

#[tokio::test]
async fn a_repeated_request_and_a_restart_are_no_way_around() {
    let service = service(Budgets {
        project_month: dollars(1.0),
        ..Budgets::default()
    });
    let agent = demo(&service, "planner").await;
    let first = execute(&service, &agent, json!({ "prompt": "go" })).await;
    let run = id(&first.body);
    let path = format!("/api/runtime/agents/{run}");
    assert_eq!(
        service
            .post(&format!("{path}/stop"), json!({}))
            .await
            .status,
        202
    );
    let second = execute(&service, &agent, json!({ "prompt": "go" })).await;
    assert_eq!(second.status, 202);
    let again = service.post(&format!("{path}/restart"), json!({})).await;
    assert_eq!(
        (again.status.as_u16(), &again.body["budget"]),
        (409, &json!("project_month"))
    );
}

#[tokio::test]
async fn what_is_spent_elsewhere_counts_and_is_told_once() {
    let service = service(Budgets {
        agent_day: dollars(1.0),
        project_month: dollars(2.0),
        ..Budgets::default()
    });
    let agent = demo(&service, "planner").await;
    let reported = service.instance(&agent).await;
    let before = service.events().await;
    // The day is nearly spent at 0.80, exceeded beyond 1.00; the month at 1.60 and beyond 2.00.
    for cost in [0.79, 0.8, 0.9, 1.0, 0.5, 1.01, 0.85, 1.5, 2.5] {
        let path = format!("/api/runtime/agents/{reported}");
        let answer = service.patch(&path, json!({ "cost_usd": cost })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let topics = service.topics_after(before).await;
    let told: Vec<_> = topics
        .iter()
        .filter(|it| it.starts_with("budget."))
        .collect();
    assert_eq!(
        told,
        ["budget.nearly_spent", "budget.exceeded", "budget.exceeded"]
    );
    let refused = execute(
        &service,
        &agent,
        json!({ "prompt": "go", "budget_usd": 0.01 }),
    )
    .await;
    assert_eq!(refused.status, 409);
    let free = execute(&service, &agent, json!({ "prompt": "go", "budget_usd": 0 })).await;
    assert_eq!(
        free.status, 202,
        "a run that may spend nothing does no harm"
    );
}
