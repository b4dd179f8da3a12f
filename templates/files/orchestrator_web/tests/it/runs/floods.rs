//! Output that is too much, or that is written in odd ways.

use reqwest::Method;
use serde_json::json;

use super::support::{Host, demo, program};

/// A host whose agent runs this script of a shell.
async fn shell(script: &str, keys: &str) -> Host {
    let toml = format!(
        "[executors.shell]\nkind = 'command'\nprogram = ['/bin/sh', '-c', '{script}']\n\
         stop_pause_seconds = 0\n{keys}"
    );
    let mut host = Host::with(program(&toml)).await;
    host.agent = host.agent_with(json!({ "executor": "shell" })).await;
    host
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_holds_up_no_stop() {
    let host = shell(
        "echo ready; exec yes the same line again and again, for as long as anybody listens to it",
        "",
    )
    .await;
    let run = host.run("go").await;
    host.hear(&run, "ready").await;
    host.stop(&run).await;
    assert_eq!(host.status_at_end(&run).await, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_holds_up_no_time_limit() {
    let host = shell(
        "exec yes the same line again and again, for as long as anybody listens to it",
        "timeout_seconds = 1",
    )
    .await;
    let run = host.run("go").await;
    assert_eq!(host.status_at_end(&run).await, "failed");
    assert_eq!(host.instance(&run).await["exit_reason"], "timed_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_lines_a_second_arrive_whole_and_in_order_and_others_are_answered_meanwhile() {
    const TENTHS: usize = 30;
    let host = Host::start().await;
    let run = host.run(&"lines 1000\nsleep 100ms\n".repeat(TENTHS)).await;
    host.hear(&run, "line 1000").await;
    let ask = async || {
        let mut answers = 0;
        while host.instance(&run).await["completed_at"].is_null() {
            let livez = host.request(Method::GET, "/livez").send().await.unwrap();
            assert_eq!(livez.status(), 200);
            let newest = host.get("/api/runtime/logs?limit=10").await;
            assert_eq!(newest.as_array().unwrap().len(), 10);
            let agents = host.get("/api/agents").await;
            assert_eq!(agents[0]["id"], host.agent.as_str());
            answers += 1;
        }
        answers
    };
    let (told, answers) = tokio::join!(host.end(&run), ask());
    assert_eq!(told.status, "completed");
    assert_ne!(answers, 0);
    let said = told.messages("output").into_iter();
    let expected = (0..TENTHS).flat_map(|_| 1..=1000);
    assert!(said.eq(expected.map(|it| format!("line {it}"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opens_its_output_anew_erases_nothing() {
    let script = "echo one; echo two > /dev/stdout; echo three | tee /dev/stdout";
    let host = shell(script, "").await;
    let told = host.end(&host.run("go").await).await;
    assert_eq!(told.messages("output"), ["one", "two", "three", "three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_more_output_than_is_kept_the_middle_goes_and_the_run_goes_on() {
    let toml = format!("[retention]\noutput_max_mb = 1\n{}", demo(""));
    let host = Host::with(program(&toml)).await;
    let run = host
        .run("say first\nlong-line 8000000\nlong-line 8000000\nsay last")
        .await;
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed");
    let output = told.messages("output");
    assert_eq!((output[0], output[output.len() - 1]), ("first", "last"));
    let path = |offset: usize| format!("/api/runtime/agents/{run}/output?offset={offset}");
    let middle = host
        .request(Method::GET, &path(4_000_000))
        .send()
        .await
        .unwrap();
    let offset = middle.headers()["x-output-offset"].to_str().unwrap();
    let offset: usize = offset.parse().unwrap();
    assert!((15_000_000..16_100_000).contains(&offset), "{offset}");
    assert!(middle.bytes().await.unwrap().starts_with(b"xxx"));
}
