//! Every operation of the running service's own document, over real connections: a new route fails
//! here until it is driven.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::new_agent;
use crate::pages::pages;
use crate::service::Service;
use crate::tour::Tour;

const TOKEN: &str = "correct-horse-battery-staple-0123456789";
const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
const FLOW: &str = "[[workflows.flow.steps]]\nname = 'greet'\nagent = 'greeter'\nprompt = 'Hello.'";

#[test]
fn every_operation_answers_well_and_refuses_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("orchestrator.toml"), FLOW).unwrap();
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

fn id(created: &Value) -> String {
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

fn instances(tour: &mut Tour, agent: &str) -> String {
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

fn costs(tour: &mut Tour, agent: &str) {
    let instance = instances(tour, agent);
    let spent = json!({"tokens_input": 1200, "cost_usd": 0.25});
    tour.send(&format!("PATCH /api/runtime/agents/{instance}"), &spent)
        .is(200);
    let sums = tour.get("/api/costs?by=agent&from=2026-01-01").is(200);
    let of_agent = json!({"key": agent, "name": "planner", "runs": 1, "tokens_input": 1200,
        "tokens_output": 0, "tokens_cache_read": 0, "tokens_cache_write": 0,
        "cost_usd": 0.25, "is_estimate": false});
    assert_eq!(sums, json!([of_agent]));
    tour.get("/api/costs?by=mood").is(422);
    assert_eq!(tour.get("/api/budgets").is(200), json!([]));
    assert_eq!(tour.get("/api/stats").is(200)["today"]["cost_usd"], 0.25);
    tour.get("/api/stats?since=x").is(422);
}

fn runs(tour: &mut Tour) {
    let mut parrot = new_agent("parrot");
    parrot["executor"] = "demo".into();
    let agent = id(&tour.send("POST /api/agents", &parrot).is(201));
    let execute = format!("POST /api/agents/{agent}/execute");
    tour.send(&execute, &json!({"prompt": ""})).is(422);
    tour.send("POST /api/orchestrator/stop", &json!({})).is(204);
    let run = tour.send(&execute, &json!({"prompt": "Hello."}));
    let path = run.header("location").to_owned();
    let run = id(&run.is(202));
    let status = tour.get("/api/status").is(200);
    assert_eq!(
        (&status["state"], &status["queued"][0]["id"]),
        (&json!("stopped"), &json!(run))
    );
    tour.send(&format!("POST {path}/restart"), &json!({}))
        .is(409);
    tour.send("POST /api/orchestrator/start", &json!({}))
        .is(204);
    let log: Vec<_> = tour.events(&format!("{path}/logs/stream")).collect();
    assert_eq!(log.last().unwrap()["status"], "completed");
    assert!(tour.get(&format!("{path}/output")).body.contains("Hello."));
    tour.get(&format!("{path}/output?length=0")).is(422);
    tour.send(&format!("POST {path}/stop"), &json!({})).is(409);

    let again = tour
        .send(&format!("POST {path}/restart"), &json!({}))
        .is(202);
    tour.events(&format!("/api/runtime/agents/{}/logs/stream", id(&again)))
        .count();
    let run = tour.send(&execute, &json!({"prompt": "hang"})).is(202);
    let stop = format!("POST /api/runtime/agents/{}/stop", id(&run));
    tour.send(&stop, &json!({})).is(202);
    tour.events(&format!("/api/runtime/agents/{}/logs/stream", id(&run)))
        .count();
    assert_eq!(tour.get("/api/executors").is(200)[0]["name"], "demo");
    let limited = json!({"prompt": "until-attempt 2 usage-limit 5h"});
    let run = id(&tour.send(&execute, &limited).is(202));
    let resume = |account: &str| format!("POST /api/accounts/{account}/resume");
    let mut log = tour.events(&format!("/api/runtime/agents/{run}/logs/stream"));
    let is_parked = |line: &Value| {
        line["message"]
            .as_str()
            .is_some_and(|it| it.contains("waits for"))
    };
    assert!(log.any(|line| is_parked(&line)));
    tour.send(&resume("demo"), &json!({})).is(204);
    assert_eq!(log.last().unwrap()["status"], "completed");
    tour.send(&resume("demo"), &json!({})).is(409);
    tour.send(&resume("nobody"), &json!({})).is(404);
}

fn configuration(tour: &mut Tour) {
    let shown = tour.get("/api/config").is(200);
    assert_eq!(shown["executors"]["demo"]["kind"], "demo");
    assert!(!shown.to_string().contains(TOKEN));
    let reload = "POST /api/config/reload";
    let same = tour.send(reload, &json!({})).is(200);
    assert_eq!(same["applied"], json!([]));
    tour.send(reload, &json!({"confirm": "nothing"})).is(409);
    tour.send(reload, &json!({"sure": true})).is(422);
    let made = tour.send("POST /api/backup", &json!({})).is(201);
    let backups = tour.get("/api/backups").is(200);
    assert_eq!(backups[0]["path"], made["path"]);
}

fn approvals(tour: &mut Tour) {
    let mut asker = new_agent("asker");
    asker["executor"] = "demo".into();
    let agent = id(&tour.send("POST /api/agents", &asker).is(201));
    let execute = format!("POST /api/agents/{agent}/execute");
    for how in ["allow", "deny"] {
        let run = id(&tour
            .send(&execute, &json!({"prompt": "ask Bash ls"}))
            .is(202));
        let mut log = tour.events(&format!("/api/runtime/agents/{run}/logs/stream"));
        log.find(|line| line["message"] == "asks whether it may use Bash");
        let pending = format!("/api/approvals?status=pending&agent_id={run}");
        let question = tour.get(&pending).is(200)[0].clone();
        let path = format!("/api/approvals/{}", id(&question));
        assert_eq!(tour.get(&path).is(200), question);
        let answer = format!("POST {path}/{how}");
        tour.send(&answer, &json!({"reason": 7})).is(422);
        tour.send(&answer, &json!({"reason": "as agreed"})).is(200);
        tour.send(&answer, &json!({})).is(409);
        assert_eq!(log.last().unwrap()["status"], "completed");
    }
    tour.get("/api/approvals?status=question").is(422);
    tour.get(&format!("/api/approvals/{NOBODY}")).is(404);
}

fn flows(tour: &mut Tour) {
    let all = "/api/workflows";
    let definitions = tour.get(&format!("{all}/definitions")).is(200);
    assert_eq!(definitions[0]["name"], "flow");
    tour.send(&format!("POST {all}/start/dance"), &json!({}))
        .is(404);
    let started = tour.send(&format!("POST {all}/start/flow"), &json!({}));
    let path = started.header("location").to_owned();
    let flow = id(&started.is(202));
    let stream: Vec<_> = tour.events(&format!("{all}/stream/{flow}")).collect();
    assert_eq!(stream.last().unwrap()["output_data"]["greet"], "Hello.");
    tour.get(&format!("{all}/stream/{NOBODY}")).is(404);
    assert_eq!(tour.get(&path).is(200)["status"], "completed");
    tour.get(&format!("{all}/{NOBODY}")).is(404);
    assert_eq!(
        tour.get(&format!("{all}?status=completed")).is(200)[0]["id"],
        flow.as_str()
    );
    tour.get(&format!("{all}?status=dancing")).is(422);
    tour.send(&format!("POST {all}/stop/{flow}"), &json!({}))
        .is(409);

    let restart = format!("POST {all}/restart/{flow}");
    tour.send(&restart, &json!({"from_step": "dance"})).is(422);
    tour.send("POST /api/orchestrator/stop", &json!({})).is(204);
    let again = tour.send(&restart, &json!({"from_step": "greet"})).is(202);
    let stop = format!("POST {all}/stop/{}", id(&again));
    assert_eq!(tour.send(&stop, &json!({})).is(202)["status"], "cancelled");
    tour.send("POST /api/orchestrator/start", &json!({}))
        .is(204);
}

/// The folder is the one root of agents.
fn worktrees(tour: &mut Tour, folder: &Path) {
    let git = |arguments: &[&str]| {
        let known = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        let mut git = Command::new("git");
        let status = git.current_dir(folder).args(known).args(arguments).status();
        assert!(status.unwrap().success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "-m", "first"]);
    std::fs::write(folder.join(".git/info/exclude"), "*\n").unwrap();
    let mut mole = new_agent("mole");
    mole["executor"] = "demo".into();
    let agent = id(&tour.send("POST /api/agents", &mole).is(201));
    let execute = format!("POST /api/agents/{agent}/execute");
    let ask = json!({"prompt": "Hello.", "worktree": true});
    let path = tour.send(&execute, &ask).is(202);
    let path = format!("/api/runtime/agents/{}", id(&path));
    tour.events(&format!("{path}/logs/stream")).count();
    let made = tour.get(&format!("{path}/worktree")).is(200);
    assert_eq!(made["status"], "ready");
    assert_eq!(
        tour.get(&format!("{path}/diff")).is(200)["files"],
        json!([])
    );
    assert_eq!(tour.get(&format!("{path}/diff?format=patch")).body, "");
    tour.get(&format!("{path}/diff?format=html")).is(422);
    tour.send(&format!("POST {path}/merge"), &json!({})).is(409);
    std::fs::write(Path::new(made["path"].as_str().unwrap()).join("new"), "x").unwrap();
    std::fs::write(folder.join(".git/info/exclude"), "data\n*.db*\n").unwrap();
    tour.send(&format!("POST {path}/merge"), &json!({})).is(200);
    let discard = format!("POST {path}/discard");
    tour.send(&discard, &json!({"force": 1})).is(422);
    tour.send(&discard, &json!({})).is(200);
    tour.send(&discard, &json!({})).is(409);
    tour.get(&format!("{path}/diff")).is(409);
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
