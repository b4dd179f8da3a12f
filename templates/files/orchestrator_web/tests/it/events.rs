//! Every command that changes something records what it promises, and nothing else does.

use orchestrator::ids::Id;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::live::Events;
use crate::support::{Service, id, planner};
use crate::worktrees::support::Lab;

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
        let topics = named(&self.service.topics_after(before).await);
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

fn named(topics: &[String]) -> String {
    if topics.is_empty() {
        return "nothing".to_owned();
    }
    topics.join(" ")
}

/// The topics of what has happened to work trees after the event `last`, which becomes the present one.
async fn of_worktrees(lab: &Lab, last: &mut i64) -> String {
    let mark = lab
        .host
        .agent_with(json!({ "executor": "demo", "name": Id::generate() }));
    let mark = mark.await;
    let mut events = Events::after(lab.host.service.addresses[0], *last).await;
    let mut topics = Vec::new();
    loop {
        let frame = events.next().await;
        *last = frame.id;
        if frame.topic == "agent.created" && frame.data.contains(&mark) {
            return named(&topics);
        }
        if frame.topic.starts_with("worktree.") {
            topics.push(frame.topic);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_a_work_tree_is_an_event_and_a_refusal_is_none() {
    let lab = Lab::start().await;
    let (mut last, mut told) = (0, Vec::new());
    let mut tell = async |lab: &Lab, what: &str, status: u16| {
        let topics = of_worktrees(lab, &mut last).await;
        told.push(format!("{what} {status}: {topics}"));
    };
    let first = lab.run("echo 1 > made").await;
    tell(&lab, "run", 202).await;
    tell(&lab, "preview", lab.preview(&first).await.status).await;
    lab.repo.write("a", "mine\n");
    tell(&lab, "merge", lab.merge(&first).await.status).await;
    lab.repo.git(&["checkout", "--quiet", "a"]);
    tell(&lab, "merge", lab.merge(&first).await.status).await;
    let body = json!({});
    tell(
        &lab,
        "discard",
        lab.discard(&first, body.clone()).await.status,
    )
    .await;
    tell(
        &lab,
        "discard",
        lab.discard(&first, body.clone()).await.status,
    )
    .await;
    let second = lab.run("echo 2 > made").await;
    tell(&lab, "run", 202).await;
    tell(&lab, "discard", lab.discard(&second, body).await.status).await;
    let force = json!({ "force": true });
    tell(
        &lab,
        "discard by force",
        lab.discard(&second, force).await.status,
    )
    .await;
    lab.run("echo 3 > made").await;
    tell(&lab, "run", 202).await;
    let path = format!("/api/agents/{}?force=true", lab.host.agent);
    assert_eq!(lab.host.delete(&path).await, 204);
    let lab = lab.restart(Signal::TERM);
    lab.event("worktree.forgotten").await;
    tell(&lab, "deletion", 204).await;
    insta::assert_snapshot!(told.join("\n"), @"
    run 202: worktree.created
    preview 200: nothing
    merge 409: nothing
    merge 200: worktree.merging worktree.merged
    discard 200: worktree.discarding worktree.discarded
    discard 409: nothing
    run 202: worktree.created
    discard 409: nothing
    discard by force 200: worktree.discarding worktree.discarded
    run 202: worktree.created
    deletion 204: worktree.discarding worktree.discarded worktree.forgotten worktree.forgotten worktree.forgotten
    ");
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
