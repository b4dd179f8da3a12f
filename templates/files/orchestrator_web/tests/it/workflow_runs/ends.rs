//! Workflows that are ended.

use serde_json::{Value, json};

use super::support::{Flows, flow, shells, step, told};
use crate::runs::support::processes;

const HANGS: &str = "name = 'hangs'\nprompt = 'echo hangs >> ran; echo ready; sleep 600'";
const NEXT: &str = "name = 'next'\nprompt = 'echo next >> ran'";

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_that_is_stopped_ends_its_runs_and_begins_nothing_more() {
    let flows = Flows::of(&[HANGS, NEXT]);
    let workflow = flows.start().await;
    let run = flows.run_of(&workflow, "hangs").await;
    flows.host.hear(&run, "ready").await;
    let (one, other) = tokio::join!(flows.stop(&workflow), flows.stop(&workflow));
    assert!(
        [202, 409].contains(&one.status.max(other.status)),
        "{one:?} {other:?}"
    );
    assert_eq!(one.status.min(other.status), 202);
    let ended = flows.end(&workflow).await;
    assert_eq!(ended["status"], "cancelled");
    assert_eq!(ended["error_message"], "it was stopped");
    assert_eq!(told(&ended), ["hangs cancelled 1.1", "next skipped 0.0"]);
    assert_eq!(processes(&run), [0; 0]);
    assert_eq!(flows.lines("ran"), ["hangs"]);
    assert_eq!(flows.stop(&workflow).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_is_stopped_while_its_step_waits_in_the_queue() {
    let flows = Flows::of(&[HANGS, NEXT]);
    flows.host.post("/api/orchestrator/stop", json!({})).await;
    let workflow = flows.start().await;
    let (one, other) = tokio::join!(flows.stop(&workflow), flows.stop(&workflow));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    let ended = flows.get(&workflow).await;
    assert_eq!(
        (&ended["status"], &ended["duration_seconds"]),
        (&"cancelled".into(), &0.into())
    );
    flows.host.post("/api/orchestrator/start", json!({})).await;
    assert_eq!(flows.lines("ran"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_the_run_of_a_step_stops_the_workflow() {
    let flows = Flows::of(&[
        &format!("{HANGS}\nretries = 3\non_failure = 'continue'"),
        NEXT,
    ]);
    let workflow = flows.start().await;
    let run = flows.run_of(&workflow, "hangs").await;
    assert_eq!(flows.host.stop(&run).await.status, 202);
    let ended = flows.end(&workflow).await;
    assert_eq!(ended["status"], "cancelled");
    assert_eq!(ended["error_step"], "hangs");
    assert_eq!(
        ended["error_message"],
        "the run of its step `hangs` was stopped"
    );
    assert_eq!(told(&ended), ["hangs cancelled 1.1", "next skipped 0.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_may_take_so_long_and_no_longer() {
    let flows = Flows::of(&[&format!("{HANGS}\ntimeout_seconds = 1"), NEXT]);
    let ended = flows.end(&flows.start().await).await;
    assert_eq!(ended["status"], "failed");
    assert_eq!(step(&ended, "hangs")["exit_reason"], "timed_out");
    let message = "step `hangs` failed: it took longer than 1 s";
    assert_eq!(ended["error_message"], message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_may_take_so_long_and_no_longer() {
    let toml =
        flow(&[HANGS, NEXT]).replace("[workflows.flow]", "[workflows.flow]\ntimeout_seconds = 1");
    let flows = Flows::with(shells(&toml));
    // One that waits in the queue takes time too.
    flows.host.post("/api/orchestrator/stop", json!({})).await;
    let queued = flows.start().await;
    let ended = flows.end(&queued).await;
    assert_eq!(
        (&ended["status"], &ended["error_step"]),
        (&"failed".into(), &"hangs".into())
    );
    assert_eq!(ended["error_message"], "it took longer than 1 s");
    flows.host.post("/api/orchestrator/start", json!({})).await;
    let running = flows.start().await;
    let ended = flows.end(&running).await;
    assert_eq!(told(&ended), ["hangs cancelled 1.1", "next skipped 0.0"]);
    assert_eq!(ended["status"], "failed");
    assert!(!flows.lines("ran").contains(&"next".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_tells_each_change_and_ends_with_the_workflow() {
    let flows = Flows::of(&[
        "name = 'one'\nprompt = 'true'",
        "name = 'two'\nprompt = 'true'",
    ]);
    let workflow = flows.start().await;
    let mut stream = flows.stream(&workflow).await;
    let mut statuses = Vec::new();
    loop {
        let frame = stream.next().await;
        assert_eq!(frame.topic, "status");
        let told: Value = serde_json::from_str(&frame.data).unwrap();
        let status = told["status"].as_str().unwrap().to_owned();
        let is_over = status != "running";
        statuses.push(status);
        if is_over {
            break;
        }
    }
    stream.end().await;
    assert_eq!(statuses.last().unwrap(), "completed");
    assert!((2..=4).contains(&statuses.len()), "{statuses:?}");
    // Whoever comes late is told the end at once.
    let mut late = flows.stream(&workflow).await;
    let told: Value = serde_json::from_str(&late.next().await.data).unwrap();
    assert_eq!(told, flows.get(&workflow).await);
    late.end().await;
}
