//! Runs that wait.

use serde_json::json;

use super::support::{Host, demo, processes, program};

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_limit_runs_wait_for_their_turn() {
    let host = Host::with(program(&demo("")).variable("MAX_RUNNING", "1")).await;
    let first = host.run("say ready\nhang").await;
    host.hear(&first, "ready").await;
    let second = host.run("say two").await;
    let third = host.run("say three").await;
    let status = host.get("/api/status").await;
    assert_eq!(status["limit"], 1);
    assert_eq!(status["running"], json!([first]));
    let queued = status["queued"].as_array().unwrap();
    let places: Vec<_> = queued
        .iter()
        .map(|it| (&it["id"], &it["position"]))
        .collect();
    let (one, two) = (json!(1), json!(2));
    assert_eq!(places, [(&json!(second), &one), (&json!(third), &two)]);
    host.stop(&first).await;
    let ended = host.end(&third).await;
    assert_eq!(ended.status, "completed");
    let ended_at = |run: serde_json::Value| run["completed_at"].as_str().unwrap().to_owned();
    let second = ended_at(host.instance(&second).await);
    assert!(second < ended_at(host.instance(&third).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_has_a_limit_of_its_own() {
    let host = Host::with(program(&demo("max_running = 1"))).await;
    let first = host.run("say ready\nhang").await;
    host.hear(&first, "ready").await;
    let second = host.run("say two").await;
    assert_eq!(host.instance(&second).await["status"], "pending");
    host.stop(&first).await;
    assert_eq!(host.end(&second).await.status, "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_while_it_waits_is_never_started() {
    let host = Host::start().await;
    assert_eq!(
        host.post("/api/orchestrator/stop", json!({})).await.status,
        204
    );
    let run = host.run("say hello").await;
    let (one, other) = tokio::join!(host.stop(&run), host.stop(&run));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409]);
    let told = host.end(&run).await;
    assert_eq!(told.status, "cancelled");
    assert_eq!(told.messages("output"), [""; 0]);
    assert_eq!(host.instance(&run).await["duration_ms"], 0);
    assert_eq!(processes(&run), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_stopped_says_so_and_stays_so_until_it_is_started() {
    let host = Host::start().await;
    host.post("/api/orchestrator/stop", json!({})).await;
    let host = host.restart(rustix::process::Signal::TERM);
    assert_eq!(host.get("/api/status").await["state"], "stopped");
    let run = host.run("say hello").await;
    let log = host.get(&format!("/api/runtime/logs/agent/{run}")).await;
    let why = "the queue is stopped: the run waits for POST /api/orchestrator/start";
    assert_eq!(log[0]["message"], why);
    host.post("/api/orchestrator/start", json!({})).await;
    assert_eq!(host.end(&run).await.status, "completed");
}
