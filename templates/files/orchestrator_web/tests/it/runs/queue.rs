//! Runs that wait.

use std::time::Duration;

use orchestrator::time::Timestamp;
use serde_json::json;

use super::support::{Host, demo, processes, program};
use crate::support::id;

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
    let status = host.get("/api/status").await;
    assert_eq!(status["queued"][0]["reason"], "queue_stopped");
    let log = host.get(&format!("/api/runtime/logs/agent/{run}")).await;
    let why = "the queue is stopped: the run waits for POST /api/orchestrator/start";
    assert_eq!(log[0]["message"], why);
    host.post("/api/orchestrator/start", json!({})).await;
    assert_eq!(host.end(&run).await.status, "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_one_session_go_one_after_the_other_also_while_one_waits_for_a_retry() {
    let host = Host::with(program(&demo("retry_pause_seconds = 2"))).await;
    let ask = async |prompt: &str| {
        let body = json!({ "prompt": prompt, "session_id": "tuesday" });
        id(&host.execute(body).await.body)
    };
    let first = ask("until-attempt 2 fail overloaded\nsay done").await;
    host.hear_of(&first, "attempt 2 of 4 starts in 2 s").await;
    let second = ask("say hello").await;
    let status = host.get("/api/status").await;
    let queued = status["queued"].as_array().unwrap().iter();
    let reasons: Vec<_> = queued.map(|it| &it["reason"]).collect();
    assert_eq!(reasons, ["retry", "session"]);
    // That of another session does not wait.
    assert_eq!(
        host.end(&host.run("say hi").await).await.status,
        "completed"
    );
    assert_eq!(host.end(&second).await.status, "completed");
    let ended = host.instance(&first).await["completed_at"].to_string();
    let begun = host.instance(&second).await["started_at"].to_string();
    assert!(ended <= begun, "{ended} {begun}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_priority_goes_before_age() {
    let host = Host::with(program(&demo("")).variable("MAX_RUNNING", "1")).await;
    let first = host.run("say ready\nhang").await;
    host.hear(&first, "ready").await;
    let mut waiting = Vec::new();
    for priority in [0, -100, 100, 0] {
        let body = json!({ "prompt": "say hello", "priority": priority });
        waiting.push(id(&host.execute(body).await.body));
    }
    let expected = [2, 0, 3, 1].map(|place: usize| waiting[place].clone());
    let status = host.get("/api/status").await;
    let queued = status["queued"].as_array().unwrap();
    let shown: Vec<_> = queued.iter().map(id).collect();
    assert_eq!(shown, expected);
    assert_eq!(queued[0]["priority"], 100);
    assert!(queued.iter().all(|it| it["reason"] == "limit"), "{status}");
    host.stop(&first).await;
    let mut begun = Vec::new();
    for run in expected {
        host.end(&run).await;
        begun.push(host.instance(&run).await["started_at"].to_string());
    }
    assert!(begun.is_sorted(), "{begun:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_run_starts_when_its_time_has_come_and_not_before() {
    let host = Host::start().await;
    let now = || Timestamp::from(jiff::Timestamp::now());
    let soon = Timestamp::from(jiff::Timestamp::now() + Duration::from_millis(700));
    let delayed = json!({ "prompt": "say hello", "start_after": soon });
    let delayed = id(&host.execute(delayed).await.body);
    let late = json!({ "prompt": "say hello", "start_after": "9999-01-01T00:00:00+01:00" });
    let late = id(&host.execute(late).await.body);
    let status = host.get("/api/status").await;
    assert_eq!(status["queued"][0]["reason"], "start_after");
    assert_eq!(status["queued"][1]["until"], "9998-12-31T23:00:00.000Z");
    // It lets others pass.
    host.end(&host.run("say hello").await).await;
    assert_eq!(host.end(&delayed).await.status, "completed");
    let begun = host.instance(&delayed).await["started_at"].clone();
    let begun = Timestamp::parse(begun.as_str().unwrap()).unwrap();
    assert!(soon <= begun && begun < now(), "{soon} {begun}");
    host.stop(&late).await;
    assert_eq!(host.end(&late).await.status, "cancelled");
}
