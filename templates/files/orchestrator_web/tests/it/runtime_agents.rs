use serde_json::{Value, json};

use crate::support::{Service, id};

const ORDER: [&[&str]; 4] = [
    &["pending"],
    &["initializing"],
    &["planning", "executing", "reviewing", "waiting"],
    &["completed", "failed", "cancelled", "lost"],
];

#[tokio::test]
async fn an_instance_is_created_with_every_key_and_found_again() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let parent = service.instance(&agent).await;
    let body = json!({
        "orchestrator_agent_id": agent, "session_id": "s-2", "parent_agent_id": parent,
        "context": { "task": "plan \u{0} \u{1F600}" }, "config": { "depth": 2 }, "metadata": {},
    });
    let created = service.post("/api/runtime/agents", body).await;
    assert_eq!(created.status, 201, "{created:?}");
    let path = format!("/api/runtime/agents/{}", id(&created.body));
    assert_eq!(created.header("location"), path);
    assert_eq!(service.get(&path).await.body, created.body);

    let mut shown = created.body;
    for key in ["id", "orchestrator_agent_id", "parent_agent_id"] {
        shown[key] = json!("…");
    }
    insta::assert_json_snapshot!(shown, @r#"
    {
      "completed_at": null,
      "config": {
        "depth": 2
      },
      "context": {
        "task": "plan \u0000 😀"
      },
      "cost_is_estimate": false,
      "cost_usd": 0.0,
      "duration_ms": null,
      "error_message": null,
      "exit_reason": null,
      "id": "…",
      "metadata": {},
      "model": "claude-sonnet-3.5",
      "orchestrator_agent_id": "…",
      "parent_agent_id": "…",
      "session_id": "s-2",
      "started_at": null,
      "status": "pending",
      "tokens_input": 0,
      "tokens_output": 0
    }
    "#);
}

#[tokio::test]
async fn what_a_body_names_and_is_unknown_is_404_and_what_is_no_id_is_422() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let nobody = "0197f3c2-0000-7000-8000-000000000000";
    let mut answers = Vec::new();
    for (key, value, status) in [
        ("orchestrator_agent_id", json!(nobody), 404),
        ("parent_agent_id", json!(nobody), 404),
        ("orchestrator_agent_id", json!("nobody"), 422),
        ("parent_agent_id", json!("nobody"), 422),
        ("session_id", json!("--dangerous"), 422),
        ("status", json!("asleep"), 422),
        ("metadata", json!("text"), 422),
        ("model", json!("x"), 422),
    ] {
        let mut body = json!({ "orchestrator_agent_id": agent, "session_id": "s" });
        body[key] = value;
        let answer = service.post("/api/runtime/agents", body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        answers.push(answer.body["detail"].to_string());
        answers.extend(answer.errors());
    }
    insta::assert_debug_snapshot!(answers, @r#"
    [
        "\"unknown agent\"",
        "\"unknown runtime agent\"",
        "\"1 of the request's values cannot be accepted\"",
        "/orchestrator_agent_id: must be a UUID",
        "\"1 of the request's values cannot be accepted\"",
        "/parent_agent_id: must be a UUID",
        "\"1 of the request's values cannot be accepted\"",
        "/session_id: must be made of letters, digits and `._:/-`, and begin with one of the first two",
        "\"1 of the request's values cannot be accepted\"",
        "/status: must be one of pending initializing planning executing reviewing waiting completed failed cancelled lost",
        "\"1 of the request's values cannot be accepted\"",
        "/metadata: must be an object",
        "\"1 of the request's values cannot be accepted\"",
        "/model: is not a member that is known here",
    ]
    "#);
    assert_eq!(service.get("/api/runtime/agents").await.body, json!([]));
}

#[tokio::test]
async fn states_move_forward_and_from_a_terminal_one_never() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let stage = |status| ORDER.iter().position(|it| it.contains(&status)).unwrap();
    for from in ORDER.concat() {
        for to in ORDER.concat() {
            let body = json!({ "orchestrator_agent_id": agent, "session_id": "s", "status": from });
            let created = service.given("/api/runtime/agents", body).await;
            let path = format!("/api/runtime/agents/{}", id(&created));
            let answer = service.patch(&path, json!({ "status": to })).await;
            let (before, after) = (stage(from), stage(to));
            let is_legal = before < after || (before == after && before < 3);
            assert_eq!(answer.status == 200, is_legal, "{from} → {to}: {answer:?}");
            if !is_legal {
                assert_eq!(answer.status, 409);
                let detail = answer.body["detail"].as_str().unwrap();
                assert!(detail.contains(from) && detail.contains(to), "{detail}");
                assert_eq!(service.get(&path).await.body["status"], from);
            }
        }
    }
}

