//! Every command that changes something records what it promises, and nothing else does.

use serde_json::{Value, json};

use crate::support::{Service, id, planner};

struct Steps {
    service: Service,
    /// What happened, and the events of it.
    told: Vec<String>,
}

impl Steps {
    async fn step(&mut self, method: &str, path: &str, body: Value) -> Value {
        let before = self.service.events().await;
        let answer = match method {
            "POST" => self.service.post(path, body).await,
            "PATCH" => self.service.patch(path, body).await,
            "DELETE" => self.service.delete(path).await,
            _ => self.service.get(path).await,
        };
        let topics = self.service.topics_after(before).await.join(" ");
        let topics = if topics.is_empty() {
            "nothing"
        } else {
            &topics
        };
        let known = path.split(['/', '?']).filter(|part| part.len() < 30);
        let path = known.collect::<Vec<_>>().join("/");
        self.told.push(format!(
            "{method} {path} {}: {}",
            answer.status.as_u16(),
            topics
        ));
        answer.body
    }

    /// The same change three times: it is made, it changes nothing, another one comes too late.
    async fn change(&mut self, path: &str, end: &str) {
        for status in [end, end, "pending"] {
            self.step("PATCH", path, json!({ "status": status })).await;
        }
    }
}

#[tokio::test]
async fn every_command_records_its_events_and_no_others() {
    let service = Service::start();
    let mut steps = Steps {
        service,
        told: Vec::new(),
    };
    let agents = "/api/agents";
    let agent = id(&steps.step("POST", agents, planner("a")).await);
    steps.step("POST", agents, planner("A")).await;
    let path = format!("{agents}/{agent}");
    steps
        .step("PATCH", &path, json!({ "description": "new" }))
        .await;
    steps.step("GET", &path, Value::Null).await;

    let runs = "/api/runtime/agents";
    let new = json!({ "orchestrator_agent_id": agent, "session_id": "s" });
    let first = id(&steps.step("POST", runs, new.clone()).await);
    steps
        .step(
            "PATCH",
            &format!("{runs}/{first}"),
            json!({ "tokens_input": 1 }),
        )
        .await;
    steps.change(&format!("{runs}/{first}"), "completed").await;
    for _ in 0..2 {
        steps.step("POST", runs, new.clone()).await;
    }

    let prompts = "/api/runtime/prompts";
    let new = json!({ "agent_id": first, "prompt_type": "adw", "prompt_text": "" });
    let prompt = id(&steps.step("POST", prompts, new).await);
    steps.change(&format!("{prompts}/{prompt}"), "failed").await;

    let line =
        json!({ "agent_id": first, "log_level": "INFO", "log_type": "output", "message": "" });
    steps.step("POST", "/api/runtime/logs", line.clone()).await;
    steps
        .step("POST", "/api/runtime/logs", json!([line, line, line]))
        .await;
    let line = json!({ "component": "a", "log_level": "INFO", "message": "" });
    steps
        .step("POST", "/api/system/logs", json!([line, line]))
        .await;
    steps
        .step("POST", "/api/system/logs", json!([line, {}]))
        .await;

    let workflows = "/api/runtime/workflows";
    let new = json!({ "adw_name": "sdlc", "workflow_type": "feature" });
    let workflow = id(&steps.step("POST", workflows, new).await);
    steps
        .change(&format!("{workflows}/{workflow}"), "cancelled")
        .await;

    steps.step("DELETE", &path, Value::Null).await;
    steps
        .step("DELETE", &format!("{path}?force=true"), Value::Null)
        .await;
    steps.step("DELETE", &path, Value::Null).await;
    insta::assert_snapshot!(steps.told.join("\n"), @"
    POST /api/agents 201: agent.created
    POST /api/agents 409: nothing
    PATCH /api/agents 200: agent.updated
    GET /api/agents 200: nothing
    POST /api/runtime/agents 201: runtime.created
    PATCH /api/runtime/agents 200: runtime.updated
    PATCH /api/runtime/agents 200: runtime.status
    PATCH /api/runtime/agents 409: nothing
    PATCH /api/runtime/agents 409: nothing
    POST /api/runtime/agents 201: runtime.created
    POST /api/runtime/agents 201: runtime.created
    POST /api/runtime/prompts 201: prompt.created
    PATCH /api/runtime/prompts 200: prompt.updated
    PATCH /api/runtime/prompts 409: nothing
    PATCH /api/runtime/prompts 409: nothing
    POST /api/runtime/logs 201: logs.written
    POST /api/runtime/logs 201: logs.written
    POST /api/system/logs 201: system_logs.written
    POST /api/system/logs 422: nothing
    POST /api/runtime/workflows 201: workflow.created
    PATCH /api/runtime/workflows 200: workflow.updated
    PATCH /api/runtime/workflows 409: nothing
    PATCH /api/runtime/workflows 409: nothing
    DELETE /api/agents 409: nothing
    DELETE /api/agents/force=true 204: runtime.status runtime.status agent.deleted
    DELETE /api/agents 404: nothing
    ");
}
