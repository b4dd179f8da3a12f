//! The service is killed again and again, at any moment, while a workflow goes on.

use std::fs;
use std::path::Path;
use std::thread::sleep;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::client::Client;
use crate::service::{Service, processes};

const ROUNDS: usize = 40;
/// Milliseconds: most of them within what the workflow takes.
const LONGEST: u64 = 400;

/// Agents and commands, a try again, a way back, and a process that would never end. What a command has
/// done stands in the file `ran` as well, which no service writes.
const SETTINGS: &str = r#"
[agents]
max_running = 4
[limits]
starts_per_minute = 0
[executors.demo]
kind = "demo"
stop_pause_seconds = 0
[project.commands]
lint = ["/bin/sh", "-c", "echo flaky >> ran; [ $(grep -c flaky ran) -ge 2 ]"]
test = ["/bin/sh", "-c", "echo check >> ran; [ $(grep -c check ran) -ge 2 ]"]
[workflows.flow]
executor = "demo"
[[workflows.flow.steps]]
name = "plan"
agent = "planner"
prompt = "lines 40\nsleep 80ms\nsay the plan"
[[workflows.flow.steps]]
name = "flaky"
command = "lint"
needs = []
retries = 1
[[workflows.flow.steps]]
name = "build"
agent = "builder"
needs = ["plan"]
prompt = "setsid-child\nlines 60\nsleep 80ms\nsay built by {steps.plan.text}"
[[workflows.flow.steps]]
name = "check"
command = "test"
needs = ["flaky", "build"]
on_failure = { goto = "build", at_most = 3 }
[[workflows.flow.steps]]
name = "ship"
agent = "shipper"
prompt = "sleep 80ms\nlines 20\nsay shipped what was {steps.build.text}"
"#;

/// All that is to be the same, whether or not anybody was killed.
#[derive(Debug, PartialEq)]
struct Outcome {
    workflow: Value,
    /// Each step with how often it was come to, and tried.
    steps: Vec<String>,
    /// What each run was for, how it has ended, and what it has said.
    runs: Vec<String>,
    ran: Vec<String>,
}

#[test]
fn a_workflow_whose_service_is_killed_at_any_moment_ends_as_if_nobody_had_been() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("orchestrator.toml"), SETTINGS).unwrap();
    let service = Service::start(folder, &[]);
    let id = start(&service.client());
    let expected = outcome(&service.client(), folder, &id);
    assert_eq!(expected.ran.len(), 4, "{expected:?}");
    assert_eq!(expected.runs.len(), 8, "{expected:?}");
    service.stop(Signal::KILL);
    let mut chance = Chance::new();
    for round in 0..ROUNDS {
        fs::remove_file(folder.join("ran")).unwrap();
        let service = Service::start(folder, &[]);
        let id = start(&service.client());
        sleep(chance.moment(LONGEST));
        service.stop(Signal::KILL);
        for _ in 0..chance.below(3) {
            let service = Service::start(folder, &[]);
            sleep(chance.moment(LONGEST));
            service.stop(Signal::KILL);
        }
        let service = Service::start(folder, &[]);
        let ended = outcome(&service.client(), folder, &id);
        assert_eq!(ended, expected, "round {round}");
        service.stop(Signal::KILL);
    }
}

fn start(client: &Client) -> String {
    let start = client.send("POST /api/workflows/start/flow", &json!({}));
    let started = start.unwrap().is(202);
    started["id"].as_str().unwrap().to_owned()
}

/// Follows the workflow to its end. Nothing that it has started lives then.
fn outcome(client: &Client, folder: &Path, id: &str) -> Outcome {
    let last = client.events(&format!("/api/workflows/stream/{id}")).last();
    let workflow = last.unwrap();
    let keys = [
        "status",
        "completed_steps",
        "total_steps",
        "error_count",
        "output_data",
    ];
    let steps = workflow["steps"].as_array().unwrap().iter();
    let step = |it: &Value| {
        let [name, status, iteration, attempt] =
            ["name", "status", "iteration", "attempt"].map(|key| &it[key]);
        format!("{name} {status} {iteration}.{attempt}")
    };
    let mut ran: Vec<_> = fs::read_to_string(folder.join("ran"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    ran.sort();
    Outcome {
        steps: steps.map(step).collect(),
        runs: runs(client, id),
        ran,
        workflow: keys.map(|key| workflow[key].clone()).into(),
    }
}

fn runs(client: &Client, workflow: &str) -> Vec<String> {
    let newest = client.send("GET /api/runtime/agents?limit=50", &Value::Null);
    let newest = newest.unwrap().is(200);
    let newest = newest.as_array().unwrap().iter();
    let own = newest.filter(|run| run["metadata"]["workflow_id"] == workflow);
    let one = |run: &Value| {
        let id = run["id"].as_str().unwrap();
        assert_eq!(processes(id), [0; 0], "{id}");
        let log = client.events(&format!("/api/runtime/agents/{id}/logs/stream"));
        let said = log.filter(|line| line["log_type"] == "output");
        let said: Vec<_> = said
            .map(|line| line["message"].as_str().unwrap().to_owned())
            .collect();
        let about = &run["metadata"];
        let [step, iteration, attempt] =
            ["workflow_step", "iteration", "attempt"].map(|key| &about[key]);
        format!("{step} {iteration}.{attempt} {} {said:?}", run["status"])
    };
    let mut runs: Vec<_> = own.map(one).collect();
    runs.sort();
    runs
}
