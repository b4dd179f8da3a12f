//! Every operation of the running service's own document, over real connections: a new route fails
//! here until it is driven.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::new_agent;
use crate::pages::pages;
use crate::service::Service;
use crate::tour::Tour;
use crate::work::{approvals, configuration, costs, flows, runs, worktrees};

pub const TOKEN: &str = "correct-horse-battery-staple-0123456789";
pub const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
/// A workflow, and a tool that is not there.
const SETTINGS: &str = "[dashboard.embeds.tool]\nurl = 'http://127.0.0.1:9/'\n[[workflows.flow.steps]]\nname = 'greet'\nagent = 'greeter'\nprompt = 'Hello.'";

#[test]
fn every_operation_answers_well_and_refuses_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("orchestrator.toml"), SETTINGS).unwrap();
    let service = Service::start(folder.path(), &[("ORCHESTRATOR_TOKEN", TOKEN)]);
    let owner = service
        .client()
        .with("authorization", &format!("Bearer {TOKEN}"));
    let mut tour = Tour::start(owner.clone());
    let mut pushed = tour.socket("/ws/agent-status");
    assert_eq!(pushed.next()["data"]["agents"], json!([]));

    let (agent, instance) = populate(&mut tour);
    let shown = pushed.next();
    assert_eq!(shown["data"]["agents"][0]["id"], instance.as_str());
    streams(&mut tour, &agent);
    costs(&mut tour, &agent);
    runs(&mut tour);
    configuration(&mut tour);
    approvals(&mut tour);
    flows(&mut tour);
    worktrees(&mut tour, folder.path());
    login(&mut tour, &service);
    documents(&mut tour);
    pages(&mut tour, &owner);

    let delete = format!("DELETE /api/agents/{agent}");
    tour.send(&delete, &Value::Null).is(409);
    tour.send(&format!("{delete}?force=true"), &Value::Null)
        .is(204);
    tour.send(&delete, &Value::Null).is(404);

    refusals(&mut tour, &service);
    tour.end();
    assert_eq!(service.stop(Signal::TERM), Some(0));
}

/// Leaves at least one of everything there is, and returns the ids of an agent and its instance.
pub fn populate(tour: &mut Tour) -> (String, String) {
    let agent = agents(tour);
    let instance = instances(tour, &agent);
    prompts(tour, &instance);
    logs(tour, &instance);
    workflows(tour);
    (agent, instance)
}

pub fn id(created: &Value) -> String {
    created["id"].as_str().unwrap().to_owned()
}

fn agents(tour: &mut Tour) -> String {
    let planner = new_agent("planner");
    let created = tour.send("POST /api/agents", &planner);
    let agent = id(&created.is(201));
    let path = format!("/api/agents/{agent}");
    assert_eq!(created.header("location"), path);
    tour.send("POST /api/agents", &planner).is(409);
    let mut wrong = new_agent("");
    wrong["agent_type"] = "dancer".into();
    let problem = tour.send("POST /api/agents", &wrong).is(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);

    assert_eq!(
        tour.get("/api/agents?q=planner").is(200)[0]["id"],
        agent.as_str()
    );
    tour.get("/api/agents?limit=0").is(422);
    assert_eq!(tour.get(&path).is(200)["name"], "planner");
    tour.get(&format!("/api/agents/{NOBODY}")).is(404);
    for method in ["PUT", "PATCH"] {
        let change = json!({"description": method});
        let changed = tour.send(&format!("{method} {path}"), &change).is(200);
        assert_eq!(changed["description"], method);
        tour.send(&format!("{method} {path}"), &json!({"name": null}))
            .is(422);
    }
    agent
}

pub fn instances(tour: &mut Tour, agent: &str) -> String {
    let all = "/api/runtime/agents";
    let new = |agent| json!({"orchestrator_agent_id": agent, "session_id": "session-1"});
    let created = tour.send(&format!("POST {all}"), &new(agent)).is(201);
    assert_eq!(created["status"], "pending");
    tour.send(&format!("POST {all}"), &new(NOBODY)).is(404);
    let path = format!("{all}/{}", id(&created));
    let move_to = |status| json!({"status": status});
    let moved = tour
        .send(&format!("PATCH {path}"), &move_to("executing"))
        .is(200);
    assert_eq!(moved["status"], "executing");
    tour.send(&format!("PATCH {path}"), &move_to("pending"))
        .is(409);
    assert_eq!(tour.get(&path).is(200)["status"], "executing");
    tour.get(&format!("{all}/no-id")).is(404);
    assert_eq!(
        tour.get(&format!("{all}?status=executing")).is(200)[0],
        moved
    );
    tour.get(&format!("{all}?status=dancing")).is(422);
    id(&created)
}

fn prompts(tour: &mut Tour, instance: &str) {
    let all = "/api/runtime/prompts";
    let new = json!({"agent_id": instance, "prompt_type": "command", "prompt_text": "Plan it."});
    let created = tour.send(&format!("POST {all}"), &new).is(201);
    tour.send(&format!("POST {all}"), &json!({"agent_id": instance}))
        .is(422);
    let path = format!("{all}/{}", id(&created));
    let answer = json!({"status": "completed", "response_text": "Planned.", "cost_usd": 0.25});
    let changed = tour.send(&format!("PATCH {path}"), &answer).is(200);
    assert_eq!(changed["cost_usd"], 0.25);
    tour.send(&format!("PATCH {path}"), &json!({"status": "pending"}))
        .is(409);
    assert_eq!(tour.get(&path).is(200), changed);
    tour.get(&format!("{all}/{NOBODY}")).is(404);
    assert_eq!(
        tour.get(&format!("{all}?agent_id={instance}")).is(200),
        json!([changed])
    );
    tour.get(&format!("{all}?status=dancing")).is(422);
}

