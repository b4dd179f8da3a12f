//! The service is killed again and again, at any moment, while agents work.

use std::fs;
use std::path::Path;
use std::thread::sleep;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::client::{Client, new_agent};
use crate::service::{Service, processes};

const ROUNDS: usize = 60;
const RUNS: usize = 5;
/// Milliseconds, from the start of a run to its end, and a little longer.
const LONGEST: u64 = 700;
const SETTINGS: &str = "[agents]\nmax_running = 4\n\
    [executors.demo]\nkind = \"demo\"\nstop_pause_seconds = 0\n\
    [limits]\nstarts_per_minute = 0\n";

/// What a run is to do, and what is then known of it.
struct Run {
    id: String,
    says: Vec<String>,
    ends: End,
}

enum End {
    Completed,
    Failed,
    /// It goes on until it is stopped.
    Never,
}

#[test]
fn a_service_that_is_killed_at_any_moment_loses_no_run_no_line_and_no_process() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("orchestrator.toml"), SETTINGS).unwrap();
    let mut chance = Chance::new();
    for _ in 0..ROUNDS {
        let runs = kill_while_agents_work(folder.path(), &mut chance);
        let service = Service::start(folder.path(), &[]);
        for run in &runs {
            check(&service.client(), run);
        }
        assert_eq!(service.stop(Signal::KILL), None);
    }
}

/// Starts the runs, and kills the service once or more, each time in the midst of something else.
fn kill_while_agents_work(folder: &Path, chance: &mut Chance) -> Vec<Run> {
    let service = Service::start(folder, &[]);
    let agent = agent(&service.client());
    let runs = (0..RUNS).map(|number| start(&service.client(), &agent, number, chance));
    let runs = runs.collect();
    sleep(chance.moment(LONGEST));
    service.stop(Signal::KILL);
    for _ in 0..chance.below(3) {
        let service = Service::start(folder, &[]);
        sleep(chance.moment(LONGEST));
        service.stop(Signal::KILL);
    }
    runs
}

fn agent(client: &Client) -> String {
    let agents = client
        .send("GET /api/agents", &Value::Null)
        .unwrap()
        .is(200);
    if let Some(agent) = agents[0]["id"].as_str() {
        return agent.to_owned();
    }
    let mut agent = new_agent("works while others are killed");
    agent["executor"] = "demo".into();
    let made = client.send("POST /api/agents", &agent).unwrap().is(201);
    made["id"].as_str().unwrap().to_owned()
}

fn start(client: &Client, agent: &str, number: usize, chance: &mut Chance) -> Run {
    let (before, after) = (chance.below(300), chance.below(300));
    let pause = chance.below(400);
    let (first, last, ends) = match number {
        0 => (
            "setsid-child\nstubborn-child\n",
            "say bye\nhang",
            End::Never,
        ),
        1 => ("", "say bye\nexit 3", End::Failed),
        _ => ("", "say bye", End::Completed),
    };
    let prompt = format!("{first}lines {before}\nsleep {pause}ms\nlines {after}\n{last}");
    let says = (1..=before).chain(1..=after).map(|it| format!("line {it}"));
    let says = says.chain(["bye".to_owned()]).collect();
    let execute = format!("POST /api/agents/{agent}/execute");
    let run = client.send(&execute, &json!({ "prompt": prompt })).unwrap();
    let id = run.is(202)["id"].as_str().unwrap().to_owned();
    Run { id, says, ends }
}

/// Follows the run to its end: it has said all, once, it has ended as it should, and so has all that it
/// has started.
fn check(client: &Client, run: &Run) {
    let id = &run.id;
    let (mut said, mut status) = (Vec::new(), None);
    let mut is_to_stop = matches!(run.ends, End::Never);
    for event in client.events(&format!("/api/runtime/agents/{id}/logs/stream")) {
        if event["log_type"] == "output" {
            said.push(event["message"].as_str().unwrap().to_owned());
        }
        if said == run.says && std::mem::take(&mut is_to_stop) {
            assert!(2 < processes(id).len(), "its children live");
            let stop = format!("POST /api/runtime/agents/{id}/stop");
            client.send(&stop, &json!({})).unwrap().is(202);
        }
        status = event["status"].as_str().map(str::to_owned).or(status);
    }
    let path = format!("GET /api/runtime/agents/{id}");
    let ended = client.send(&path, &Value::Null).unwrap().is(200);
    assert_eq!(said, run.says, "{ended}");
    let expected = match run.ends {
        End::Completed => "completed",
        End::Failed => "failed",
        End::Never => "cancelled",
    };
    assert_eq!(status.as_deref(), Some(expected), "{ended}");
    assert_eq!(ended["status"], expected);
    assert_eq!(processes(id), [0; 0], "{id}");
}
