//! What a person answers, and who else ends a question.

use serde_json::{Value, json};

use super::{Host, demo, heard, played, program, question};
use crate::support::live::Events;

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_waits_until_it_is_allowed_and_goes_on() {
    let host = Host::start().await;
    let run = host.run("ask Bash ls -l\nsay bye").await;
    let asked = host.asked(&run, 0).await;
    let members = ["agent_id", "tool", "input", "status", "on_timeout"];
    let shown: Vec<_> = members.iter().map(|key| &asked[key]).collect();
    let input = json!({ "text": "ls -l" });
    assert_eq!(
        shown,
        [
            &json!(run),
            &json!("Bash"),
            &input,
            &json!("pending"),
            &json!("deny")
        ]
    );
    assert_eq!(host.instance(&run).await["status"], "waiting");
    let pending = host.get("/api/approvals?status=pending").await;
    assert_eq!(pending, json!([asked]));

    let allowed = host.answer(&asked, "allow", json!({})).await;
    assert_eq!(allowed.status, 200, "{allowed:?}");
    assert_eq!(
        (&allowed.body["status"], &allowed.body["decided_by"]),
        (&json!("allowed"), &json!("person"))
    );
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed");
    assert_eq!(told.messages("output"), ["Bash is allowed.", "bye"]);
    assert_eq!(told.messages("tool_call"), ["Bash", "ls -l"]);
    assert!(told.messages("state_change").contains(&"Bash is allowed"));
    let delivered = host.approval(asked["id"].as_str().unwrap()).await;
    assert_eq!(delivered["delivered_at"].as_str().unwrap().len(), 24);
    assert_eq!(
        moves(&host, &run).await,
        [
            "initializing",
            "executing",
            "waiting",
            "executing",
            "completed"
        ]
    );
}