fn logs(tour: &mut Tour, instance: &str) {
    let line = |message| json!({"agent_id": instance, "log_level": "ERROR", "log_type": "error", "message": message});
    let path = "/api/runtime/logs";
    let batch = json!([line("the compass broke"), line("north is lost")]);
    tour.send(&format!("POST {path}"), &batch).is(201);
    let half = json!([line("good"), {"agent_id": instance}]);
    tour.send(&format!("POST {path}"), &half).is(422);
    let of_agent = format!("{path}/agent/{instance}");
    for all in [path, &of_agent] {
        assert_eq!(tour.get(all).is(200).as_array().unwrap().len(), 2);
        let found = tour.get(&format!("{all}?q=compass&level=WARNING")).is(200);
        assert_eq!(found[0]["message"], "the compass broke");
        assert_eq!(found.as_array().unwrap().len(), 1);
    }
    tour.get(&format!("{path}?level=LOUD")).is(422);
    tour.get(&format!("{path}/agent/{NOBODY}")).is(404);

    let path = "/api/system/logs";
    let report = json!({"component": "disk", "log_level": "WARNING", "message": "nearly full"});
    tour.send(&format!("POST {path}"), &report).is(201);
    tour.send(&format!("POST {path}"), &json!({"component": "disk"}))
        .is(422);
    assert_eq!(
        tour.get(&format!("{path}?component=disk")).is(200)[0]["message"],
        "nearly full"
    );
    tour.get(&format!("{path}?level=LOUD")).is(422);
}

fn workflows(tour: &mut Tour) {
    let all = "/api/runtime/workflows";
    let new = json!({"adw_name": "nightly", "workflow_type": "sdlc", "total_steps": 2});
    let created = tour.send(&format!("POST {all}"), &new).is(201);
    tour.send(&format!("POST {all}"), &json!({"adw_name": ""}))
        .is(422);
    let path = format!("{all}/{}", id(&created));
    let move_to = |status| json!({"status": status});
    tour.send(&format!("PATCH {path}"), &move_to("running"))
        .is(200);
    let ended = tour
        .send(&format!("PATCH {path}"), &move_to("completed"))
        .is(200);
    tour.send(&format!("PATCH {path}"), &move_to("running"))
        .is(409);
    assert_eq!(tour.get(&path).is(200), ended);
    tour.get(&format!("{all}/{NOBODY}")).is(404);
    assert_eq!(
        tour.get(&format!("{all}?status=completed")).is(200),
        json!([ended])
    );
    tour.get(&format!("{all}?status=dancing")).is(422);
}

fn streams(tour: &mut Tour, agent: &str) {
    let first = tour.events("/api/events?after=0").next().unwrap();
    assert_eq!(first["data"]["agent_id"], agent);
    tour.get("/api/events?after=x").is(422);
    assert_eq!(tour.socket("/ws/events?after=0").next(), first);
    for path in ["/ws/events", "/ws/agent-status"] {
        tour.get(path).is(426);
    }
}

fn login(tour: &mut Tour, service: &Service) {
    let given = tour.send("POST /api/login-codes", &json!({})).is(201);
    let form = json!(format!("code={}", given["code"].as_str().unwrap()));
    let own = format!("http://localhost:{}", service.port);
    let person = service.client().with("origin", &own);
    tour.send_as(&person, "GET /login", &Value::Null).is(200);
    let cookie = tour.send_as(&person, "POST /login", &form);
    cookie.is(303);
    let cookie = cookie.header("set-cookie").split(';').next().unwrap();
    let person = person.with("cookie", cookie);
    tour.send_as(&person, "GET /api/agents", &Value::Null)
        .is(200);
    tour.send_as(&person, "POST /api/login-codes", &json!({}))
        .is(403);
    tour.send_as(&person, "POST /logout", &json!({})).is(303);
    tour.send_as(&person, "GET /api/agents", &Value::Null)
        .is(401);
}

fn documents(tour: &mut Tour) {
    for path in [
        "/",
        "/health",
        "/livez",
        "/readyz",
        "/metrics",
        "/openapi.json",
    ] {
        tour.get(path).is(200);
    }
    for path in ["/docs", "/docs/style.css"] {
        tour.get(path).is(200);
    }
}

/// What every operation refuses: a name that is not the service's, and whoever cannot show the token.
fn refusals(tour: &mut Tour, service: &Service) {
    let stranger = service.client();
    let rebound = stranger.with("host", "attacker.example");
    for operation in tour.operations() {
        let request = operation.replace("{id}", NOBODY);
        let request = request.replace("{definition}", "flow");
        let is_read = operation.starts_with("GET ");
        let body = if is_read { Value::Null } else { json!({}) };
        tour.send_as(&rebound, &request, &body).is(421);
        let open = ["GET /livez", "GET /login", "POST /login"];
        if !open.contains(&operation.as_str()) {
            tour.send_as(&stranger, &request, &body).is(401);
        }
    }
}
