//! What the service does itself: runs, what they cost and ask, their work trees, workflows; and its settings.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::new_agent;
use crate::routes::{NOBODY, TOKEN, id, instances};
use crate::tour::Tour;

pub fn costs(tour: &mut Tour, agent: &str) {
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

pub fn runs(tour: &mut Tour) {
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

pub fn configuration(tour: &mut Tour) {
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
    let system = tour.get("/api/system").is(200);
    for part in system["components"].as_array().unwrap() {
        assert_eq!(part["health"], "well", "{part}");
    }
    assert_eq!(tour.get("/api/retention").is(200)[0]["kind"], "logs");
}

pub fn approvals(tour: &mut Tour) {
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

pub fn flows(tour: &mut Tour) {
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
pub fn worktrees(tour: &mut Tour, folder: &Path) {
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
