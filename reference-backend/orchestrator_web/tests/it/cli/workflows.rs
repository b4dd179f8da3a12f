//! `workflow`: started, followed, listed, stopped, restarted.

use serde_json::json;

use super::{ask, host_with, json, refusal, text};

const DEFINITIONS: &str = "
[workflows.greet]
description = 'Says hello, and goes on'
executor = 'demo'
[workflows.greet.input.whom]
description = 'Whom to greet'
[[workflows.greet.steps]]
name = 'first'
agent = 'greeter'
prompt = 'say Hello {input.whom}.'
[[workflows.greet.steps]]
name = 'second'
agent = 'greeter'
prompt = 'exit {input.whom}'

[workflows.hang]
description = 'Never ends'
executor = 'demo'
[[workflows.hang.steps]]
name = 'only'
agent = 'greeter'
prompt = 'hang'
";

#[tokio::test]
async fn a_workflow_is_followed_step_by_step_to_its_end() {
    let host = host_with(DEFINITIONS).await;
    let start = ["workflow", "start", "greet", "--follow", "--input"];
    let out = text(&host, &[&start[..], &[r#"{"whom": "0"}"#]].concat());
    for words in [
        "greet\n",
        "\nfirst: running\n",
        "\nfirst: completed after ",
        "\nsecond: completed after ",
        "\ncompleted after ",
    ] {
        assert!(out.contains(words), "{words} is not in {out}");
    }
    let failed = ask(&host, &[&start[..], &[r#"{"whom": "3"}"#]].concat());
    assert!(!failed.succeeded && failed.err.is_empty(), "{failed:?}");
    assert!(
        failed.out.contains("\nfailed: step `second` failed: "),
        "{}",
        failed.out
    );

    let listed = text(&host, &["workflow", "list"]);
    assert!(listed.contains("  greet  failed     1/2  "), "{listed}");
    let id = listed.lines().nth(1).unwrap().split(' ').next().unwrap();
    let again = ask(
        &host,
        &[
            "workflow", "restart", id, "--from", "second", "--follow", "--json",
        ],
    );
    let events: Vec<serde_json::Value> = again
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[0]["event"], "workflow");
    assert_eq!(events.last().unwrap()["data"]["status"], "failed");
    let refused = refusal(&host, &["workflow", "restart", id, "--from", "third"]);
    assert!(refused.contains("not one of its steps"), "{refused}");
}

#[tokio::test]
async fn a_workflow_is_stopped_and_its_definitions_are_listed() {
    let host = host_with(DEFINITIONS).await;
    let begun = json(&host, &["workflow", "start", "hang"]);
    let id = begun["id"].as_str().unwrap();
    assert!(text(&host, &["workflow", "stop", id]).contains("is being stopped"));
    let stream = format!("/api/workflows/stream/{id}");
    let mut events =
        crate::support::live::Events::open(host.service.addresses[0], &stream, None).await;
    events.end().await;
    assert_eq!(json(&host, &["workflow", "list"])[0]["status"], "cancelled");
    let definitions = text(&host, &["workflow", "definitions"]);
    assert!(
        definitions.contains("\ngreet  2      Says hello, and goes on\n"),
        "{definitions}"
    );
    assert!(refusal(&host, &["workflow", "start", "nothing"]).starts_with("error: unknown"));
    let refused = refusal(
        &host,
        &["workflow", "start", "greet", "--input", "just words"],
    );
    assert!(refused.contains("input"), "{refused}");
    assert_ne!(json(&host, &["agents"]), json!([]));
}
