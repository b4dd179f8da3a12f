//! What is refused, and what a repeated request does.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Host, Reply, demo, program, reply};
use crate::support::{Service, planner};

async fn execute_with_key(host: &Host, key: &str, body: Value) -> Reply {
    let path = format!("/api/agents/{}/execute", host.agent);
    let request = host
        .request(Method::POST, &path)
        .header("idempotency-key", key);
    reply(request.json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_key_starts_nothing_twice() {
    let host = Host::start().await;
    let hello = json!({ "prompt": "say hello" });
    let (one, other) = tokio::join!(
        execute_with_key(&host, "k-1", hello.clone()),
        execute_with_key(&host, "k-1", hello.clone())
    );
    assert_eq!((one.status, other.status), (202, 202));
    assert_eq!(one.body["id"], other.body["id"]);
    assert_eq!(one.location, other.location);
    host.end(one.body["id"].as_str().unwrap()).await;
    let late = execute_with_key(&host, "k-1", hello.clone()).await;
    assert_eq!(late.body["id"], one.body["id"]);
    let another = execute_with_key(&host, "k-1", json!({ "prompt": "say bye" })).await;
    assert_eq!(another.status, 422);
    assert_eq!(another.body["errors"][0]["parameter"], "idempotency-key");
    let second = execute_with_key(&host, "k-2", hello).await;
    assert_ne!(second.body["id"], one.body["id"]);
    host.end(second.body["id"].as_str().unwrap()).await;
    let runs = host.get("/api/runtime/agents").await;
    assert_eq!(runs.as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_works_in_the_roots_and_nowhere_else() {
    let program = program(&format!("[agents]\nroots = ['work']\n{}", demo("")));
    let host = Host::with(program.file("work/inside/file", "").file("beside/file", "")).await;
    let link = host.service.program.path("work/link");
    std::os::unix::fs::symlink("../beside", link).unwrap();
    let in_folder =
        |folder: &str| host.execute(json!({ "prompt": "say hello", "working_dir": folder }));
    for outside in [
        "../beside",
        "link",
        "/",
        "inside/file",
        "missing",
        "inside/../..",
    ] {
        let refused = in_folder(outside).await;
        assert_eq!(refused.status, 422, "{outside}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/working_dir");
    }
    for inside in ["", ".", "inside", "inside/.."] {
        let run = in_folder(inside).await;
        assert_eq!(run.status, 202, "{inside}: {run:?}");
        host.end(run.body["id"].as_str().unwrap()).await;
    }
}

#[tokio::test]
async fn what_cannot_run_is_refused_with_the_reason() {
    let service = Service::start();
    let agent = async |name: &str, members: Value| {
        let mut body = planner(name);
        for (key, value) in members.as_object().unwrap() {
            body[key] = value.clone();
        }
        crate::support::id(&service.given("/api/agents", body).await)
    };
    let hello = json!({ "prompt": "hello" });
    let execute = async |agent: &str, body: &Value| {
        let path = format!("/api/agents/{agent}/execute");
        service.post(&path, body.clone()).await
    };
    let idle = agent("idle", json!({ "executor": "demo", "is_active": false })).await;
    let refused = execute(&idle, &hello).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.body["detail"], "agent `idle` is not active");
    let bare = agent("bare", json!({})).await;
    let refused = execute(&bare, &hello).await;
    assert_eq!(refused.body["detail"], "agent `bare` has no executor");

    let able = agent("able", json!({ "executor": "demo" })).await;
    let wrong = json!({ "prompt": "", "session_id": "--x", "model": "a b", "timeout_seconds": 0,
        "budget_usd": -1, "priority": 101, "start_after": "tomorrow" });
    let refused = execute(&able, &wrong).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.errors().len(), 7, "{:?}", refused.errors());
    let unknown = json!({ "prompt": "x", "program": "/bin/sh" });
    assert_eq!(execute(&able, &unknown).await.status, 422);

    let elsewhere = service.instance(&able).await;
    for what in ["stop", "restart"] {
        let path = format!("/api/runtime/agents/{elsewhere}/{what}");
        assert_eq!(service.post(&path, json!({})).await.status, 409);
    }
    let path = format!("/api/runtime/agents/{elsewhere}/output");
    assert_eq!(service.get(&path).await.status, 409);
}

#[tokio::test]
async fn an_executor_that_is_not_configured_any_more_is_named() {
    let service = Service::start();
    let mut new = crate::support::new_agent("old");
    new.executor = Some("gone".into());
    let create =
        move |db: &mut orchestrator::db::Write| orchestrator::agents::commands::create(db, &new);
    let agent = service.app.db.write(create).await.unwrap().id;
    let path = format!("/api/agents/{agent}/execute");
    let refused = service.post(&path, json!({ "prompt": "hello" })).await;
    assert_eq!(refused.status, 422);
    let why = ": the agent's executor `gone` is not configured, only demo";
    assert_eq!(refused.errors(), [why]);
}
