use serde_json::{Value, json};

use crate::support::{Service, id};

const PATH: &str = "/api/runtime/workflows";
const STATUSES: [&str; 5] = ["pending", "running", "completed", "failed", "cancelled"];

fn workflow() -> Value {
    json!({ "adw_name": "sdlc", "workflow_type": "feature" })
}

#[tokio::test]
async fn a_workflow_is_reported_from_its_start_to_its_end() {
    let service = Service::start();
    let agent = service.agent("planner").await;
    let mut body = workflow();
    body["orchestrator_agent_id"] = json!(agent);
    body["steps"] = json!(["plan", { "name": "build" }]);
    body["input_data"] = json!("issue 7");
    let created = service.post(PATH, body).await;
    assert_eq!(created.status, 201, "{created:?}");
    let path = format!("{PATH}/{}", id(&created.body));
    assert_eq!(created.header("location"), path);
    assert_eq!(service.get(&path).await.body, created.body);

    let running = json!({ "status": "running", "current_step": "plan", "total_steps": 2 });
    let running = service.patch(&path, running).await.body;
    assert!(running["started_at"].is_string());
    let failed = json!({ "status": "failed", "completed_steps": 1, "error_message": "no tests",
        "error_step": "build", "error_count": 1, "output_data": { "files": 3 } });
    let mut failed = service.patch(&path, failed).await.body;
    assert_eq!(service.get(&path).await.body, failed);
    let times = ["created_at", "updated_at", "started_at", "completed_at"];
    for key in times.into_iter().chain(["id", "orchestrator_agent_id"]) {
        assert!(failed[key].is_string());
        failed[key] = json!("…");
    }
    insta::assert_json_snapshot!(failed, @r#"
    {
      "adw_name": "sdlc",
      "completed_at": "…",
      "completed_steps": 1,
      "created_at": "…",
      "current_step": "plan",
      "description": null,
      "duration_seconds": 0,
      "error_count": 1,
      "error_message": "no tests",
      "error_step": "build",
      "id": "…",
      "input_data": "issue 7",
      "metadata": null,
      "orchestrator_agent_id": "…",
      "output_data": {
        "files": 3
      },
      "started_at": "…",
      "status": "failed",
      "steps": [
        "plan",
        {
          "name": "build"
        }
      ],
      "total_steps": 2,
      "updated_at": "…",
      "workflow_type": "feature"
    }
    "#);

    assert_eq!(
        service.delete(&format!("/api/agents/{agent}")).await.status,
        204
    );
    assert_eq!(
        service.get(&path).await.body["orchestrator_agent_id"],
        Value::Null
    );
}

#[tokio::test]
async fn a_workflow_moves_forward_and_ends_once() {
    let service = Service::start();
    for (from, &before) in STATUSES.iter().enumerate() {
        for (to, &after) in STATUSES.iter().enumerate() {
            let mut body = workflow();
            body["status"] = json!(before);
            let path = format!("{PATH}/{}", id(&service.given(PATH, body).await));
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
            let late = service.patch(&path, json!({ "error_count": 9 })).await;
            let has_ended = 2 <= from.max(if is_legal { to } else { from });
            assert_eq!(late.status == 409, has_ended);
        }
    }
}

#[tokio::test]
async fn wrong_workflows_are_refused_and_the_right_ones_are_listed_by_status() {
    let service = Service::start();
    let mut stranger = workflow();
    stranger["orchestrator_agent_id"] = json!("0197f3c2-0000-7000-8000-000000000000");
    assert_eq!(service.post(PATH, stranger).await.status, 404);
    let wrong = json!({ "adw_name": "", "workflow_type": "", "status": "stuck",
        "total_steps": -1, "orchestrator_agent_id": "x" });
    let answer = service.post(PATH, wrong).await;
    assert_eq!(answer.status, 422);
    insta::assert_debug_snapshot!(answer.errors(), @r#"
    [
        "/adw_name: must not be empty",
        "/workflow_type: must not be empty",
        "/status: must be one of pending running completed failed cancelled",
        "/total_steps: must lie between 0 and 1000000000000",
        "/orchestrator_agent_id: must be a UUID",
    ]
    "#);
    assert_eq!(service.events().await, 0);

    let pending = service.given(PATH, workflow()).await;
    let mut running = workflow();
    running["status"] = json!("running");
    let running = service.given(PATH, running).await;
    assert_eq!(service.get(PATH).await.body, json!([running, pending]));
    let list = service.get(&format!("{PATH}?status=pending")).await;
    assert_eq!(list.body, json!([pending]));
}
