//! The settings are read again while the service runs: what is in force then, and what waits.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use insta::assert_json_snapshot;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::runs::support::{Host, Reply, demo};
use crate::support::program::Program;
use crate::support::running::terminal;

const CONFIG: &str = "/api/config";
const RELOAD: &str = "/api/config/reload";

pub fn host(toml: &str) -> Host {
    Host::again(
        Program::new().file("orchestrator.toml", toml),
        String::new(),
    )
}

impl Host {
    pub fn write(&self, toml: &str) {
        let path = self.service.program.path("orchestrator.toml");
        std::fs::write(path, toml).unwrap();
    }

    async fn reload(&self, toml: &str) -> Reply {
        self.write(toml);
        self.post(RELOAD, json!({})).await
    }

    /// Reloads, and confirms what waits.
    async fn reload_all(&self, toml: &str) {
        let confirm = self.reload(toml).await.body["confirm"].clone();
        let confirmed = self.post(RELOAD, json!({ "confirm": confirm })).await;
        assert_eq!(confirmed.status, 200, "{confirmed:?}");
    }

    /// The value of a setting in force.
    async fn setting(&self, name: &str) -> Value {
        let document = self.get(CONFIG).await;
        let settings = document["settings"].as_array().unwrap();
        let found = settings
            .iter()
            .find(|it| it["key"] == name || it["env"] == name);
        found.unwrap()["value"].clone()
    }

    pub async fn executors(&self) -> usize {
        self.get("/api/executors").await.as_array().unwrap().len()
    }

    async fn system_log(&self) -> Vec<(String, String)> {
        let log = self.get("/api/system/logs?component=config").await;
        let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
        let lines = log.as_array().unwrap().iter();
        lines
            .map(|line| (text(line, "log_level"), text(line, "message")))
            .collect()
    }
}