#[tokio::test]
async fn an_instance_starts_when_it_leaves_pending_and_ends_once() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let path = format!("/api/runtime/agents/{}", service.instance(&agent).await);
    let started = service
        .patch(&path, json!({ "status": "executing" }))
        .await
        .body;
    assert!(started["started_at"].is_string());
    assert_eq!(started["completed_at"], Value::Null);
    let worked = service
        .patch(&path, json!({ "status": "waiting" }))
        .await
        .body;
    assert_eq!(worked["started_at"], started["started_at"]);
    let body = json!({ "status": "completed", "tokens_input": 12, "tokens_output": 7,
        "cost_usd": 0.012_345_678 });
    let ended = service.patch(&path, body.clone()).await.body;
    assert_eq!(ended["started_at"], started["started_at"]);
    assert!(ended["completed_at"].is_string() && ended["duration_ms"].is_u64());
    assert_eq!(ended["cost_usd"], json!(0.012_346));

    let events = service.events().await;
    for change in [
        json!({ "status": "failed" }),
        json!({ "cost_usd": 1 }),
        json!({ "error_message": "late" }),
        json!({ "metadata": {} }),
    ] {
        let answer = service.patch(&path, change).await;
        assert_eq!(answer.status, 409, "{answer:?}");
    }
    // Of two who end it, one has; the other is told so.
    assert_eq!(service.patch(&path, body).await.status, 409);
    let same = service.patch(&path, json!({ "tokens_input": 12 })).await;
    assert_eq!((same.status.as_u16(), same.body), (200, ended));
    assert_eq!(service.events().await, events);
}

#[tokio::test]
async fn of_two_ends_at_once_exactly_one_wins() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    for _ in 0..20 {
        let path = format!("/api/runtime/agents/{}", service.instance(&agent).await);
        let end = |status: &str| service.patch(&path, json!({ "status": status }));
        let ends = [
            end("completed"),
            end("failed"),
            end("cancelled"),
            end("lost"),
        ];
        let [a, b, c, d] = ends;
        let (a, b, c, d) = tokio::join!(a, b, c, d);
        let answers = [a, b, c, d];
        let winners: Vec<_> = answers.iter().filter(|it| it.status == 200).collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(service.get(&path).await.body, winners[0].body);
        assert_eq!(answers.iter().filter(|it| it.status == 409).count(), 3);
    }
}

#[tokio::test]
async fn numbers_that_are_no_money_or_no_count_are_refused() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let path = format!("/api/runtime/agents/{}", service.instance(&agent).await);
    let body = json!({ "cost_usd": -0.01, "tokens_input": -1,
        "tokens_output": 1_000_000_000_001_i64, "error_message": null });
    let answer = service.patch(&path, body).await;
    assert_eq!(answer.status, 422);
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "/cost_usd: must lie between 0 and 1000000",
        "/tokens_input: must lie between 0 and 1000000000000",
        "/tokens_output: must lie between 0 and 1000000000000",
    ]
    "#);
    for (given, kept) in [("0.1", 0.1), ("1e6", 1e6), ("0", 0.0), ("0.000001", 1e-6)] {
        let body = format!("{{\"cost_usd\":{given}}}").parse().unwrap();
        let answer = service.patch(&path, body).await;
        assert_eq!(answer.body["cost_usd"], json!(kept), "{answer:?}");
    }
}

