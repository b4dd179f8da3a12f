//! The database of a released version, under the service that an upgrade brings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};
use tac_bootstrap::templates::released::RELEASED;

use crate::client::{Client, new_agent};
use crate::project::{Bench, Project};
use crate::service::Service;

/// Every list that a service without the later features has.
const LISTS: [&str; 6] = [
    "/api/agents",
    "/api/runtime/agents",
    "/api/runtime/prompts",
    "/api/runtime/logs",
    "/api/system/logs",
    "/api/runtime/workflows",
];

#[test]
fn a_database_of_a_released_version_keeps_every_row_and_the_old_program_refuses_the_new_one() {
    for released in &RELEASED {
        println!("{}", released.version);
        let project = Project::of_release(released);
        let folder = tempfile::tempdir().unwrap();
        let old = built(&project, &folder.path().join("old"));
        let service = start(&old, folder.path());
        populate(&service.client());
        let before = rows(&service.client());
        assert_eq!(service.stop(Signal::TERM), Some(0));

        project.upgrade();
        let new = built(&project, &folder.path().join("new"));
        let service = start(&new, folder.path());
        let client = service.client();
        for (list, (was, is)) in LISTS.iter().zip(before.iter().zip(rows(&client))) {
            assert_eq!(was.len(), is.len(), "{list}");
            for (was, is) in was.iter().zip(&is) {
                assert_same(was, is);
            }
        }
        client
            .send("POST /api/agents", &new_agent("after the upgrade"))
            .unwrap()
            .is(201);
        assert_eq!(service.stop(Signal::TERM), Some(0));

        let mut command = Command::new(&old);
        let output = command.args(["--port", "0"]).current_dir(folder.path());
        let output = output.env_clear().output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("the database is newer than this program"),
            "{said}"
        );
        let service = start(&new, folder.path());
        assert_eq!(rows(&service.client())[0].len(), before[0].len() + 1);
    }
}

/// Builds the service, and keeps the program as `name`.
fn built(project: &Project, name: &Path) -> PathBuf {
    let bench = Bench::take();
    bench.cargo(&project.service(), &["build"]);
    fs::copy(bench.program(), name).unwrap();
    name.to_owned()
}

fn start(program: &Path, folder: &Path) -> Service {
    let mut command = Command::new(program);
    let command = command.args(["--port", "0"]).current_dir(folder);
    Service::started_by(command.env_clear())
}

/// Something in every list.
fn populate(client: &Client) {
    let post = |path: &str, body: Value| {
        let answer = client.send(&format!("POST {path}"), &body).unwrap();
        answer.is(201)
    };
    let agent = post("/api/agents", new_agent("planner"));
    post("/api/agents", new_agent("the second ✓"));
    let instance = post(
        "/api/runtime/agents",
        json!({ "orchestrator_agent_id": agent["id"], "session_id": "session-1" }),
    );
    let id = &instance["id"];
    let spent = json!({ "status": "executing", "tokens_input": 1200, "cost_usd": 0.25 });
    let path = format!("PATCH /api/runtime/agents/{}", id.as_str().unwrap());
    client.send(&path, &spent).unwrap().is(200);
    post(
        "/api/runtime/prompts",
        json!({ "agent_id": id, "prompt_type": "command", "prompt_text": "Plan it." }),
    );
    let line = |message| json!({ "agent_id": id, "log_level": "ERROR", "log_type": "error", "message": message });
    post("/api/runtime/logs", json!([line("one"), line("two")]));
    post(
        "/api/system/logs",
        json!({ "component": "disk", "log_level": "WARNING", "message": "nearly full",
            "details": { "free": 1.50, "of": [1, 2] } }),
    );
    post(
        "/api/runtime/workflows",
        json!({ "adw_name": "nightly", "workflow_type": "sdlc", "total_steps": 2 }),
    );
}

/// The items of every list.
fn rows(client: &Client) -> Vec<Vec<Value>> {
    let rows = LISTS.iter().map(|list| {
        let answer = client.send(&format!("GET {list}"), &Value::Null).unwrap();
        let rows = answer.is(200).as_array().unwrap().clone();
        assert!(!rows.is_empty(), "{list}");
        rows
    });
    rows.collect()
}

/// Every field has the value that it had; there may be new ones.
fn assert_same(was: &Value, is: &Value) {
    for (field, value) in was.as_object().unwrap() {
        assert_eq!(is.get(field), Some(value), "{field} of {is}");
    }
}
