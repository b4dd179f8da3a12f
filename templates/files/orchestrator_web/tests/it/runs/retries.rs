//! Runs that fail for a reason that passes: they are tried again, as the same run.

use std::time::Duration;

use orchestrator::adapters::Kind;
use orchestrator::executors::Executor;
use orchestrator::runs::progress::pause;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::support::{Host, demo, processes, program};
use crate::support::id;

/// No pause between attempts.
async fn hasty() -> Host {
    Host::with(program(&demo("retry_pause_seconds = 0"))).await
}

/// Hour-long pauses.
async fn patient() -> Host {
    Host::with(program(&demo("retry_pause_seconds = 3600"))).await
}

/// The one run that waits.
async fn waiting(host: &Host) -> Value {
    let status = host.get("/api/status").await;
    assert_eq!(status["queued"].as_array().unwrap().len(), 1, "{status}");
    status["queued"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_in_the_same_session_and_adds_up() {
    let host = hasty().await;
    let prompt = "say hello\ncost 0.25\nuntil-attempt 3 fail Overloaded\nsay done";
    let run = host.run(prompt).await;
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed", "{:?}", told.lines);
    let go_on =
        "You were asked this before, and the attempt was cut off. Go on from where it stopped.";
    let output = ["hello", go_on, "hello", go_on, "hello", "done"];
    assert_eq!(told.messages("output"), output);
    let announced = told.messages("state_change");
    assert_eq!(
        announced[0],
        "attempt 2 of 4 starts in 0 s: overloaded: Overloaded"
    );
    assert_eq!(
        announced[1],
        "attempt 3 of 4 starts in 0 s: overloaded: Overloaded"
    );
    let sessions = told.messages("milestone");
    let sessions: Vec<_> = sessions
        .iter()
        .filter(|it| it.starts_with("session "))
        .collect();
    assert_eq!(sessions.len(), 3);
    assert!(sessions.iter().all(|it| *it == sessions[0]), "{sessions:?}");
    let ended = host.instance(&run).await;
    assert_eq!(
        (&ended["cost_usd"], &ended["exit_reason"]),
        (&json!(0.75), &json!(null))
    );
    assert_eq!(host.get("/api/costs?by=agent").await[0]["cost_usd"], 0.75);
    let prompts = host
        .get(&format!("/api/runtime/prompts?agent_id={run}"))
        .await;
    assert_eq!(prompts.as_array().unwrap().len(), 1);
    assert_eq!(prompts[0]["status"], "completed");
    assert_eq!(prompts[0]["cost_usd"], 0.75);
    let output = host
        .get_text(&format!("/api/runtime/agents/{run}/output"))
        .await;
    assert_eq!(output.matches("\"subtype\":\"init\"").count(), 3);
}

/// What an agent calls its model need not be what it takes for one.
#[tokio::test(flavor = "multi_thread")]
async fn another_attempt_asks_for_the_model_that_was_asked_for() {
    let host = hasty().await;
    let init = json!({ "type": "system", "subtype": "init", "session_id": "s-1",
        "model": "The Best (preview)" });
    let prompt = format!("print {init}\nuntil-attempt 2 fail Overloaded\nsay done");
    let run = host.run(&prompt).await;
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed", "{:?}", told.lines);
    assert_eq!(host.instance(&run).await["model"], "The Best (preview)");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_three_more_attempts_and_no_fourth() {
    let host = hasty().await;
    let run = host.run("until-attempt 99 fail 529 overloaded").await;
    let (reason, error) = host.failure(&run).await;
    assert_eq!((&*reason, &*error), ("overloaded", "529 overloaded"));
    let told = host.end(&run).await;
    let announced = told.messages("state_change");
    assert_eq!(announced.len(), 4, "{announced:?}");
    assert_eq!(
        announced[2],
        "attempt 4 of 4 starts in 0 s: overloaded: 529 overloaded"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_one_for_all_attempts() {
    let host = hasty().await;
    let prompt = "cost 0.25\nuntil-attempt 99 fail overloaded";
    let run = host
        .execute(json!({ "prompt": prompt, "budget_usd": 0.4 }))
        .await;
    let (reason, error) = host.failure(&id(&run.body)).await;
    assert_eq!(reason, "budget");
    assert_eq!(error, "it has spent 0.500000 USD of 0.400000");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_is_not_tried_again() {
    let host = hasty().await;
    for (words, reason) in [
        ("authentication_error", "auth"),
        ("invalid_request: prompt is too long", "invalid_request"),
        ("credit balance is too low", "billing"),
        ("the sky fell", "agent_error"),
    ] {
        let run = host.run(&format!("until-attempt 2 fail {words}")).await;
        assert_eq!(host.failure(&run).await.0, reason);
    }
    let none = "retry_pause_seconds = 0\nmax_retries = 0";
    let host = Host::with(program(&demo(none))).await;
    let run = host.run("until-attempt 2 fail overloaded").await;
    assert_eq!(host.failure(&run).await.0, "overloaded");
}

#[test]
fn a_pause_doubles_up_to_five_minutes_and_a_quarter() {
    let first = Executor::new(Kind::Demo).retry_pause_seconds;
    let millis = |retries, chance| pause(first, retries, chance).as_millis();
    let steps: Vec<_> = (0..7).map(|retries| millis(retries, 0)).collect();
    assert_eq!(steps, [10, 20, 40, 80, 160, 300, 300].map(|it| it * 1000));
    assert_eq!(millis(0, u32::MAX), 12_500);
    assert_eq!(millis(i64::MAX, u32::MAX), 375_000);
    assert_eq!(pause(3600, 5, 0), Duration::from_hours(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_a_run_that_waits_for_its_retry_at_once() {
    let host = patient().await;
    let run = host.run("cost 0.5\nuntil-attempt 2 fail overloaded").await;
    host.hear_of(&run, "attempt 2 of 4 starts in ").await;
    let queued = waiting(&host).await;
    assert_eq!(
        (&queued["reason"], &queued["attempt"]),
        (&json!("retry"), &json!(2))
    );
    let instance = host.instance(&run).await;
    assert_eq!(instance["status"], "waiting");
    let until = queued["until"].as_str().unwrap();
    assert!(instance["started_at"].as_str().unwrap() < until, "{queued}");
    assert_eq!(host.stop(&run).await.status, 202);
    assert_eq!(host.end(&run).await.status, "cancelled");
    assert_eq!(host.stop(&run).await.status, 409);
    let prompts = host
        .get(&format!("/api/runtime/prompts?agent_id={run}"))
        .await;
    let told = (&prompts[0]["status"], &prompts[0]["cost_usd"]);
    assert_eq!(told, (&json!("cancelled"), &json!(0.5)));
    assert_eq!(processes(&run), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_comes_while_an_attempt_ends_is_not_followed_by_another() {
    let host = hasty().await;
    let prompt = "fail overloaded\nprint ready\nhang";
    let run = host.run(prompt).await;
    host.hear(&run, "ready").await;
    host.stop(&run).await;
    let told = host.end(&run).await;
    assert_eq!(told.status, "cancelled");
    assert_eq!(told.messages("state_change"), ["cancelled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_its_retry_survives_the_service() {
    let host = Host::with(program(&demo("retry_pause_seconds = 1"))).await;
    let run = host
        .run("say hello\nuntil-attempt 2 fail overloaded\nsay done")
        .await;
    host.hear_of(&run, "attempt 2 of 4 starts in 1 s: overloaded")
        .await;
    let host = host.restart(Signal::KILL);
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed");
    let output = told.messages("output");
    assert_eq!((output.len(), output[0], output[3]), (4, "hello", "done"));
    assert_eq!(told.messages("state_change").len(), 2);
}

/// A service that is killed between any two steps of an attempt's end and the next one's start leaves
/// these files and that row.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_attempt_has_left_says_nothing_about_the_next() {
    let host = patient().await;
    let run = host
        .run("say one\nuntil-attempt 2 fail overloaded\nsay two")
        .await;
    host.hear_of(&run, "attempt 2 of 4").await;
    let folder = host.service.program.path(&format!("data/runs/{run}"));
    assert!(folder.join("1/exit.json").exists() && !folder.join("2").exists());
    // The next attempt was begun, and its shim was never started.
    let start = std::fs::read(folder.join("1/start.json")).unwrap();
    std::fs::create_dir(folder.join("2")).unwrap();
    std::fs::write(folder.join("2/start.json"), start).unwrap();
    let ended = host.service.stop(Signal::KILL);
    let hasty = demo("retry_pause_seconds = 0");
    // Its time has come meanwhile.
    let database = ended.program.path("data/orchestrator.db");
    #[expect(
        clippy::disallowed_methods,
        reason = "changes the database from outside"
    )]
    let database = rusqlite::Connection::open(database).unwrap();
    let due = "UPDATE runs SET not_before = '2001-01-01T00:00:00.000Z'";
    database.execute(due, ()).unwrap();
    drop(database);
    let host = Host::again(ended.program.file("orchestrator.toml", hasty), host.agent);
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed", "{:?}", told.lines);
    let output = told.messages("output");
    assert_eq!((output.len(), output[0], output[3]), (4, "one", "two"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_in_the_second_attempt_follows_it_from_its_beginning() {
    let host = hasty().await;
    let prompt =
        "cost 0.25\nlines 20\nuntil-attempt 2 fail overloaded\nsay ready\nsleep 500ms\nsay done";
    let run = host.run(prompt).await;
    host.hear(&run, "ready").await;
    let host = host.restart(Signal::KILL);
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed");
    let lines: Vec<_> = told
        .messages("output")
        .into_iter()
        .filter(|it| it.starts_with("line "))
        .collect();
    assert_eq!(lines.len(), 40);
    assert_eq!(host.instance(&run).await["cost_usd"], 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_at_every_end_of_an_attempt_loses_and_repeats_nothing() {
    let mut host = hasty().await;
    let run = host
        .run("lines 5\nuntil-attempt 4 fail overloaded\nsay done")
        .await;
    for attempt in 2..=4 {
        // What the agent said is committed; that it is tried again perhaps not yet.
        host.hear_again(&run, "the agent is done: failed", attempt - 1)
            .await;
        host = host.restart(Signal::KILL);
        // It waits in the queue, or has just been taken from it.
        let next = format!("attempt {attempt} of 4 starts in 0 s: overloaded: overloaded");
        host.hear(&run, &next).await;
        host = host.restart(Signal::KILL);
    }
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed");
    let output = told.messages("output");
    let lines: Vec<_> = output.iter().filter(|it| it.starts_with("line ")).collect();
    let once = ["line 1", "line 2", "line 3", "line 4", "line 5"];
    assert_eq!(lines, once.repeat(4).iter().collect::<Vec<_>>());
    assert_eq!(told.messages("state_change").len(), 4, "{:?}", told.lines);
    assert_eq!(processes(&run), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_deleted_takes_its_waiting_runs_along() {
    let host = patient().await;
    let run = host.run("until-attempt 2 fail overloaded").await;
    host.hear_of(&run, "attempt 2 of 4").await;
    let agent = format!("/api/agents/{}", host.agent);
    let delete = host.request(reqwest::Method::DELETE, &format!("{agent}?force=true"));
    assert_eq!(
        super::support::reply(delete.json(&json!({}))).await.status,
        204
    );
    assert_eq!(host.get("/api/status").await["queued"], json!([]));
}
