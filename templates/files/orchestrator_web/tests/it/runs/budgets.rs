//! What runs may spend, while they spend it.

use futures_util::future::join_all;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::money::message;
use super::support::{Host, demo, processes, program, reply};

/// The demo agent, with these budgets.
async fn host(budgets: &str) -> Host {
    Host::with(program(&format!("{}\n[budgets]\n{budgets}", demo("")))).await
}

/// A line with which the demo agent spends so many dollars.
fn spend(dollars: i64) -> String {
    message(
        &format!("m-{dollars}"),
        "claude-sonnet-4-5",
        dollars * 1_000_000 / 3,
        0,
    )
}

/// Spent and reserved of the budgets of the scope.
async fn amounts(host: &Host, scope: &str) -> Vec<Value> {
    let all = host.get("/api/budgets").await;
    let all = all.as_array().unwrap().iter();
    let all = all.filter(|it| it["scope"] == scope);
    all.map(|it| json!([it["spent_usd"], it["reserved_usd"]]))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_starts_never_exceed_a_budget_also_after_the_service_was_killed() {
    let host = host("project_month_usd = 5.0").await;
    let starts = (0..10).map(|_| host.execute(json!({ "prompt": "say ready\nhang" })));
    let (started, refused): (Vec<_>, Vec<_>) = join_all(starts)
        .await
        .into_iter()
        .partition(|it| it.status == 202);
    assert_eq!((started.len(), refused.len()), (5, 5));
    for reply in &refused {
        let members = [
            "budget",
            "limit_usd",
            "spent_usd",
            "reserved_usd",
            "asked_usd",
        ];
        let numbers = members.map(|it| &reply.body[it]);
        assert_eq!(
            json!([reply.status, numbers]),
            json!([409, ["project_month", 5.0, 0.0, 5.0, 1.0]])
        );
    }
    let runs: Vec<_> = started
        .iter()
        .map(|it| it.body["id"].as_str().unwrap())
        .collect();
    for run in &runs {
        host.hear(run, "ready").await;
    }
    // What was accepted once is no second run.
    let path = format!("/api/agents/{}/execute", host.agent);
    let again = || {
        let request = host.request(Method::POST, &path);
        let request = request.header("idempotency-key", "k");
        reply(request.json(&json!({ "prompt": "say ready\nhang" })))
    };
    assert_eq!(again().await.status, 409);
    host.stop(runs[1]).await;
    host.end(runs[1]).await;
    let (first, second) = (again().await, again().await);
    assert_eq!((first.status, second.status), (202, 202));
    assert_eq!(first.body["id"], second.body["id"]);
    let runs = [
        runs[0],
        runs[2],
        runs[3],
        runs[4],
        first.body["id"].as_str().unwrap(),
    ];

    let host = host.restart(Signal::KILL);
    assert_eq!(amounts(&host, "project_month").await, [json!([0.0, 5.0])]);
    assert_eq!(host.execute(json!({ "prompt": "go" })).await.status, 409);
    host.stop(runs[0]).await;
    host.end(runs[0]).await;
    assert_eq!(host.execute(json!({ "prompt": "go" })).await.status, 202);
    for run in &runs[1..] {
        host.stop(run).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_aside_is_given_back_however_a_run_ends() {
    let toml = format!(
        "{}\n[executors.gone]\nkind = 'command'\nprogram = ['no-such-program']\n\
         [budgets]\nproject_month_usd = 100",
        demo("max_running = 1")
    );
    let mut host = Host::with(program(&toml)).await;
    let agent = host.agent.clone();
    let spends = host.run(&format!("{}say ready\nhang", spend(3))).await;
    host.hear(&spends, "ready").await;
    // It has spent more than was set aside for it.
    assert_eq!(amounts(&host, "project_month").await, [json!([3.0, 0.0])]);
    let waits = host.run("say hello").await;
    assert_eq!(amounts(&host, "project_month").await, [json!([3.0, 1.0])]);
    host.stop(&waits).await;
    assert_eq!(amounts(&host, "project_month").await, [json!([3.0, 0.0])]);

    host.agent = host.agent_with(json!({ "executor": "gone" })).await;
    let failed = host.run("hello").await;
    assert_eq!(host.failure(&failed).await.0, "spawn_failed");
    assert_eq!(amounts(&host, "project_month").await, [json!([3.0, 0.0])]);

    host.agent = agent;
    host.run("say hello").await;
    assert_eq!(amounts(&host, "project_month").await, [json!([3.0, 1.0])]);
    let deleted = format!("/api/agents/{}?force=true", host.agent);
    let deleted = host.request(Method::DELETE, &deleted).send();
    assert_eq!(deleted.await.unwrap().status(), 204);
    assert_eq!(amounts(&host, "project_month").await, [json!([3.0, 0.0])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_has_spent_is_set_aside_no_more() {
    let host = host("project_month_usd = 10").await;
    let prompt = format!("{}say ready\nhang", spend(3));
    let run = host
        .execute(json!({ "prompt": prompt, "budget_usd": 5 }))
        .await;
    let run = run.body["id"].as_str().unwrap();
    host.hear(run, "ready").await;
    assert_eq!(amounts(&host, "project_month").await, [json!([3.0, 2.0])]);
    assert_eq!(amounts(&host, "run").await, [json!([3.0, 2.0])]);
    host.stop(run).await;
    host.end(run).await;
    assert_eq!(amounts(&host, "project_month").await, [json!([3.0, 0.0])]);
    assert_eq!(amounts(&host, "run").await, [Value::Null; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_run_that_exceeds_a_budget_of_its_agent_or_the_project_is_ended() {
    let mut host = host("agent_day_usd = 5\nproject_month_usd = 8").await;
    let quiet = host.run("say ready\nhang").await;
    let run = host.run(&format!("{}{}hang", spend(3), spend(6))).await;
    let (reason, error) = host.failure(&run).await;
    assert_eq!(reason, "budget");
    assert!(error.starts_with("agent `agent "), "{error}");
    assert!(
        error.contains("` has spent 9.000000 USD of 5.000000 on 2"),
        "{error}"
    );
    // One that spends nothing does no harm.
    assert_eq!(host.instance(&quiet).await["status"], "executing");
    host.agent = host
        .agent_with(json!({ "executor": "demo" , "name": "other" }))
        .await;
    let refused = host.execute(json!({ "prompt": "go" })).await;
    assert_eq!(
        (refused.status, &refused.body["budget"]),
        (409, &json!("project_month"))
    );
    host.stop(&quiet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_turn_comes_when_the_budget_is_exceeded_is_not_started() {
    let toml = format!(
        "{}\n[budgets]\nagent_day_usd = 2.5",
        demo("max_running = 1")
    );
    let host = Host::with(program(&toml)).await;
    let first = host
        .run(&format!("say ready\nsleep 300ms\n{}hang", spend(3)))
        .await;
    host.hear(&first, "ready").await;
    let second = host.run("say hello").await;
    assert_eq!(host.failure(&first).await.0, "budget");
    let (reason, error) = host.failure(&second).await;
    assert_eq!(reason, "budget");
    assert!(
        error.contains("has spent 3.000000 USD of 2.500000"),
        "{error}"
    );
    let files = host.service.program.path(&format!("data/runs/{second}"));
    assert!(!files.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_has_the_budget_of_its_executor_or_else_that_of_all() {
    let other = demo("budget_usd = 2").replace("demo]", "other]");
    let toml = format!("{}\n{other}\n[budgets]\nrun_usd = 4", demo(""));
    let mut host = Host::with(program(&toml)).await;
    let prompt = format!("{}hang", spend(3));
    let within = host.run(&format!("{prompt}\n")).await;
    let beyond = host.run(&format!("{}hang", spend(6))).await;
    let (_, error) = host.failure(&beyond).await;
    assert_eq!(error, "it has spent 6.000000 USD of 4.000000");
    assert_eq!(host.instance(&within).await["status"], "executing");
    host.stop(&within).await;
    host.agent = host.agent_with(json!({ "executor": "other" })).await;
    let (_, error) = host.failure(&host.run(&prompt).await).await;
    assert_eq!(error, "it has spent 3.000000 USD of 2.000000");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_was_exceeded_when_the_service_was_killed_ends_the_run() {
    let slow = demo("").replace("= 0", "= 60");
    let host = Host::with(program(&format!("{slow}\n[budgets]\nrun_usd = 2"))).await;
    let run = host
        .run(&format!("ignore-term\n{}say ready\nhang", spend(3)))
        .await;
    host.hear(&run, "ready").await;
    let host = host.restart(Signal::KILL);
    assert_eq!(host.instance(&run).await["status"], "executing");
    for pid in processes(&run) {
        // The shim too, or it would wait for a minute. Another may have gone with the one before.
        let _ = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
    }
    let (reason, error) = host.failure(&run).await;
    assert_eq!(
        (&*reason, &*error),
        ("budget", "it has spent 3.000000 USD of 2.000000")
    );
}
