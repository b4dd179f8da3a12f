//! Runs that somebody ends.

use reqwest::Method;
use serde_json::json;

use super::support::{Host, processes, program, reply};

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_an_agent_that_heeds_no_signal_and_all_that_it_has_started() {
    let host = Host::start().await;
    let run = host
        .run("setsid-child\nstubborn-child\nignore-term\nsay ready\nhang")
        .await;
    host.hear(&run, "ready").await;
    assert_eq!(
        processes(&run).len(),
        4,
        "a shim, an agent and two children"
    );
    // Two at once: neither is wrong.
    let (one, other) = tokio::join!(host.stop(&run), host.stop(&run));
    assert_eq!((one.status, other.status), (202, 202));
    assert_eq!(host.end(&run).await.status, "cancelled");
    assert_eq!(processes(&run), [0; 0]);
    let late = host.stop(&run).await;
    assert_eq!(late.status, 409);
    assert_eq!(late.body["detail"], "the run has ended: it is cancelled");
    let ended = host.instance(&run).await;
    assert_eq!(ended["exit_reason"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_listens_is_asked_by_a_word_first() {
    // Prints its prompt, and then whatever else it is told.
    let script = "read prompt; echo ready; read word; echo heard $word";
    let toml = format!(
        "[executors.listener]\nkind = 'claude'\nprogram = ['/bin/sh', '-c', '{script}']\n\
         args = ['--input-format', 'stream-json']\nstop_pause_seconds = 60"
    );
    let mut host = Host::with(program(&toml)).await;
    host.agent = host.agent_with(json!({ "executor": "listener" })).await;
    let run = host.run("hello").await;
    host.hear(&run, "ready").await;
    host.stop(&run).await;
    let told = host.end(&run).await;
    assert_eq!(told.status, "cancelled");
    let word = told.messages("output")[1];
    assert!(
        word.contains("control_request") && word.contains("interrupt"),
        "{word}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_deleted_with_its_agent_is_ended() {
    let host = Host::start().await;
    let run = host.run("say ready\nhang").await;
    host.hear(&run, "ready").await;
    let agent = format!("/api/agents/{}", host.agent);
    let refused = reply(host.request(Method::DELETE, &agent).json(&json!({}))).await;
    assert_eq!(refused.status, 409);
    let delete = host.request(Method::DELETE, &format!("{agent}?force=true"));
    assert_eq!(reply(delete.json(&json!({}))).await.status, 204);
    // Nothing tells when a run is gone that nobody knows any more.
    while !processes(&run).is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_tells_of_a_run_nobody_else_tells() {
    let host = Host::start().await;
    let run = host.run("say ready\nhang").await;
    let patch = |body| {
        let path = format!("/api/runtime/agents/{run}");
        reply(host.request(Method::PATCH, &path).json(&body))
    };
    assert_eq!(patch(json!({ "status": "completed" })).await.status, 409);
    assert_eq!(patch(json!({ "cost_usd": 1.0 })).await.status, 409);
    assert_eq!(
        patch(json!({ "metadata": { "ticket": 7 } })).await.status,
        200
    );
    host.stop(&run).await;
    assert_eq!(host.end(&run).await.status, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_runs_the_same_again() {
    let host = Host::start().await;
    let run = host.run("say one\nexit 3").await;
    let restart = format!("/api/runtime/agents/{run}/restart");
    host.end(&run).await;
    let again = host.post(&restart, json!({})).await;
    assert_eq!(again.status, 202);
    assert_eq!(again.body["parent_agent_id"], run.as_str());
    let again = again.body["id"].as_str().unwrap();
    assert_ne!(again, run);
    let told = host.end(again).await;
    assert_eq!(told.messages("output"), ["one"]);
    let going_on = host.run("say ready\nhang").await;
    let restart = format!("/api/runtime/agents/{going_on}/restart");
    assert_eq!(host.post(&restart, json!({})).await.status, 409);
    host.stop(&going_on).await;
    host.end(&going_on).await;
}