/// The names of the settings in a list of differences.
fn names(differences: &Value) -> Vec<&str> {
    let each = differences.as_array().unwrap().iter();
    each.map(|it| it["setting"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_setting_is_in_force_at_once_and_the_answer_says_what_it_was() {
    let host = host("[limits]\nmax_body_bytes = 100");
    let large = json!({ "prompt": "x".repeat(200) });
    let path = "/api/agents/01890a5d-ac96-774b-bcce-b302099a8057/execute";
    assert_eq!(host.post(path, large.clone()).await.status, 413);
    let answer = host.reload("[limits]\n\nmax_body_bytes = 1000").await;
    assert_eq!(answer.status, 200);
    assert_json_snapshot!(answer.body, @r#"
    {
      "after_restart": [],
      "applied": [
        {
          "new": 1000,
          "old": 100,
          "setting": "limits.max_body_bytes",
          "source": "orchestrator.toml line 3"
        }
      ],
      "confirm": null,
      "waiting": []
    }
    "#);
    assert_eq!(host.post(path, large).await.status, 404);
    assert_eq!(host.setting("limits.max_body_bytes").await, 1000);
}

#[tokio::test]
async fn what_the_service_opens_once_waits_for_the_next_start() {
    let host = host("");
    let toml = "[server]\nport = 1\ndatabase_path = 'elsewhere.db'\n[project]\nname = 'other'";
    let answer = host.reload(toml).await.body;
    let waits = ["server.database_path", "project.name"];
    // The port was given by a flag, which cannot change.
    assert_eq!(names(&answer["after_restart"]), waits);
    assert_eq!(answer["applied"], json!([]));
    assert_eq!(answer["confirm"], Value::Null);
    let shown = host.get(CONFIG).await;
    assert_eq!(names(&shown["pending"]["after_restart"]), waits);
    assert_eq!(
        host.setting("DATABASE_PATH").await,
        "./data/orchestrator.db"
    );
    assert_eq!(host.setting("project.name").await, "orchestrator");
    assert_eq!(host.reload("").await.body["after_restart"], json!([]));
}

#[tokio::test]
async fn what_runs_programs_waits_until_a_person_confirms_just_that() {
    let host = host("[log]\nlevel = 'info'");
    let toml = "[log]\nlevel = 'warn'\n[agents]\nroots = ['/']\n[project.commands]\ntest = ['x']\n\
                [worktrees]\nroot = '/w'\n[executors.new]\nkind = 'command'\nprogram = ['./new']";
    let answer = host.reload(toml).await.body;
    assert_eq!(names(&answer["applied"]), ["log.level"]);
    let waiting = [
        "agents.roots",
        "worktrees.root",
        "project.commands.test",
        "executors.new",
    ];
    assert_eq!(names(&answer["waiting"]), waiting);
    assert_eq!(answer["waiting"][3]["old"], Value::Null);
    assert_eq!(host.executors().await, 1);
    assert_eq!(host.setting("agents.roots").await, json!(["."]));

    let changed = toml.replace("./new", "./newer");
    host.write(&changed);
    let confirm = json!({ "confirm": answer["confirm"] });
    let stale = host.post(RELOAD, confirm.clone()).await;
    assert_eq!(stale.status, 409);
    assert_eq!(
        stale.body["waiting"][3]["new"]["program"][0],
        folder(&host) + "./newer"
    );
    assert_ne!(stale.body["confirm"], answer["confirm"]);
    assert_eq!(host.executors().await, 1);

    let confirm = json!({ "confirm": stale.body["confirm"] });
    let confirmed = host.post(RELOAD, confirm.clone()).await;
    assert_eq!(names(&confirmed.body["applied"]), waiting);
    assert_eq!(confirmed.body["waiting"], json!([]));
    // The new one, and that of the command.
    assert_eq!(host.executors().await, 3);
    let again = host.post(RELOAD, confirm).await;
    assert_eq!((again.status, &again.body["confirm"]), (409, &Value::Null));

    // One key of one table.
    let changed = changed + "\nmax_running = 3";
    let answer = host.reload(&changed).await.body;
    assert_eq!(names(&answer["waiting"]), ["executors.new.max_running"]);
}

fn folder(host: &Host) -> String {
    host.service.program.path("").display().to_string()
}

#[tokio::test]
async fn a_mistake_is_told_with_its_place_and_everything_stays() {
    let host = host("retention.logs_days = 3");
    let answer = host
        .reload("[retention]\nlogs_days = 4\nruns_days = 'many'")
        .await;
    assert_eq!(answer.status, 422);
    let detail = answer.body["detail"].as_str().unwrap();
    let detail = detail.replace(&folder(&host), "");
    insta::assert_snapshot!(detail, @"orchestrator.toml:3:13: retention.runs_days is 'many', not a whole number from 0 to 65535; correct it, or remove it for the default, 90");
    assert_eq!(host.setting("retention.logs_days").await, 3);
    let exposed = host.reload("server.host = '0.0.0.0'").await;
    assert_eq!(exposed.status, 422, "{exposed:?}");
    for wrong in ["[", "[executors.x]", "unknown = 1"] {
        let answer = host.reload(wrong).await;
        let detail = answer.body["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("orchestrator.toml:1:"), "{detail}");
    }
    std::fs::remove_file(host.service.program.path("orchestrator.toml")).unwrap();
    assert_eq!(host.post(RELOAD, json!({})).await.status, 200);
    assert_eq!(host.setting("retention.logs_days").await, 30);
}

#[tokio::test]
async fn each_change_is_an_event_and_a_line_of_the_systems_log_and_no_change_is_none() {
    let host = host("");
    let lines = async || host.system_log().await.len();
    host.reload("retention.logs_days = 3\nexecutors.x = { kind = 'demo' }")
        .await;
    assert_eq!(lines().await, 1);
    host.post(RELOAD, json!({})).await;
    assert_eq!(lines().await, 1);
    let (level, message) = host.system_log().await.remove(0);
    insta::assert_snapshot!(format!("{level} {message}"), @"WARNING the settings were read again; in force now: retention.logs_days; when they are confirmed: executors.x");
    let mut events = crate::support::live::Events::after(host.service.addresses[0], 0).await;
    let event = loop {
        let frame = events.next().await;
        if frame.topic == "config.reloaded" {
            break frame.data;
        }
    };
    let event: Value = serde_json::from_str(&event).unwrap();
    insta::assert_snapshot!(event["data"], @r#"{"after_restart":[],"applied":["retention.logs_days"],"waiting":["executors.x"]}"#);
}

#[tokio::test]
async fn a_hangup_reads_the_settings_and_never_confirms_anything() {
    let host = host("log.level = 'error'");
    let new = "log.level = 'info'\nretention.logs_days = 3\nexecutors.x = { kind = 'demo' }";
    host.write(new);
    host.service.signal(Signal::HUP);
    host.service
        .wait_for("the settings were read again; in force now: retention.logs_days, log.level");
    let digest = host.get(CONFIG).await["pending"]["confirm"].clone();
    host.service.wait_for(digest.as_str().unwrap());
    assert_eq!(host.setting("retention.logs_days").await, 3);
    assert_eq!(host.executors().await, 1);

    host.write("[retention]\nlogs_days = -1");
    host.service.signal(Signal::HUP);
    host.service
        .wait_for("orchestrator.toml:2:13: retention.logs_days is -1");
    assert_eq!(host.setting("retention.logs_days").await, 3);
    let (level, message) = host.system_log().await.remove(0);
    assert_eq!(level, "ERROR");
    assert!(message.contains("orchestrator.toml:2:13"), "{message}");
}

#[tokio::test]
async fn more_room_is_used_at_once() {
    let program = Program::new().file("orchestrator.toml", "agents.max_running = 1");
    let host = Host::with(program).await;
    let first = host.run("say here\nsleep 60s").await;
    host.hear(&first, "here").await;
    let second = host.run("say there").await;
    assert_eq!(host.instance(&second).await["status"], "pending");
    host.reload("agents.max_running = 2").await;
    assert_eq!(host.end(&second).await.status, "completed");
    host.stop(&first).await;
}

#[tokio::test]
async fn a_run_ends_by_the_rules_it_was_started_with_even_if_its_executor_is_gone() {
    let toml = demo("") + "[executors.other]\nkind = 'demo'";
    let host = Host::with(Program::new().file("orchestrator.toml", &toml)).await;
    let other = host.agent_with(json!({ "executor": "other" })).await;
    let path = format!("/api/agents/{other}/execute");
    let prompt = json!({ "prompt": "say here\nsleep 1s\nsay still here" });
    let run = crate::support::id(&host.post(&path, prompt.clone()).await.body);
    host.hear(&run, "here").await;
    host.reload_all(&demo("")).await;
    assert_eq!(host.end(&run).await.status, "completed");
    assert_eq!(host.post(&path, prompt).await.status, 422);
}

#[tokio::test]
async fn a_secret_is_never_shown_and_its_change_is() {
    let token = |fill: &str| fill.repeat(32);
    let program = Program::new().file(".env", format!("ORCHESTRATOR_TOKEN={}", token("a")));
    let host = Host::again(program, String::new()).with_token(&token("a"));
    let path = host.service.program.path(".env");
    std::fs::write(path, format!("ORCHESTRATOR_TOKEN={}", token("b"))).unwrap();
    let answer = host.post(RELOAD, json!({})).await.body;
    assert_json_snapshot!(answer["after_restart"], @r#"
    [
      {
        "new": "(hidden)",
        "old": "(hidden)",
        "setting": "ORCHESTRATOR_TOKEN",
        "source": ".env ORCHESTRATOR_TOKEN"
      }
    ]
    "#);
    let shown = host.get(CONFIG).await.to_string();
    assert!(
        !shown.contains("aaaa") && !shown.contains("bbbb"),
        "{shown}"
    );
}

#[test]
fn the_hangup_of_a_terminal_that_is_closed_stops_the_service() {
    let (ours, its) = terminal();
    let program = Program::new();
    let mut service = program.command(&["serve", "--port", "0"]);
    let service = service.stdout(Stdio::piped()).stderr(its);
    let mut service = service.spawn().unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(service.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert!(line.starts_with("listening"), "{line}");
    drop(ours);
    kill_process(Pid::from_child(&service), Signal::HUP).unwrap();
    assert_eq!(service.wait().unwrap().code(), Some(0));
}
