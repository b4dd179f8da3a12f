//! A project in the middle of its work: something of everything there is to show.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::dashboard::Place;
use crate::project::succeed;

pub const SETTINGS: &str = r#"
[project]
name = "harbour"
title = "Harbour"
[budgets]
agent_day_usd = 5.0
project_month_usd = 40.0
[dashboard.embeds.mlflow]
title = "MLflow"
url = "http://127.0.0.1:9/"
show = "link"
[executors.claude]
program = ["claude"]
[workflows.release]
description = "Checks a release from every side, and writes what is new"
executor = "demo"
input.version = { description = "Which one", default = "the next" }
[[workflows.release.steps]]
name = "plan"
agent = "planner"
prompt = "say The steps to {input.version}: check, then write.\ncost 0.02"
[[workflows.release.steps]]
name = "correctness"
agent = "reviewer"
needs = ["plan"]
prompt = "tool Read src/cranes.rs\nsay All of it does what it should.\ncost 0.11"
[[workflows.release.steps]]
name = "security"
agent = "security-reviewer"
needs = ["plan"]
prompt = "tool Grep unsafe\nsay Nothing to be afraid of.\ncost 0.08"
[[workflows.release.steps]]
name = "notes"
agent = "documenter"
needs = ["correctness", "security"]
prompt = "say Notes: {steps.correctness.text}\ncost 0.05"
[workflows.nightly]
description = "Looks for what has become slow"
executor = "demo"
[[workflows.nightly.steps]]
name = "measure"
agent = "tester"
prompt = "say Two routes are slower than yesterday.\nfail The crane registry takes 300 ms."
"#;

const BUILDING: &str = "\
think Where are the berths counted? In the registry, twice.
tool Read src/registry.rs
say The registry counts a berth twice when a ship leaves while another one moors. I keep one count, and a test.
tool Edit src/registry.rs
tool Bash cargo test registry
cost 0.3412
say Done: one count, one test. All 48 tests pass.";

/// What pages are about, by the first segment of their paths.
pub struct Things {
    pub agents: String,
    pub runs: String,
    pub workflows: String,
    /// Runs that look otherwise.
    pub others: Vec<(&'static str, String)>,
}

pub fn fill(place: &Place) -> Things {
    repository(place.folder.path());
    let agent = |name: &str, kind: &str, description: &str| {
        let body = json!({ "name": name, "agent_type": kind, "description": description,
            "capabilities": "rust,sql", "executor": "demo" });
        id(&place.send("POST /api/agents", &body))
    };
    let planner = agent(
        "planner",
        "planner",
        "Says what to change, and in which order",
    );
    let builder = agent(
        "builder",
        "builder",
        "Changes the code, and writes tests for it",
    );
    let reviewer = agent(
        "reviewer",
        "reviewer",
        "Finds what does not do what it should",
    );
    agent("documenter", "custom", "Keeps the documents true");
    let database = place.folder.path().join("data/orchestrator.db");
    let database = Connection::open(database).unwrap();
    database.execute_batch(include_str!("history.sql")).unwrap();
    for (prompt, cost) in [
        ("the berths", 0.06),
        ("the tide tables", 0.09),
        ("the pilots", 0.04),
    ] {
        let prompt = format!("tool Read docs/plan.md\nsay A plan for {prompt}.\ncost {cost}");
        place.see_out(&place.run(&planner, &prompt));
    }
    let started =
        |name: &str| id(&place.send(&format!("POST /api/workflows/start/{name}"), &json!({})));
    let release = started("release");
    let nightly = started("nightly");
    let run = execute(
        place,
        &builder,
        &json!({ "prompt": BUILDING, "worktree": true,
        "model": "claude-sonnet-4-5" }),
    );
    place.see_out(&run);
    change(place, &run);
    let failed = place.run(&reviewer, "tool Bash cargo test\nfail 3 of 48 tests fail.");
    place.see_out(&failed);
    reported(place, &reviewer);
    for workflow in [&release, &nightly] {
        let stream = format!("/api/workflows/stream/{workflow}");
        place.service.client().events(&stream).count();
    }
    place.send("POST /api/backup", &json!({}));

    execute(
        place,
        &planner,
        &json!({ "prompt": "say Later.", "start_after": "2099-01-01T00:00:00Z" }),
    );
    let working = place.run(
        &builder,
        "tool Read src/tides.rs\nsay I look at the tides.\ncost 0.02\nhang",
    );
    let asking = place.run(
        &reviewer,
        "say The branch is ready.\nask Bash git push origin main",
    );
    for (run, line) in [
        (&working, "I look at the tides."),
        (&asking, "asks whether it may use Bash"),
    ] {
        let log = format!("/api/runtime/agents/{run}/logs/stream");
        let mut log = place.service.client().events(&log);
        log.find(|it| it["message"] == line).expect("it says so");
    }
    Things {
        agents: builder,
        runs: run,
        workflows: release,
        others: vec![("failed", failed), ("working", working), ("asking", asking)],
    }
}

fn id(created: &Value) -> String {
    created["id"].as_str().unwrap().to_owned()
}

fn execute(place: &Place, agent: &str, body: &Value) -> String {
    id(&place.send(&format!("POST /api/agents/{agent}/execute"), body))
}

/// What the service leaves in the folder is none of its files.
fn repository(folder: &Path) {
    fs::create_dir(folder.join("src")).unwrap();
    fs::write(
        folder.join(".gitignore"),
        "data\n*.db*\norchestrator.toml\n",
    )
    .unwrap();
    let registry = "pub fn berths(ships: &[Ship]) -> usize {\n    \
        let moored = ships.iter().filter(|ship| ship.is_moored()).count();\n    \
        let leaving = ships.iter().filter(|ship| ship.is_leaving()).count();\n    \
        moored + leaving\n}\n";
    fs::write(folder.join("src/registry.rs"), registry).unwrap();
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["commit", "--quiet", "-m", "first"],
    ] {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
        succeed(git.args(arguments).current_dir(folder));
    }
}

/// Does in the run's work tree what it says that it has done.
fn change(place: &Place, run: &str) {
    let tree = place.send(
        &format!("GET /api/runtime/agents/{run}/worktree"),
        &Value::Null,
    );
    let file = Path::new(tree["path"].as_str().unwrap()).join("src/registry.rs");
    let text = fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once("    let leaving").unwrap();
    fs::write(
        &file,
        format!("{before}    // A ship that leaves is moored until it has left.\n    moored\n}}\n"),
    )
    .unwrap();
    fs::write(
        file.with_file_name("tests.rs"),
        "#[test]\nfn a_ship_that_leaves_counts_once() {}\n",
    )
    .unwrap();
}

/// A run that somebody else has made and told of.
fn reported(place: &Place, agent: &str) {
    let run =
        json!({ "orchestrator_agent_id": agent, "session_id": "pier-7", "status": "executing" });
    let run = id(&place.send("POST /api/runtime/agents", &run));
    let line = |level: &str, kind: &str, message: &str| json!({ "agent_id": run, "log_level": level, "log_type": kind, "message": message });
    let lines = json!([
        line("INFO", "milestone", "The tide tables are read."),
        line(
            "WARNING",
            "performance",
            "It took 4.2 s, twice as long as yesterday."
        ),
        line("ERROR", "error", "Pier 7 has no tide gauge."),
    ]);
    place.send("POST /api/runtime/logs", &lines);
    let spent = json!({ "status": "completed", "tokens_input": 18_204, "tokens_output": 2_310, "cost_usd": 0.21 });
    place.send(&format!("PATCH /api/runtime/agents/{run}"), &spent);
}
