//! Questions that nobody answers, and the silence of those who wait.

use rustix::process::Signal;
use serde_json::json;

use super::{Host, demo, played, program, question};

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answers_is_denied_when_its_time_is_over() {
    let host = Host::with(program(&demo("approval_timeout_seconds = 1"))).await;
    let run = host.run("ask Bash ls\nsay bye").await;
    let told = host.end(&run).await;
    let output = ["Bash is denied: nobody answered in time", "bye"];
    assert_eq!(told.messages("output"), output);
    let asked = host.asked(&run, 0).await;
    assert_eq!(
        (&asked["status"], &asked["decided_by"], &asked["on_timeout"]),
        (&json!("timed_out"), &json!("timeout"), &json!("deny"))
    );
    let late = host.answer(&asked, "allow", json!({})).await;
    assert_eq!(late.status, 409);
    assert_eq!(late.body["detail"], "the question is timed_out already");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answers_is_allowed_where_the_executor_says_so() {
    let keys = "approval_timeout_seconds = 1\napproval_default = 'allow'";
    let host = Host::with(program(&demo(keys))).await;
    let run = host.run("ask Bash ls\nsay bye").await;
    let told = host.end(&run).await;
    assert_eq!(told.messages("output"), ["Bash is allowed.", "bye"]);
    assert_eq!(host.asked(&run, 0).await["status"], "timed_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_question_has_a_time_of_its_own() {
    let keys = "[executors.patient]\nkind = 'demo'\napproval_timeout_seconds = 0\n\
                stop_pause_seconds = 0";
    let short = demo("approval_timeout_seconds = 1");
    let mut host = Host::with(program(&format!("{short}\n{keys}"))).await;
    let short = host.run("ask Bash ls").await;
    host.agent = host.agent_with(json!({ "executor": "patient" })).await;
    let patient = host.run("ask Bash ls").await;
    assert_eq!(host.asked(&patient, 0).await["expires_at"], json!(null));
    host.end(&short).await;
    let asked = host.asked(&patient, 0).await;
    assert_eq!(asked["status"], "pending");
    host.answer(&asked, "allow", json!({})).await;
    host.end(&patient).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_waits_for_an_answer_is_silent_rightly_also_after_a_restart() {
    let keys = "idle_timeout_seconds = 1\napproval_timeout_seconds = 3";
    let asks = question("req_1", &json!({}));
    let host = played(&format!("echo '{asks}'; read answer; echo heard"), keys).await;
    let (here, there) = (host.run("hello").await, host.run("hello").await);
    host.asked(&here, 0).await;
    host.asked(&there, 0).await;
    let host = host.restart(Signal::KILL);
    for run in [&here, &there] {
        let told = host.end(run).await;
        assert_eq!(told.messages("output"), ["heard"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_counts_again_once_the_agent_has_its_answer() {
    let asks = question("req_1", &json!({}));
    let script = format!("echo '{asks}'; read answer; sleep 1000");
    let host = played(&script, "idle_timeout_seconds = 1").await;
    let run = host.run("hello").await;
    let asked = host.asked(&run, 0).await;
    host.answer(&asked, "allow", json!({})).await;
    host.told(&run, "approval.delivered", 0).await;
    assert_eq!(host.failure(&run).await.0, "stalled");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_counts_after_a_restart_for_what_was_answered_before_it() {
    let asks = question("req_1", &json!({}));
    let script = format!("echo '{asks}'; read answer; sleep 1000");
    let host = played(&script, "idle_timeout_seconds = 2").await;
    let run = host.run("hello").await;
    let asked = host.asked(&run, 0).await;
    host.answer(&asked, "allow", json!({})).await;
    host.told(&run, "approval.delivered", 0).await;
    let host = host.restart(Signal::KILL);
    assert_eq!(host.failure(&run).await.0, "stalled");
}
