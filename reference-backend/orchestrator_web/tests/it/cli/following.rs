//! `--follow`, over the end of a run, of this program, of the service, and of whoever reads.

use std::io::{BufRead as _, BufReader, Read as _};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::{ask, begin, host, json, text};
use crate::runs::support::Host;
use crate::support::running::Running;

#[tokio::test]
async fn the_exit_status_tells_how_the_run_ended() {
    let host = host().await;
    for (prompt, code, end) in [("fine", 0, "completed"), ("exit 3", 1, "failed")] {
        let mut run = begin(&host, &["run", "demo", prompt, "--follow", "--json"]);
        let mut out = String::new();
        run.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert_eq!(run.wait().unwrap().code(), Some(code), "{out}");
        let events: Vec<Value> = out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(events[0]["event"], "run");
        assert_eq!(events[1]["event"], "log");
        let last = events.last().unwrap();
        assert_eq!(
            (&last["event"], &last["data"]["status"]),
            (&json!("end"), &json!(end))
        );
        assert_eq!(last["data"]["id"], events[0]["data"]["id"]);
    }
}

#[tokio::test]
async fn ctrl_c_leaves_the_run_going_and_says_how_to_stop_it() {
    let host = host().await;
    let mut run = begin(&host, &["run", "demo", "say here\nsleep 60s", "--follow"]);
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    lines
        .find(|line| line.as_ref().unwrap().ends_with("  here"))
        .unwrap()
        .unwrap();
    kill_process(Pid::from_child(&run), Signal::INT).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(130));
    let mut err = String::new();
    run.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    let going = json(&host, &["ps"]);
    let id = going[0]["id"].as_str().unwrap();
    assert_eq!(going[0]["status"], "executing");
    assert_eq!(
        err,
        format!("\nit goes on: `orchestrator_web stop {id}` ends it\n")
    );
    assert!(text(&host, &["stop", id]).contains("is being stopped"));
    assert_eq!(host.end(id).await.status, "cancelled");
}

#[tokio::test]
async fn a_service_that_is_killed_and_started_again_loses_and_doubles_no_line() {
    let host = host().await;
    let run = host.run("say one\nsay two\nsleep 2s\nsay three").await;
    let mut logs = begin(&host, &["logs", "-f", &run]);
    let mut lines = BufReader::new(logs.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut told: Vec<String> = Vec::new();
    while !told.iter().any(|line| line.ends_with("  two")) {
        told.extend(lines.next());
    }
    let port = host.service.port();
    let program = host.service.stop(Signal::KILL).program;
    let service = Running::start_on(program, port);
    told.extend(lines);
    assert_eq!(logs.wait().unwrap().code(), Some(0), "{told:?}");
    for word in ["one", "two", "three"] {
        let times = told
            .iter()
            .filter(|line| line.ends_with(&format!("  {word}")))
            .count();
        assert_eq!(times, 1, "{told:?}");
    }
    let mut err = String::new();
    logs.stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert!(
        err.is_empty() || err.starts_with("the service is away"),
        "{err}"
    );
    drop(service);
}

/// An instance whose log somebody else has written.
async fn reported(host: &Host, lines: Vec<Value>) -> String {
    let new = json!({ "orchestrator_agent_id": host.agent, "session_id": "s" });
    let run = crate::support::id(&host.post("/api/runtime/agents", new).await.body);
    let line = |message: Value| json!({ "agent_id": run, "log_level": "INFO", "log_type": "output", "message": message });
    let lines: Vec<_> = lines.into_iter().map(line).collect();
    assert_eq!(
        host.post("/api/runtime/logs", json!(lines)).await.status,
        201
    );
    run
}

#[tokio::test]
async fn nothing_that_an_agent_writes_commands_a_terminal() {
    let host = host().await;
    let hostile = "a\u{1b}[2Jb\u{1b}]0;title\u{7}c\u{202e}d\u{9b}1me\rf";
    let run = reported(&host, vec![json!(hostile)]).await;
    let out = text(&host, &["logs", &run]);
    assert!(
        out.ends_with("  abcde\n          f\n") || out.ends_with("abcde\nf\n"),
        "{out:?}"
    );
    let raw = text(&host, &["logs", &run, "--json"]);
    assert!(!raw.contains('\u{1b}') && raw.contains("\\u001b"), "{raw}");
}

#[tokio::test]
async fn a_reader_that_has_read_enough_is_no_error() {
    let host = host().await;
    let run = reported(
        &host,
        (0..1000)
            .map(|n| json!(format!("{n} {}", "x".repeat(400))))
            .collect(),
    )
    .await;
    let mut logs = begin(&host, &["logs", &run]);
    let mut line = String::new();
    let mut out = BufReader::new(logs.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    assert!(line.contains("  0 xxx"), "{line}");
    drop(out);
    let mut err = String::new();
    logs.stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((logs.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn a_prompt_may_come_by_the_standard_input_and_a_level_may_be_asked_for() {
    let host = host().await;
    let mut run = super::command(&host, &["run", "demo", "-"]);
    let (read, write) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut &write, b"say by a pipe\ncost 0.5").unwrap();
    drop(write);
    assert!(run.stdin(read).output().unwrap().status.success());
    let id = json(&host, &["ps", "--all"])[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    host.end(&id).await;
    assert!(text(&host, &["logs", &id]).contains("  by a pipe\n"));
    assert!(!text(&host, &["logs", &id]).contains("DEBUG"));
    assert!(text(&host, &["logs", &id, "--level", "debug"]).contains("  DEBUG  "));
    assert!(
        ask(&host, &["logs", &id, "--level", "loud"])
            .err
            .contains("must be one of DEBUG")
    );
}
