//! What callers say and see.

use insta::{assert_json_snapshot, assert_snapshot};
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Flows, shells};
use crate::runs::support::reply;
use crate::support::id;

const NOBODY: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_sent_again_starts_nothing_twice() {
    let flows = Flows::of(&["name = 'one'\nprompt = 'echo one >> ran'"]);
    let start = async |input: &str| {
        let request = flows
            .host
            .request(Method::POST, "/api/workflows/start/flow");
        let request = request.header("idempotency-key", "k-1");
        reply(request.json(&json!({ "input": input }))).await
    };
    let first = start("a").await;
    assert_eq!(first.status, 202, "{first:?}");
    flows.end(&id(&first.body)).await;
    let again = start("a").await;
    assert_eq!((again.status, id(&again.body)), (202, id(&first.body)));
    let other = start("b").await;
    assert_eq!(other.status, 422);
    assert_eq!(other.body["errors"][0]["parameter"], "idempotency-key");
    assert_eq!(flows.lines("ran"), ["one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_workflows_are_listed_and_reported_ones_are_nobody_elses() {
    let flows = Flows::of(&["name = 'hangs'\nprompt = 'sleep 600'"]);
    let record = json!({ "adw_name": "theirs", "workflow_type": "x", "steps": ["a"] });
    let theirs = id(&flows.host.post("/api/runtime/workflows", record).await.body);
    let own = flows.start().await;
    let ids = async |path: &str| {
        let list = flows.host.get(path).await;
        let ids = list.as_array().unwrap().iter().map(id);
        ids.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids("/api/workflows").await, own);
    assert_eq!(ids("/api/workflows?status=running").await, own);
    assert_eq!(ids("/api/workflows?status=failed").await, "");
    let both = format!("{own} {theirs}");
    assert_eq!(ids("/api/runtime/workflows").await, both);

    // Each is told to those who run it.
    let change = reply(
        flows
            .host
            .request(Method::PATCH, &format!("/api/runtime/workflows/{own}"))
            .json(&json!({ "status": "failed" })),
    )
    .await;
    let detail = "the service runs this workflow itself; POST to /api/workflows/stop to end it";
    assert_eq!(
        (change.status, &change.body["detail"]),
        (409, &json!(detail))
    );
    let detail = "the workflow runs elsewhere, and was only reported here";
    for refused in [
        flows.stop(&theirs).await,
        flows.restart(&theirs, json!({})).await,
    ] {
        assert_eq!(
            (refused.status, &refused.body["detail"]),
            (409, &json!(detail))
        );
    }
    assert_eq!(flows.get(&theirs).await["steps"], json!(["a"]));
    assert_eq!(flows.stop(NOBODY).await.status, 404);
    let unknown = flows
        .host
        .post("/api/workflows/start/dance", json!({}))
        .await;
    assert_eq!(
        (unknown.status, &unknown.body["detail"]),
        (404, &json!("unknown workflow definition"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_is_shown_in_the_shape_of_those_that_are_reported() {
    let flows = Flows::of(&[
        "name = 'one'\nprompt = 'exit 3'",
        "name = 'two'\nprompt = 'true'",
    ]);
    let started = flows.start_with(json!({ "input": [1] })).await;
    let shown = flows.end(&id(&started.body)).await;
    let listed = &flows.host.get("/api/runtime/workflows").await[0];
    assert_eq!(listed, &shown);
    let mut shown = shown;
    hide(
        &mut shown,
        &[
            "id",
            "run_id",
            "created_at",
            "updated_at",
            "started_at",
            "completed_at",
            "duration_ms",
            "is_bottleneck",
            "share_percent",
        ],
    );
    assert_json_snapshot!(shown, @r#"
    {
      "adw_name": "flow",
      "completed_at": "…",
      "completed_steps": 0,
      "created_at": "…",
      "current_step": null,
      "description": "",
      "duration_seconds": 0,
      "error_count": 1,
      "error_message": "step `one` failed: exit code 3",
      "error_step": "one",
      "id": "…",
      "input_data": [
        1
      ],
      "metadata": null,
      "orchestrator_agent_id": null,
      "output_data": {},
      "started_at": "…",
      "status": "failed",
      "steps": [
        {
          "agent": "shell",
          "attempt": 1,
          "command": null,
          "completed_at": "…",
          "duration_ms": "…",
          "error": "exit code 3",
          "exit_reason": "exit_code",
          "is_bottleneck": "…",
          "iteration": 1,
          "name": "one",
          "needs": [],
          "run_id": "…",
          "share_percent": "…",
          "started_at": "…",
          "status": "failed"
        },
        {
          "agent": "shell",
          "attempt": 0,
          "command": null,
          "completed_at": null,
          "duration_ms": "…",
          "error": null,
          "exit_reason": null,
          "is_bottleneck": "…",
          "iteration": 0,
          "name": "two",
          "needs": [
            "one"
          ],
          "run_id": null,
          "share_percent": "…",
          "started_at": null,
          "status": "skipped"
        }
      ],
      "total_steps": 2,
      "updated_at": "…",
      "workflow_type": "flow"
    }
    "#);
}

/// Replaces what is different each time.
fn hide(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|it| hide(it, keys)),
        Value::Object(members) => {
            for (key, member) in members {
                if keys.contains(&key.as_str()) && !member.is_null() {
                    *member = json!("…");
                }
                hide(member, keys);
            }
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gets_a_part_of_itself_in_which_all_is_escaped() {
    let flows =
        Flows::of(&["name = 'bad'\nprompt = 'echo \"<script>alert(1)</script>\" >&2; exit 3'"]);
    let workflow = flows.start().await;
    flows.end(&workflow).await;
    let request = flows
        .host
        .request(Method::GET, &format!("/api/workflows/{workflow}"));
    let answer = request.header("hx-request", "true").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    let part = answer.text().await.unwrap();
    assert!(
        part.starts_with(&format!("<article id=\"workflow-{workflow}\"")),
        "{part}"
    );
    assert!(!part.contains("<script>"), "{part}");
    assert_snapshot!(part.lines().nth(2).unwrap(), @"<p>0 of 1 steps done: step `bad` failed: exit code 3: &#60;script&#62;alert(1)&#60;/script&#62;</p>");
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_are_shown_as_they_can_be_started() {
    let flows = Flows::with(shells(
        "[workflows.flow]\ndescription = 'Flows'\n[workflows.flow.input.task]\ndescription = 'What'\n\
         [[workflows.flow.steps]]\nname = 'build'\nagent = 'builder'\nprompt = '{input.task}'\n\
         [[workflows.flow.steps]]\nname = 'test'\ncommand = 'test'\non_failure = { goto = 'build' }\n",
    ));
    assert_json_snapshot!(flows.host.get("/api/workflows/definitions").await, @r#"
    [
      {
        "description": "Flows",
        "executor": "demo",
        "input": {
          "task": {
            "default": null,
            "description": "What"
          }
        },
        "name": "flow",
        "steps": [
          {
            "agent": "builder",
            "agent_type": "builder",
            "budget_usd": null,
            "model": null,
            "name": "build",
            "needs": [],
            "on_failure": "stop",
            "prompt": "{input.task}",
            "retries": 0,
            "timeout_seconds": 0,
            "worktree": null
          },
          {
            "command": "test",
            "name": "test",
            "needs": [
              "build"
            ],
            "on_failure": {
              "goto": {
                "at_most": 3,
                "step": "build"
              }
            },
            "retries": 0,
            "timeout_seconds": 0,
            "worktree": null
          }
        ],
        "timeout_seconds": 0,
        "worktree": false
      }
    ]
    "#);
}
