//! Answers that agents wait for, and settings that wait for a person.

use super::{host, json, refusal, text};

#[tokio::test]
async fn a_question_of_an_agent_is_listed_and_answered_once() {
    let host = host().await;
    let run = host.run("ask Bash rm -rf target\nsay on").await;
    let mut events = crate::support::live::Events::after(host.service.addresses[0], 0).await;
    while events.next().await.topic != "approval.requested" {}
    let shown = text(&host, &["approvals"]);
    let line = shown.lines().nth(1).unwrap();
    assert!(line.contains("  Bash  "), "{shown}");
    let status = text(&host, &["status"]);
    assert!(status.contains("0 of 20 at work, 0 waiting"), "{status}");
    assert!(
        status.contains("1 awaited: `orchestrator_web approvals`"),
        "{status}"
    );
    let id = line.split(' ').next().unwrap();
    assert_eq!(
        text(&host, &["approvals", "deny", id, "--reason", "too much"]),
        "Bash is denied\n"
    );
    let again = refusal(&host, &["approvals", "allow", id]);
    assert!(again.contains("denied"), "{again}");
    host.end(&run).await;
    let log = text(&host, &["logs", &run]);
    assert!(log.contains("too much"), "{log}");
    assert_eq!(json(&host, &["approvals"]), serde_json::json!([]));
}

#[tokio::test]
async fn settings_are_reloaded_and_confirmed_as_the_answer_says() {
    let host = host().await;
    let path = host.service.program.path("orchestrator.toml");
    std::fs::write(
        path,
        "retention.logs_days = 3\nexecutors.x = { kind = 'demo' }",
    )
    .unwrap();
    let told = text(&host, &["reload"]);
    assert!(
        told.starts_with(
            "in force now:\n  retention.logs_days: 30 -> 3  # orchestrator.toml line 1\n"
        ),
        "{told}"
    );
    let confirm = told
        .lines()
        .last()
        .unwrap()
        .strip_prefix("orchestrator_web ")
        .unwrap();
    let refused = refusal(&host, &["reload", "--confirm", "other"]);
    assert!(refused.contains("not the changes that wait"), "{refused}");
    let told = text(&host, &confirm.split(' ').collect::<Vec<_>>());
    assert!(told.contains("executors.x: null -> "), "{told}");
    assert_eq!(text(&host, &["reload"]), "the settings are the same\n");
}