#[tokio::test]
async fn a_list_holds_what_its_filters_ask_for() {
    let service = Service::start();
    let (a, b) = (service.agent("a").await, service.agent("b").await);
    let parent = service.instance(&a).await;
    let child = json!({ "orchestrator_agent_id": b, "session_id": "s-2",
        "parent_agent_id": parent, "status": "executing" });
    let child = id(&service.given("/api/runtime/agents", child).await);
    for (query, expected) in [
        (String::new(), vec![&child, &parent]),
        ("session_id=s-2".into(), vec![&child]),
        ("status=pending".into(), vec![&parent]),
        (format!("orchestrator_agent_id={a}"), vec![&parent]),
        (format!("parent_agent_id={parent}"), vec![&child]),
        (format!("parent_agent_id={parent}&status=pending"), vec![]),
    ] {
        let list = service
            .get(&format!("/api/runtime/agents?{query}"))
            .await
            .body;
        let found: Vec<_> = list.as_array().unwrap().iter().map(id).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let answer = service
        .get("/api/runtime/agents?parent_agent_id=x&status=y")
        .await;
    assert_eq!(answer.status, 422);
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "status: must be one of pending initializing planning executing reviewing waiting completed failed cancelled lost",
        "parent_agent_id: must be a UUID",
    ]
    "#);
}

#[tokio::test]
async fn an_agent_with_running_instances_is_deleted_by_force_alone() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let path = format!("/api/agents/{agent}");
    let running = service.instance(&agent).await;
    let ended = service.instance(&agent).await;
    let ended = format!("/api/runtime/agents/{ended}");
    service
        .patch(&ended, json!({ "status": "completed" }))
        .await;

    let before = service.events().await;
    let answer = service.delete(&path).await;
    assert_eq!(answer.status, 409);
    insta::assert_snapshot!(answer.body["detail"].as_str().unwrap(), @"agent `planner` has 1 running; stop them first, or delete with `?force=true`");
    assert_eq!(service.events().await, before);

    assert_eq!(
        service.delete(&format!("{path}?force=true")).await.status,
        204
    );
    let topics = service.topics_after(before).await;
    assert_eq!(topics, ["runtime.status", "agent.deleted"]);
    for gone in [&format!("/api/runtime/agents/{running}"), &ended, &path] {
        assert_eq!(service.get(gone).await.status, 404);
    }
}

#[tokio::test]
async fn instances_are_found_by_what_they_were_asked_and_when_they_were_made() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let mut runs = Vec::new();
    for text in ["paint the fence", "mow the lawn, then paint it"] {
        let run = service.instance(&agent).await;
        let prompt = json!({ "agent_id": run, "prompt_type": "command", "prompt_text": text });
        service.given("/api/runtime/prompts", prompt).await;
        runs.push(run);
    }
    let (first, both) = (
        vec![runs[0].clone()],
        vec![runs[1].clone(), runs[0].clone()],
    );
    for (filter, found) in [
        ("q=paint", &both),
        ("q=fence+pai", &first),
        ("q=%22+NEAR", &vec![]),
        ("q=", &both),
        ("since=2026-01-01T00:00:00Z", &both),
        ("until=2026-01-01T00:00:00Z", &vec![]),
        ("q=paint&since=2100-01-01T00:00:00Z", &vec![]),
    ] {
        let list = service.get(&format!("/api/runtime/agents?{filter}")).await;
        let ids: Vec<_> = { list.body.as_array().unwrap().iter() }.map(id).collect();
        assert_eq!(&ids, found, "{filter}");
    }
    let wrong = service.get("/api/runtime/agents?since=today").await;
    assert_eq!(wrong.status, 422);
}