/// The states that a run that has ended went through.
async fn moves(host: &Host, run: &str) -> Vec<String> {
    let mut events = Events::after(host.service.addresses[0], 0).await;
    let mut states: Vec<String> = Vec::new();
    while states.last().is_none_or(|it| it != "completed") {
        let frame = events.next().await;
        let event: Value = serde_json::from_str(&frame.data).unwrap();
        let data = &event["data"];
        if frame.topic == "runtime.status" && data["id"] == run {
            states.push(data["to"].as_str().unwrap().to_owned());
        }
    }
    states
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_denied_something_reads_why_and_goes_on() {
    let host = Host::start().await;
    let run = host.run("ask Bash rm -rf /\nsay bye").await;
    let asked = host.asked(&run, 0).await;
    let reason = json!({ "reason": "not \"that\"\nfolder" });
    assert_eq!(
        host.answer(&asked, "deny", reason.clone()).await.status,
        200
    );
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed");
    let output = ["Bash is denied: not \"that\"\nfolder", "bye"];
    assert_eq!(told.messages("output"), output);
    let denied = host.approval(asked["id"].as_str().unwrap()).await;
    assert_eq!(
        (&denied["status"], &denied["reason"]),
        (&json!("denied"), &reason["reason"])
    );
    let bare = host.run("ask Bash ls").await;
    let asked = host.asked(&bare, 0).await;
    host.answer(&asked, "deny", json!({ "reason": null })).await;
    let told = host.end(&bare).await;
    assert_eq!(
        told.messages("output"),
        ["Bash is denied: denied, without a reason"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_at_once_one_wins_and_later_ones_are_refused() {
    let host = Host::start().await;
    let run = host.run("ask Bash ls").await;
    let asked = host.asked(&run, 0).await;
    let (yes, no) = tokio::join!(
        host.answer(&asked, "allow", json!({})),
        host.answer(&asked, "deny", json!({}))
    );
    let mut statuses = [yes.status, no.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let told = host.end(&run).await;
    let expected = match yes.status {
        200 => "Bash is allowed.",
        _ => "Bash is denied: denied, without a reason",
    };
    assert_eq!(told.messages("output"), [expected]);
    let late = host.answer(&asked, "allow", json!({})).await;
    assert_eq!(late.status, 409);
    let status = if yes.status == 200 {
        "allowed"
    } else {
        "denied"
    };
    let detail = format!("the question is {status} already");
    assert_eq!(late.body["detail"], detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_as_long_as_one_of_its_questions_does() {
    let both = [question("a", &json!({})), question("b", &json!({}))].join("\n");
    let script = format!("echo '{both}'; read one; read two; echo heard $two");
    let host = played(&script, "").await;
    let run = host.run("hello").await;
    let (first, second) = (host.asked(&run, 0).await, host.asked(&run, 1).await);
    host.answer(&second, "allow", json!({})).await;
    host.told(&run, "approval.delivered", 0).await;
    assert_eq!(host.instance(&run).await["status"], "waiting");
    host.answer(&first, "deny", json!({})).await;
    let told = host.end(&run).await;
    assert_eq!(heard(&told)["request_id"], "a");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_lets_another_one_begin_and_goes_on_when_it_is_answered() {
    let host = Host::with(program(&demo("")).variable("MAX_RUNNING", "1")).await;
    let first = host.run("ask Bash ls\nsay bye").await;
    let asked = host.asked(&first, 0).await;
    let second = host.run("say ready\nhang").await;
    host.hear(&second, "ready").await;
    let third = host.run("say hello").await;
    let status = host.get("/api/status").await;
    assert_eq!(status["running"], json!([first, second]));
    assert_eq!((&status["idle"], &status["limit"]), (&json!(1), &json!(1)));
    assert_eq!(status["queued"][0]["reason"], "limit");
    host.answer(&asked, "allow", json!({})).await;
    assert_eq!(host.end(&first).await.status, "completed");
    assert_eq!(host.instance(&third).await["status"], "pending");
    host.stop(&second).await;
    assert_eq!(host.end(&third).await.status, "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_that_is_tried_again_hears_its_answer() {
    let host = Host::with(program(&demo("retry_pause_seconds = 0"))).await;
    let prompt = "until-attempt 2 fail overloaded\nask Bash ls\nsay bye";
    let mut runs = Vec::new();
    for _ in 0..20 {
        runs.push(host.run(prompt).await);
    }
    for run in &runs {
        let asked = host.asked(run, 0).await;
        host.answer(&asked, "allow", json!({})).await;
    }
    for run in &runs {
        let told = host.end(run).await;
        let output = told.messages("output");
        assert!(output.ends_with(&["Bash is allowed.", "bye"]), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_reaches_the_run_that_asked_and_no_other_of_the_same_words() {
    let asks = question("req_1", &json!({ "command": "ls" }));
    let host = played(
        &format!("echo '{asks}'; read answer; echo heard $answer"),
        "",
    )
    .await;
    let (one, other) = (host.run("one").await, host.run("other").await);
    for (run, how) in [(&one, "allow"), (&other, "deny")] {
        let asked = host.asked(run, 0).await;
        assert_eq!(asked["request_id"], "req_1");
        assert_eq!(host.answer(&asked, how, json!({})).await.status, 200);
    }
    for (run, how) in [(&one, "allow"), (&other, "deny")] {
        let told = host.end(run).await;
        assert_eq!(heard(&told)["response"]["behavior"], how);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_withdraws_is_answered_by_nobody() {
    let asks = question("req_1", &json!({}));
    let withdraws = json!({ "type": "control_cancel_request", "request_id": "req_1" });
    let host = played(
        &format!("echo '{asks}'; echo '{withdraws}'; sleep 1000"),
        "",
    )
    .await;
    let run = host.run("hello").await;
    host.told(&run, "approval.decided", 0).await;
    let asked = host.asked(&run, 0).await;
    assert_eq!(
        (
            &asked["status"],
            &asked["decided_by"],
            &asked["delivered_at"]
        ),
        (&json!("withdrawn"), &json!("agent"), &Value::Null)
    );
    assert_eq!(host.answer(&asked, "allow", json!({})).await.status, 409);
    assert_eq!(host.instance(&run).await["status"], "executing");
    host.stop(&run).await;
    host.end(&run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_run_withdraws_what_it_has_asked() {
    let asks = question("req_1", &json!({}));
    let host = played(&format!("echo '{asks}'; read answer || exit 3"), "").await;
    let run = host.run("hello").await;
    let asked = host.asked(&run, 0).await;
    host.stop(&run).await;
    assert_eq!(host.end(&run).await.status, "cancelled");
    let asked = host.approval(asked["id"].as_str().unwrap()).await;
    assert_eq!(
        (&asked["status"], &asked["decided_by"]),
        (&json!("withdrawn"), &json!("service"))
    );
    assert_eq!(host.answer(&asked, "deny", json!({})).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_waits_heeds_the_word_to_stop() {
    // No signal would come for a minute.
    let patient = demo("").replace("= 0", "= 60");
    let host = Host::with(program(&patient)).await;
    let run = host.run("ask Bash ls\nsay bye").await;
    host.asked(&run, 0).await;
    host.stop(&run).await;
    let told = host.end(&run).await;
    assert_eq!(told.status, "cancelled");
    assert_eq!(told.messages("output"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_fails_because_it_is_stopped_is_cancelled() {
    let failed = json!({ "type": "result", "subtype": "error_during_execution", "is_error": true,
        "session_id": "s", "errors": ["interrupted"] });
    let host = played(&format!("echo ready; read word; echo '{failed}'"), "").await;
    let run = host.run("hello").await;
    host.hear(&run, "ready").await;
    host.stop(&run).await;
    assert_eq!(host.end(&run).await.status, "cancelled");
    let ended = host.instance(&run).await;
    assert_eq!(ended["exit_reason"], Value::Null, "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_asks_for_what_nobody_can_do_is_told_so_at_once() {
    let asks = json!({ "type": "control_request", "request_id": "req_1",
        "request": { "subtype": "elicitation", "message": "your name?" } });
    let host = played(
        &format!("echo '{asks}'; read answer; echo heard $answer"),
        "",
    )
    .await;
    let run = host.run("hello").await;
    let told = host.end(&run).await;
    assert_eq!(heard(&told)["subtype"], "error");
    let error = "asks for what nobody here can do: elicitation";
    assert_eq!(told.messages("error"), [error]);
    assert_eq!(host.get("/api/approvals").await, json!([]));
}
