//! An agent with very many rows goes a part at a time, and nothing keeps it from its end.

use orchestrator::agents::commands::{Deletion, Removal, delete};
use orchestrator::agents::deletion::resume;
use orchestrator::ids::Id;
use orchestrator::{events, retention};
use serde_json::{Value, json};

use crate::support::{Service, id};

fn lines(agent: &str, number: usize) -> Value {
    let line = json!({ "agent_id": agent, "log_level": "INFO", "log_type": "output",
        "message": "word" });
    json!(vec![line; number])
}

/// An agent, and an instance of it that is running and has written 1,800 lines.
async fn talkative(service: &Service) -> (String, String) {
    let agent = service.agent("talker").await;
    let instance = service.instance(&agent).await;
    for number in [1000, 800] {
        let lines = lines(&instance, number);
        service.given("/api/runtime/logs", lines).await;
    }
    (agent, instance)
}

/// As far as the first transaction, after which the caller or the service goes away.
async fn begin(service: &Service, agent: &str) {
    let agent: Id = agent.parse().unwrap();
    let begun = service
        .app
        .db
        .write(move |db| delete(db, agent, Deletion { force: true }));
    assert_eq!(begun.await.unwrap(), Removal::Unfinished);
}

#[tokio::test]
async fn an_agent_with_many_rows_goes_in_small_transactions_each_with_its_event() {
    let service = Service::start();
    let (agent, instance) = talkative(&service).await;
    for _ in 0..150 {
        service.instance(&agent).await;
        let prompt = json!({ "agent_id": instance, "prompt_type": "adw", "prompt_text": "" });
        service.given("/api/runtime/prompts", prompt).await;
    }
    let workflow = json!({ "adw_name": "sdlc", "workflow_type": "feature",
        "orchestrator_agent_id": agent });
    let workflow = id(&service.given("/api/runtime/workflows", workflow).await);
    let before = service.events().await;

    let path = format!("/api/agents/{agent}?force=true");
    assert_eq!(service.delete(&path).await.status, 204);
    let told = service
        .app
        .db
        .read(move |db| events::after(db, before, 1000))
        .await
        .unwrap();
    let told: Vec<_> = told
        .iter()
        .filter(|event| event.topic != "runtime.status")
        .map(|event| format!("{} {}", event.topic, event.data))
        .collect();
    // 1,800 lines, 150 prompts, 151 instances, a workflow.
    assert_eq!(
        told,
        [
            format!(r#"agent.deleting {{"agent_id":"{agent}","name":"talker","rows":1000}}"#),
            format!(r#"agent.deleting {{"agent_id":"{agent}","name":"talker","rows":1000}}"#),
            format!(r#"agent.deleted {{"agent_id":"{agent}","name":"talker"}}"#),
        ]
    );
    for path in ["runtime/agents", "runtime/prompts", "runtime/logs"] {
        let left = service.get(&format!("/api/{path}")).await.body;
        assert_eq!(left, json!([]), "{path}");
    }
    let path = format!("/api/runtime/workflows/{workflow}");
    let workflow = service.get(&path).await.body;
    assert_eq!(workflow["orchestrator_agent_id"], Value::Null);
}

#[tokio::test]
async fn nothing_new_refers_to_an_agent_whose_deletion_has_begun() {
    let service = Service::start();
    let (agent, instance) = talkative(&service).await;
    begin(&service, &agent).await;
    let before = service.events().await;
    let prompt = json!({ "agent_id": instance, "prompt_type": "adw", "prompt_text": "" });
    let run = json!({ "orchestrator_agent_id": agent, "session_id": "s" });
    let workflow = json!({ "adw_name": "sdlc", "workflow_type": "feature",
        "orchestrator_agent_id": agent });
    for (path, body) in [
        ("/api/runtime/agents", run),
        ("/api/runtime/logs", lines(&instance, 1)),
        ("/api/runtime/prompts", prompt),
        ("/api/runtime/workflows", workflow),
    ] {
        let refused = service.post(path, body).await;
        assert_eq!(refused.status, 409, "{path}");
        assert_eq!(refused.body["detail"], "the agent is being deleted");
    }
    assert_eq!(service.events().await, before);
    // What is left can be looked at, and the next one who asks for the deletion finishes it.
    let logs = format!("/api/runtime/logs/agent/{instance}");
    assert_eq!(service.get(&logs).await.status, 200);
    let path = format!("/api/agents/{agent}");
    assert_eq!(service.delete(&path).await.status, 204);
    assert_eq!(service.get(&logs).await.status, 404);
    resume(&service.app.db).await.unwrap();
}

#[tokio::test]
async fn a_deletion_that_was_left_unfinished_is_finished_when_the_service_starts() {
    let service = Service::start();
    let (agent, _) = talkative(&service).await;
    begin(&service, &agent).await;
    let kept = service.agent("other").await;
    let mut bell = service.app.db.bell();
    bell.mark_unchanged();
    let task = tokio::spawn(retention::run(service.app.clone()));
    bell.changed().await.unwrap();
    service.app.stop.cancel();
    task.await.unwrap();
    let agents = service.get("/api/agents").await.body;
    assert_eq!(agents.as_array().unwrap().len(), 1, "{agents}");
    assert_eq!(id(&agents[0]), kept);
}
