use serde_json::{Value, json};

use crate::support::{Service, id};

const STATUSES: [&str; 5] = ["pending", "streaming", "completed", "failed", "cancelled"];

fn prompt(agent: &str) -> Value {
    json!({ "agent_id": agent, "prompt_type": "command", "prompt_text": "do \u{0} \"it\" 🦀" })
}

#[tokio::test]
async fn a_prompt_is_created_with_every_key_answered_and_found_again() {
    let service = Service::start();
    let agent = service.instance(&service.agent("planner").await).await;
    let created = service.post("/api/runtime/prompts", prompt(&agent)).await;
    assert_eq!(created.status, 201, "{created:?}");
    let path = format!("/api/runtime/prompts/{}", id(&created.body));
    assert_eq!(created.header("location"), path);
    assert_eq!(service.get(&path).await.body, created.body);
    assert_eq!(created.body["completed_at"], Value::Null);

    let change = json!({ "status": "completed", "response_text": "x".repeat(1 << 20),
        "tokens_input": 3, "tokens_output": 5, "cost_usd": 0.25, "latency_ms": 1200 });
    let mut answered = service.patch(&path, change).await.body;
    assert_eq!(service.get(&path).await.body, answered);
    assert_eq!(answered["response_text"].as_str().unwrap().len(), 1 << 20);
    for key in [
        "id",
        "agent_id",
        "created_at",
        "completed_at",
        "response_text",
    ] {
        assert!(answered[key].is_string());
        answered[key] = json!("…");
    }
    insta::assert_json_snapshot!(answered, @r#"
    {
      "agent_id": "…",
      "completed_at": "…",
      "cost_usd": 0.25,
      "created_at": "…",
      "error_message": null,
      "id": "…",
      "latency_ms": 1200,
      "model_used": null,
      "prompt_name": null,
      "prompt_text": "do \u0000 \"it\" 🦀",
      "prompt_type": "command",
      "response_text": "…",
      "status": "completed",
      "tokens_input": 3,
      "tokens_output": 5
    }
    "#);
}

#[tokio::test]
async fn a_prompt_moves_forward_and_ends_once() {
    let service = Service::start();
    let agent = service.instance(&service.agent("planner").await).await;
    for (from, &before) in STATUSES.iter().enumerate() {
        for (to, &after) in STATUSES.iter().enumerate() {
            let created = service.given("/api/runtime/prompts", prompt(&agent)).await;
            let path = format!("/api/runtime/prompts/{}", id(&created));
            service.patch(&path, json!({ "status": before })).await;
            let answer = service.patch(&path, json!({ "status": after })).await;
            let is_legal = from < 2 && from <= to;
            assert_eq!(
                answer.status == 200,
                is_legal,
                "{before} → {after}: {answer:?}"
            );
            if !is_legal {
                assert_eq!(answer.status, 409);
                assert_eq!(service.get(&path).await.body["status"], before);
            }
            if 2 <= from {
                let late = service
                    .patch(&path, json!({ "response_text": "late" }))
                    .await;
                assert_eq!(late.status, 409);
            }
        }
    }
}

#[tokio::test]
async fn wrong_prompts_are_refused_and_leave_nothing() {
    let service = Service::start();
    let agent = service.instance(&service.agent("planner").await).await;
    let events = service.events().await;
    let mut body = prompt("0197f3c2-0000-7000-8000-000000000000");
    assert_eq!(
        service
            .post("/api/runtime/prompts", body.clone())
            .await
            .status,
        404
    );
    body = json!({ "agent_id": "x", "prompt_type": "poem", "prompt_text": "",
        "prompt_name": "n".repeat(256), "model_used": "-m" });
    let answer = service.post("/api/runtime/prompts", body).await;
    assert_eq!(answer.status, 422);
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "/agent_id: must be a UUID",
        "/prompt_type: must be one of adw command followup correction tool_call",
        "/prompt_name: must have at most 255 characters",
        "/model_used: must be made of letters, digits and `._:/@[]-`, and begin with one of the first two",
    ]
    "#);
    assert_eq!(service.events().await, events);
    let list = service
        .get(&format!("/api/runtime/prompts?agent_id={agent}"))
        .await;
    assert_eq!(list.body, json!([]));
}

#[tokio::test]
async fn prompts_are_listed_by_instance_and_status() {
    let service = Service::start();
    let definition = service.agent("planner").await;
    let (a, b) = (
        service.instance(&definition).await,
        service.instance(&definition).await,
    );
    let first = id(&service.given("/api/runtime/prompts", prompt(&a)).await);
    let second = id(&service.given("/api/runtime/prompts", prompt(&b)).await);
    let path = format!("/api/runtime/prompts/{second}");
    service.patch(&path, json!({ "status": "streaming" })).await;
    for (query, expected) in [
        (String::new(), vec![&second, &first]),
        (format!("agent_id={a}"), vec![&first]),
        ("status=streaming".into(), vec![&second]),
        (format!("agent_id={a}&status=streaming"), vec![]),
    ] {
        let list = service
            .get(&format!("/api/runtime/prompts?{query}"))
            .await
            .body;
        let found: Vec<_> = list.as_array().unwrap().iter().map(id).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_page_of_long_texts_ends_early_and_leads_to_the_rest() {
    let service = Service::start();
    let agent = service.instance(&service.agent("planner").await).await;
    let mut ids = Vec::new();
    let millions_of_bytes = |count: usize| json!("éééé".repeat(count * 125_000));
    // Prompt and response: one beyond the bounds of a page by itself, then some that fit in together.
    for (asked, answered) in [(8, 8), (3, 0), (3, 0), (3, 0), (1, 0), (1, 0)] {
        let mut body = prompt(&agent);
        body["prompt_text"] = millions_of_bytes(asked);
        let id = id(&service.given("/api/runtime/prompts", body).await);
        let change = json!({ "response_text": millions_of_bytes(answered) });
        let path = format!("/api/runtime/prompts/{id}");
        assert_eq!(service.patch(&path, change).await.status, 200);
        ids.insert(0, id);
    }
    let (mut pages, mut seen) = (Vec::new(), Vec::new());
    let mut uri = "/api/runtime/prompts".to_owned();
    loop {
        let page = service.get(&uri).await;
        let rows = page.body.as_array().unwrap();
        pages.push(rows.len());
        seen.extend(rows.iter().map(id));
        let Some(link) = page.header("link").strip_suffix(">; rel=\"next\"") else {
            break;
        };
        uri = link.trim_start_matches('<').to_owned();
    }
    assert_eq!(pages, [4, 1, 1]);
    assert_eq!(seen, ids);
}
