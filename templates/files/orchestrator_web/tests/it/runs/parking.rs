//! Accounts whose usage limit is reached: their runs wait until it ends.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::support::{Host, demo, program};
use crate::support::id;

/// Two accounts, `demo` and `mine`; a limit may end at once.
async fn host() -> Host {
    let other = "[executors.other]\nkind = 'demo'\naccount = 'mine'";
    let toml = format!("{}\n{other}", demo("retry_pause_seconds = 0"));
    Host::with(program(&toml)).await
}

/// What waits, and until when, once the run waits for its account.
async fn parked(host: &Host, run: &str) -> (Vec<Value>, String) {
    let told = "attempt 2 waits for the account `demo` until ";
    host.hear_of(run, told).await;
    let status = host.get("/api/status").await;
    let accounts = status["accounts"].as_array().unwrap();
    let of = |name: &str| accounts.iter().find(|it| it["name"] == name).unwrap();
    assert_eq!(of("mine")["parked_until"], json!(null));
    let until = of("demo")["parked_until"].as_str().unwrap().to_owned();
    (status["queued"].as_array().unwrap().clone(), until)
}

/// In whole hours.
fn away(until: &str) -> i64 {
    let until: jiff::Timestamp = until.parse().unwrap();
    (until - jiff::Timestamp::now()).get_seconds() / 3600
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_limit_is_reached_holds_all_of_its_runs_until_the_reset() {
    let host = host().await;
    let run = host.run("until-attempt 2 usage-limit 2s\nsay two").await;
    let (queued, until) = parked(&host, &run).await;
    assert_eq!(queued[0]["reason"], "usage_limit");
    assert_eq!(queued[0]["until"], until);
    let held = host.run("say hello").await;
    assert_eq!(host.instance(&held).await["status"], "pending");
    for run in [&run, &held] {
        assert_eq!(host.end(run).await.status, "completed");
    }
    let begun = host.instance(&held).await["started_at"].clone();
    assert!(*until <= *begun.as_str().unwrap(), "{until} {begun}");
    let told = host.end(&run).await;
    let sessions = told.messages("milestone").into_iter();
    let sessions: Vec<_> = sessions.filter(|it| it.starts_with("session ")).collect();
    assert_eq!((sessions.len(), sessions[0]), (2, sessions[1]));
    let accounts = host.get("/api/status").await["accounts"].clone();
    assert_eq!(accounts[0]["parked_until"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_outlives_the_service_and_leaves_other_accounts_alone() {
    let host = host().await;
    let run = host.run("until-attempt 2 usage-limit 5h").await;
    let (_, until) = parked(&host, &run).await;
    let host = host.restart(Signal::KILL);
    let other = host.agent_with(json!({ "executor": "other" })).await;
    let path = format!("/api/agents/{other}/execute");
    let free = host.post(&path, json!({ "prompt": "say hello" })).await;
    assert_eq!(host.end(&id(&free.body)).await.status, "completed");
    assert_eq!(parked(&host, &run).await.1, until);
    // Of two reasons to wait, the one that lasts longer.
    let late = json!({ "prompt": "say hi", "start_after": "9000-01-01T00:00:00Z", "priority": 9 });
    let late = id(&host.execute(late).await.body);
    let (queued, _) = parked(&host, &run).await;
    let reasons: Vec<_> = queued.iter().map(|it| &it["reason"]).collect();
    assert_eq!(reasons, ["start_after", "usage_limit"]);
    for run in [&late, &run] {
        host.stop(run).await;
        assert_eq!(host.end(run).await.status, "cancelled");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_lasts_no_longer_than_limits_do_whatever_an_agent_says() {
    let host = host().await;
    let run = host.run("until-attempt 2 usage-limit 1000000h").await;
    let (_, until) = parked(&host, &run).await;
    assert_eq!(away(&until), 8 * 24 - 1);
    let bound = jiff::Timestamp::now() + Duration::from_hours(8 * 24);
    assert!(
        until.parse::<jiff::Timestamp>().unwrap() <= bound,
        "{until}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_whose_end_is_told_in_words_parks_the_account_as_well() {
    let host = host().await;
    let words = "You've hit your usage limit. Try again in 2 days 17 hours 14 minutes.";
    let run = host.run(&format!("until-attempt 2 fail {words}")).await;
    let (_, until) = parked(&host, &run).await;
    assert_eq!(away(&until), 65);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_frees_an_account_whose_limit_has_ended_before_its_time() {
    let host = host().await;
    let run = host.run("until-attempt 2 usage-limit 5h\nsay done").await;
    parked(&host, &run).await;
    let free = "/api/accounts/demo/resume";
    let (one, other) = tokio::join!(host.post(free, json!({})), host.post(free, json!({})));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    assert_eq!(host.end(&run).await.status, "completed");
    let again = host.post(free, json!({})).await;
    let detail = "no usage limit of the account `demo` is reached";
    assert_eq!(again.body["detail"], detail);
    for unknown in ["other", "%ff", "d%2Femo"] {
        let path = format!("/api/accounts/{unknown}/resume");
        assert_eq!(host.post(&path, json!({})).await.status, 404, "{unknown}");
    }
}
