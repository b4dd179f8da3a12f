//! Approvals in the tables: lists, refusals, events, and how they go.

use orchestrator::approvals::commands::{Question, ask};
use orchestrator::approvals::{Terms, Verdict};
use orchestrator::config::{Keep, Retention};
use orchestrator::ids::Id;
use orchestrator::json::Json;
use orchestrator::retention::prune;
use orchestrator::time::Timestamp;
use serde_json::{Value, json};

use crate::support::Service;

/// The instance asks, as its run would have it.
async fn given_question(service: &Service, instance: &str, request_id: &str) {
    let instance: Id = instance.parse().unwrap();
    let question = Question {
        request_id: request_id.to_owned(),
        tool: "Bash".to_owned(),
        input: Json::of("ls"),
        terms: Terms {
            timeout_seconds: 0,
            on_timeout: Verdict::Deny,
        },
    };
    let asks = service.app.db.write(move |db| ask(db, instance, question));
    asks.await.unwrap();
}

async fn list(service: &Service, query: &str) -> Vec<Value> {
    let answer = service.get(&format!("/api/approvals?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body.as_array().unwrap().clone()
}

/// An agent with two instances that have asked twice each.
async fn busy(service: &Service) -> (String, [String; 2]) {
    let agent = service.agent("planner").await;
    let instances = [
        service.instance(&agent).await,
        service.instance(&agent).await,
    ];
    for instance in &instances {
        for request_id in ["a", "b"] {
            given_question(service, instance, request_id).await;
        }
    }
    (agent, instances)
}

#[tokio::test]
async fn approvals_are_listed_newest_first_by_status_and_run_a_page_at_a_time() {
    let service = Service::start();
    let (_, [first, second]) = busy(&service).await;
    let all = list(&service, "").await;
    let asked: Vec<_> = all
        .iter()
        .map(|it| (&it["agent_id"], &it["request_id"]))
        .collect();
    let (first, second) = (json!(first), json!(second));
    let (a, b) = (json!("a"), json!("b"));
    let expected = [(&second, &b), (&second, &a), (&first, &b), (&first, &a)];
    assert_eq!(asked, expected);

    let path = format!("/api/approvals/{}/allow", all[3]["id"].as_str().unwrap());
    let allowed = service
        .post(&path, json!({ "reason": "harmless" }))
        .await
        .body;
    assert_eq!(list(&service, "status=allowed").await, [allowed]);
    let query = format!("status=pending&agent_id={}", first.as_str().unwrap());
    assert_eq!(list(&service, &query).await, [all[2].clone()]);
    let page = service.get("/api/approvals?limit=3").await;
    let next = page
        .header("link")
        .split(['<', '>'])
        .nth(1)
        .unwrap()
        .to_owned();
    let rest = service.get(&next).await;
    assert_eq!(rest.body[0]["id"], all[3]["id"]);
    assert_eq!(rest.header("link"), "");
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_with_the_reason() {
    let service = Service::start();
    let (_, _) = busy(&service).await;
    let nobody = "/api/approvals/01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(service.get(nobody).await.status, 404);
    let unknown = service.post(&format!("{nobody}/deny"), json!({})).await;
    assert_eq!(
        (unknown.status.as_u16(), &unknown.body["detail"]),
        (404, &json!("unknown approval"))
    );
    assert_eq!(service.get("/api/approvals?status=asked").await.status, 422);

    let asked = list(&service, "").await.remove(0);
    let path = format!("/api/approvals/{}/deny", asked["id"].as_str().unwrap());
    let long = json!({ "reason": "x".repeat(10_001) });
    for (body, pointer) in [
        (long, "/reason"),
        (json!({ "why": "" }), "/why"),
        (json!([]), ""),
    ] {
        let refused = service.post(&path, body).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert!(
            refused.errors()[0].starts_with(&format!("{pointer}: ")),
            "{refused:?}"
        );
    }
    assert_eq!(list(&service, "status=pending").await.len(), 4);
}

#[tokio::test]
async fn each_step_of_an_approval_is_an_event() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let instance = service.instance(&agent).await;
    let before = service.events().await;
    given_question(&service, &instance, "a").await;
    given_question(&service, &instance, "a").await;
    let asked = ["approval.requested", "runtime.status"];
    assert_eq!(service.topics_after(before).await, asked);
    let asked = list(&service, "").await.remove(0);
    let path = format!("/api/approvals/{}/deny", asked["id"].as_str().unwrap());
    let before = service.events().await;
    service.post(&path, json!({})).await;
    let decided = ["approval.decided", "logs.written", "runtime.status"];
    assert_eq!(service.topics_after(before).await, decided);
    let before = service.events().await;
    assert_eq!(service.post(&path, json!({})).await.status, 409);
    let id: Id = asked["id"].as_str().unwrap().parse().unwrap();
    for _ in 0..2 {
        let deliver = service
            .app
            .db
            .write(move |db| orchestrator::approvals::commands::deliver(db, id));
        deliver.await.unwrap();
    }
    assert_eq!(service.topics_after(before).await, ["approval.delivered"]);
}

#[tokio::test]
async fn approvals_go_with_their_run_and_with_their_agent() {
    let service = Service::start();
    let (agent, [first, second]) = busy(&service).await;
    let path = format!("/api/runtime/agents/{first}");
    service.patch(&path, json!({ "status": "failed" })).await;
    let off = Keep { days: 0, max: 0 };
    let runs = Retention {
        logs: off,
        events: off,
        runs: Keep { days: 1, max: 0 },
        prompts: off,
    };
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
    prune(&service.app.db, &runs, Timestamp::from(later))
        .await
        .unwrap();
    let left = list(&service, "").await;
    assert!(left.iter().all(|it| it["agent_id"] == second.as_str()));
    assert_eq!(left.len(), 2);
    let path = format!("/api/agents/{agent}?force=true");
    assert_eq!(service.delete(&path).await.status, 204);
    assert_eq!(list(&service, "").await.len(), 0);
}
