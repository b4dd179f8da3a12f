//! Agents that ask what nobody should be asked.

use serde_json::json;

use super::{Host, demo, heard, played, program};

#[tokio::test(flavor = "multi_thread")]
async fn names_and_inputs_are_shown_without_what_could_deceive() {
    let host = Host::start().await;
    let tool = "\u{1b}[31mBash\u{202e}\u{0}\nallowed: </script><b>";
    let input = json!({ "command": "\u{1b}[2J</script>\u{202e}", "n": "\u{0}" });
    let request = json!({ "subtype": "can_use_tool", "tool_name": tool, "input": input });
    let asks = json!({ "type": "control_request", "request_id": "r", "request": request });
    let run = host.run(&format!("print {asks}\nhang")).await;
    let asked = host.asked(&run, 0).await;
    assert_eq!(asked["tool"], "Bash allowed: </script><b>");
    // Data, and kept as such: an answer repeats it.
    assert_eq!(asked["input"], input);
    host.stop(&run).await;
    let told = host.end(&run).await;
    for line in &told.lines {
        let message = line["message"].as_str().unwrap();
        assert!(
            !message.contains(['\u{1b}', '\u{202e}', '\0']),
            "{message:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_for_anybody_to_judge_is_denied_at_once() {
    let start = r#"{"type":"control_request","request_id":"r","request":{"subtype":"can_use_tool","tool_name":"Write","input":{"content":""#;
    let script = format!(
        r#"printf '%s' '{start}'; head -c 5000000 /dev/zero | tr '\0' x; echo '"}}}}}}'; read answer; echo heard $answer"#
    );
    let host = played(&script, "").await;
    let run = host.run("hello").await;
    let told = host.end(&run).await;
    let heard = &heard(&told)["response"];
    assert_eq!(heard["behavior"], "deny");
    let asked = host.asked(&run, 0).await;
    assert_eq!(
        (&asked["status"], &asked["decided_by"], &asked["reason"]),
        (&json!("denied"), &json!("service"), &heard["message"])
    );
    let kept = asked["input"].as_str().unwrap();
    assert!(kept.starts_with(r#"{"content":"xxx"#) && kept.ends_with("see the raw output]"));
    assert!(kept.len() < 40_000, "{} bytes", kept.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_as_long_as_may_be_is_allowed_and_told_whole() {
    // Each quotation mark is escaped once more on each part of its way.
    let start = r#"{"type":"control_request","request_id":"r","request":{"subtype":"can_use_tool","tool_name":"Write","input":{"content":""#;
    let script = format!(
        r#"printf '%s' '{start}'; yes '\"' | head -n 520000 | tr -d '\n'; echo '"}}}}}}'
        read -r answer; echo ${{#answer}}"#
    );
    let host = played(&script, "").await;
    let run = host.run("hello").await;
    let asked = host.asked(&run, 0).await;
    assert_eq!(asked["status"], "pending", "{}", asked["reason"]);
    let allowed = host.answer(&asked, "allow", json!({})).await;
    assert_eq!(allowed.status, 200);
    let told = host.end(&run).await;
    let rest = r#"{"type":"control_response","response":{"subtype":"success","request_id":"r","response":{"behavior":"allow","updatedInput":{"content":""}}}}"#;
    let length = rest.len() + 2 * 520_000;
    assert_eq!(told.messages("output"), [length.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_repeats_the_input_digit_for_digit() {
    let request = r#"{"type":"control_request","request_id":"r","request":{"subtype":"can_use_tool","tool_name":"Pay","input":{"z":12345678901234567890.10,"a":1e30}}}"#;
    let host = played(
        &format!("echo '{request}'; read answer; echo heard $answer"),
        "",
    )
    .await;
    let run = host.run("hello").await;
    let asked = host.asked(&run, 0).await;
    host.answer(&asked, "allow", json!({})).await;
    let told = host.end(&run).await;
    let heard = told.messages("output")[0];
    let expected = r#""updatedInput":{"z":12345678901234567890.10,"a":1e30}"#;
    assert!(heard.contains(expected), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_named_is_a_line_like_others() {
    let host = Host::with(program(&demo("idle_timeout_seconds = 1"))).await;
    let id = "x".repeat(300);
    let request = json!({ "subtype": "can_use_tool", "tool_name": "Bash", "input": {} });
    let asks = json!({ "type": "control_request", "request_id": id, "request": request });
    let run = host.run(&format!("print {asks}\nhang")).await;
    assert_eq!(host.failure(&run).await.0, "stalled");
    assert_eq!(host.get("/api/approvals").await, json!([]));
    let told = host.end(&run).await;
    assert_eq!(told.messages("output"), [asks.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_comes_twice_is_one_until_it_is_answered() {
    let first = super::question("r", &json!({ "command": "ls" }));
    let second = super::question("r", &json!({ "command": "rm" }));
    let script = format!(
        "echo '{first}'; echo '{second}'; read answer; echo heard $answer; echo '{second}'; sleep 1000"
    );
    let host = played(&script, "").await;
    let run = host.run("hello").await;
    let asked = host.asked(&run, 0).await;
    host.answer(&asked, "allow", json!({})).await;
    let again = host.asked(&run, 1).await;
    assert_eq!(again["input"], json!({ "command": "rm" }));
    assert_eq!(again["status"], "pending");
    host.stop(&run).await;
    let told = host.end(&run).await;
    // It is allowed what was shown, not what came after.
    assert!(told.messages("output")[0].contains(r#""updatedInput":{"command":"ls"}"#));
    assert_eq!(
        host.get("/api/approvals").await.as_array().unwrap().len(),
        2
    );
}
