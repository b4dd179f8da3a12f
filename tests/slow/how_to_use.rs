//! The first minutes with a new project, word for word. They name port 8000, so that it must be free.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::project::{Bench, PROGRAM, Project, succeed};
use crate::service::Service;

const CREATE: &str = r#"curl -X POST http://localhost:8000/api/agents \
  -H "Content-Type: application/json" \
  -d '{
    "name": "feature-planner",
    "description": "Plans feature implementation",
    "agent_type": "skill",
    "capabilities": "planning,analysis",
    "default_model": "claude-sonnet-3.5"
  }'"#;
const LIST: &str = "curl http://localhost:8000/api/agents";

fn assert_port_8000_is_free() {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 8000));
    assert!(bound.is_ok(), "port 8000 is taken: stop what listens there");
}

fn shell(line: &str) -> Value {
    let output = succeed(Command::new("sh").args(["-c", line]));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_steps_of_the_manual_work_as_they_are_written() {
    assert_port_8000_is_free();
    let project = Project::new(PROGRAM, &["--language", "python", "--framework", "fastapi"]);
    let settings = std::fs::read_to_string(project.root().join("orchestrator.toml")).unwrap();
    assert!(settings.contains("framework = \"fastapi\""), "{settings}");

    let bench = Bench::take();
    let mut run = bench.command("cargo");
    let service = Service::started_by(run.arg("run").current_dir(project.service()));
    assert_eq!(service.port, 8000);
    let client = service.client();
    let docs = client.send("GET /docs", &Value::Null).unwrap();
    docs.is(200);
    assert!(docs.header("content-type").starts_with("text/html"));

    let created = shell(CREATE);
    assert_eq!(created["name"], "feature-planner");
    assert_eq!(shell(LIST), json!([created]));

    let mut socket = client.socket("/ws/agent-status");
    let message = socket.next();
    assert_eq!(message["type"], "agent_update");
    assert_eq!(message["data"]["agents"], json!([]));

    let health = client.send("GET /health", &Value::Null).unwrap().is(200);
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["database"], "connected");
    assert_eq!(service.stop(Signal::INT), Some(0));
}

#[test]
fn one_command_writes_builds_and_runs_a_project_and_one_signal_ends_it() {
    assert_port_8000_is_free();
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::take();
    let mut new = bench.command(PROGRAM);
    new.args(["new", "demo", "--yes", "--run"])
        .current_dir(&folder);
    let mut service = Service::started_by(&mut new);
    service.wait_for("demo is healthy: http://127.0.0.1:8000");
    let client = service.client();
    client.send("GET /health", &Value::Null).unwrap().is(200);
    assert_eq!(service.stop(Signal::INT), Some(0));
    assert_port_8000_is_free();
}
