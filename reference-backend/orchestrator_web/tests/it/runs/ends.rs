//! How runs end, by their agents or by the clock.

use serde_json::json;

use super::support::{Host, demo, processes, program};

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_without_a_result_is_told_from_one_with_it() {
    let host = Host::start().await;
    let (reason, error) = host.failure(&host.run("say hm\nexit 3").await).await;
    assert_eq!(reason, "no_result");
    assert!(error.contains('3'), "{error}");
    let quiet = host.run("say hm\nno-result").await;
    assert_eq!(host.end(&quiet).await.status, "completed");
    assert_eq!(host.instance(&quiet).await["exit_reason"], "no_result");
    let (reason, error) = host.failure(&host.run("fail the sky fell").await).await;
    assert_eq!((&*reason, &*error), ("agent_error", "the sky fell"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_hangs_after_its_result_is_ended_and_the_result_stands() {
    let host = Host::with(program(&demo("grace_seconds = 1"))).await;
    let run = host
        .run("say done\nresult\nignore-term\nsetsid-child\nhang")
        .await;
    assert_eq!(host.end(&run).await.status, "completed");
    assert_eq!(processes(&run), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_silent_is_told_of_and_then_ended() {
    let keys = "idle_notice_seconds = 1\nidle_timeout_seconds = 2";
    let host = Host::with(program(&demo(keys))).await;
    let run = host.run("say hello\nhang").await;
    let (reason, error) = host.failure(&run).await;
    assert_eq!(
        (&*reason, &*error),
        ("stalled", "it printed nothing for 2 s")
    );
    let notices = host.end(&run).await;
    let notices = notices.messages("error");
    assert_eq!(notices, ["the agent has printed nothing for 1 s"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whose_tool_is_at_work_is_silent_rightly() {
    let host = Host::with(program(&demo("idle_timeout_seconds = 1"))).await;
    let call = json!({ "type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {} });
    let call = json!({ "type": "assistant", "message": { "id": "m-1", "content": [call] } });
    let run = host
        .run(&format!("print {call}\nsleep 2500ms\nsay built"))
        .await;
    assert_eq!(host.end(&run).await.status, "completed");
    let result = json!({ "type": "tool_result", "tool_use_id": "toolu_1", "content": "ok" });
    let result = json!({ "type": "user", "message": { "content": [result] } });
    let run = host
        .run(&format!("print {call}\nprint {result}\nhang"))
        .await;
    assert_eq!(host.failure(&run).await.0, "stalled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_somebody_else_kills_has_ended_by_a_signal() {
    let toml = "[executors.mortal]\nkind = 'command'\n\
                program = ['/bin/sh', '-c', 'echo ready; kill -9 $$']";
    let mut host = Host::with(program(toml)).await;
    host.agent = host.agent_with(json!({ "executor": "mortal" })).await;
    let (reason, error) = host.failure(&host.run("hello").await).await;
    assert_eq!((&*reason, &*error), ("signal", "signal 9"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_never_begins_is_ended() {
    let toml = "[executors.mute]\nkind = 'command'\nprogram = ['/bin/sleep', '1000']\n\
                start_timeout_seconds = 1\nstop_pause_seconds = 0";
    let mut host = Host::with(program(toml)).await;
    host.agent = host.agent_with(json!({ "executor": "mute" })).await;
    let (reason, _) = host.failure(&host.run("hello").await).await;
    assert_eq!(reason, "stalled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_when_its_time_is_over_however_busy_it_is() {
    let host = Host::start().await;
    let busy = json!({ "prompt": "tool Wait a\nlines 10\nhang", "timeout_seconds": 1 });
    let run = host.execute(busy).await.body;
    let (reason, error) = host.failure(run["id"].as_str().unwrap()).await;
    assert_eq!(
        (&*reason, &*error),
        ("timed_out", "it took longer than 1 s")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_has_spent_its_budget_is_ended() {
    let host = Host::start().await;
    // A million tokens, of which each costs three millionths.
    let message = json!({ "type": "assistant", "message": {
        "id": "m-1", "model": "claude-sonnet-4-5", "role": "assistant",
        "content": [{ "type": "text", "text": "expensive" }],
        "usage": { "input_tokens": 1_000_000, "output_tokens": 0 },
    } });
    let body = json!({ "prompt": format!("print {message}\nhang"), "budget_usd": 2.5 });
    let run = host.execute(body).await.body;
    let run = run["id"].as_str().unwrap();
    let (reason, error) = host.failure(run).await;
    assert_eq!(reason, "budget");
    assert_eq!(error, "it has spent 3.000000 USD of 2.500000");
    let run = host.instance(run).await;
    assert_eq!(
        (&run["cost_usd"], &run["cost_is_estimate"]),
        (&json!(3.0), &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_missing_fails_its_run_at_once_and_is_named() {
    let toml = "[executors.gone]\nkind = 'command'\nprogram = ['no-such-program']";
    let mut host = Host::with(program(toml)).await;
    host.agent = host.agent_with(json!({ "executor": "gone" })).await;
    let (reason, error) = host.failure(&host.run("hello").await).await;
    assert_eq!(reason, "spawn_failed");
    assert_eq!(error, "there is no program `no-such-program`");
    let executors = host.get("/api/executors").await;
    let gone = executors
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "gone");
    assert_eq!(gone.unwrap()["is_available"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_leaves_behind_goes_with_it() {
    let host = Host::start().await;
    let run = host.run("setsid-child\nstubborn-child\nsay bye").await;
    assert_eq!(host.end(&run).await.status, "completed");
    assert_eq!(processes(&run), [0; 0]);
}
