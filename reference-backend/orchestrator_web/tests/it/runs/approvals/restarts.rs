//! The service is killed between a question and its answer, and between an answer and its delivery.

use orchestrator::approvals::Verdict;
use orchestrator::approvals::commands::answer;
use orchestrator::db::{self, Db};
use orchestrator::ids::Id;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Host, heard, played, question};

/// Kills the service, changes its database meanwhile, and starts it anew.
async fn meanwhile<F>(host: Host, change: F) -> Host
where
    F: FnOnce(&mut db::Write) -> orchestrator::Result<()> + Send + 'static,
{
    let Host { service, agent, .. } = host;
    let program = service.stop(Signal::KILL).program;
    let (db, writer) = Db::open(db::Options::new(program.path("data/orchestrator.db"))).unwrap();
    db.write(change).await.unwrap();
    drop(db);
    tokio::task::spawn_blocking(|| writer.join().unwrap())
        .await
        .unwrap();
    Host::again(program, agent)
}

fn id(approval: &Value) -> Id {
    approval["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_outlives_the_service_and_is_answered_after_its_restart() {
    let host = Host::start().await;
    let run = host.run("ask Bash ls\nsay bye").await;
    let asked = host.asked(&run, 0).await;
    let host = host.restart(Signal::KILL);
    assert_eq!(host.get("/api/approvals").await, json!([asked]));
    assert_eq!(host.instance(&run).await["status"], "waiting");
    assert_eq!(host.answer(&asked, "allow", json!({})).await.status, 200);
    let told = host.end(&run).await;
    assert_eq!(told.messages("output"), ["Bash is allowed.", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_given_and_not_delivered_is_delivered_by_the_next_service() {
    let host = Host::start().await;
    let run = host.run("ask Bash ls\nsay bye").await;
    let asked = id(&host.asked(&run, 0).await);
    let denies = move |db: &mut db::Write| answer(db, asked, Verdict::Deny, Some("no")).map(drop);
    let host = meanwhile(host, denies).await;
    let told = host.end(&run).await;
    assert_eq!(told.messages("output"), ["Bash is denied: no", "bye"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_delivery_was_noted_is_not_given_again() {
    let both = ["a", "b"].map(|id| question(id, &json!({}))).join("\n");
    let script = format!(
        r#"echo '{both}'
        while read line; do echo "heard $line"; case "$line" in *'"b"'*) exit;; esac; done"#
    );
    let host = played(&script, "").await;
    let run = host.run("hello").await;
    let (first, second) = (host.asked(&run, 0).await, host.asked(&run, 1).await);
    host.answer(&first, "allow", json!({})).await;
    host.told(&run, "approval.delivered", 0).await;
    let host = host.restart(Signal::KILL);
    host.answer(&second, "allow", json!({})).await;
    let told = host.end(&run).await;
    let output = told.messages("output");
    assert_eq!(output.len(), 2, "{output:?}");
    assert!(output[0].contains(r#""request_id":"a""#), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_twice_does_no_harm() {
    let host = Host::start().await;
    let run = host.run("ask Bash ls\nask Web example.org").await;
    let first = host.asked(&run, 0).await;
    host.answer(&first, "allow", json!({})).await;
    let second = host.asked(&run, 1).await;
    // As if the service had been killed before it could note that the agent was told.
    let forgets = |db: &mut db::Write| {
        let sql = "UPDATE approvals SET delivered_at = NULL";
        db.execute(sql, &[]).map(drop)
    };
    let host = meanwhile(host, forgets).await;
    host.told(&run, "approval.delivered", 1).await;
    host.answer(&second, "deny", json!({ "reason": "offline" }))
        .await;
    let told = host.end(&run).await;
    assert_eq!(
        told.messages("output"),
        ["Bash is allowed.", "Web is denied: offline"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_whose_time_is_over_when_the_service_starts_is_answered_then() {
    let host = Host::start().await;
    let run = host.run("ask Bash ls").await;
    host.asked(&run, 0).await;
    let ages = |db: &mut db::Write| {
        let past = "UPDATE approvals SET expires_at = '2026-01-01T00:00:00.000Z'";
        db.execute(past, &[]).map(drop)
    };
    let host = meanwhile(host, ages).await;
    let told = host.end(&run).await;
    assert_eq!(
        told.messages("output"),
        ["Bash is denied: nobody answered in time"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_came_too_late_for_one_attempt_is_none_for_the_next() {
    let asks = question("req_1", &json!({}));
    let fails = json!({ "type": "result", "subtype": "success", "is_error": true,
        "result": "API Error: 529 overloaded", "session_id": "s" });
    // The first attempt is done with it before anybody answers, and stays until then.
    let script = format!(
        r#"echo '{asks}'; if [ "$ORCHESTRATOR_ATTEMPT" = 1 ]; then echo '{fails}'
        until [ -e answered ]; do sleep 0.05; done; exit; fi; read answer; echo heard $answer"#
    );
    let host = played(&script, "retry_pause_seconds = 0").await;
    let run = host.run("hello").await;
    let first = host.asked(&run, 0).await;
    host.hear(&run, "the agent is done: failed").await;
    let allowed = host.answer(&first, "allow", json!({})).await;
    assert_eq!(allowed.status, 200, "{allowed:?}");
    std::fs::write(host.service.program.path("answered"), "").unwrap();
    let second = host.asked(&run, 1).await;
    assert_eq!(host.instance(&run).await["status"], "waiting");
    host.answer(&second, "deny", json!({})).await;
    let told = host.end(&run).await;
    assert_eq!(heard(&told)["response"]["behavior"], "deny");
    let first = host.approval(first["id"].as_str().unwrap()).await;
    assert_eq!(first["delivered_at"], Value::Null);
}
