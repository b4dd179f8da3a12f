//! Workflows that are started again.

use serde_json::json;

use super::support::{Flows, step, told};
use crate::support::id;

const STEPS: [&str; 4] = [
    "name = 'plan'\nprompt = 'echo plan >> ran; echo the plan'",
    "name = 'side'\nneeds = []\nprompt = 'echo side >> ran'",
    "name = 'build'\nneeds = ['plan']\nprompt = 'echo \"build {steps.plan.text}\" >> ran; [ -e good ]'",
    "name = 'ship'\nneeds = ['build', 'side']\nprompt = 'echo ship >> ran'",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_before_a_step_is_kept_when_it_is_restarted_from_there() {
    let flows = Flows::of(&STEPS);
    let old = flows.start().await;
    let failed = flows.end(&old).await;
    assert_eq!(failed["error_step"], "build");
    flows.write("good", "");
    let again = flows.restart(&old, json!({ "from_step": "build" })).await;
    assert_eq!(again.status, 202, "{again:?}");
    let new = id(&again.body);
    assert_eq!(again.location, format!("/api/workflows/{new}"));
    assert_ne!(new, old);
    let link = json!({ "restarted_from": old, "from_step": "build" });
    assert_eq!(again.body["metadata"], link);
    let ended = flows.end(&new).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    let expected = [
        "plan completed 1.1",
        "side completed 1.1",
        "build completed 1.1",
        "ship completed 1.1",
    ];
    assert_eq!(told(&ended), expected);
    let mut ran = flows.lines("ran");
    ran.sort();
    assert_eq!(
        ran,
        ["build the plan", "build the plan", "plan", "ship", "side"]
    );
    // It took none of the new one's time.
    assert_eq!(step(&ended, "plan")["duration_ms"], 0);
    assert_eq!(
        step(&ended, "plan")["run_id"],
        step(&failed, "plan")["run_id"]
    );
    // The old one stays as it was.
    assert_eq!(flows.get(&old).await, failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_step_everything_is_done_again() {
    let flows = Flows::of(&STEPS);
    let old = flows.start().await;
    flows.end(&old).await;
    flows.write("good", "");
    let again = flows.restart(&old, json!({})).await;
    let ended = flows.end(&id(&again.body)).await;
    assert_eq!(ended["status"], "completed");
    assert_eq!(
        flows.lines("ran").iter().filter(|it| *it == "plan").count(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_has_ended_is_restarted_and_only_from_a_step_that_there_is() {
    let flows = Flows::of(&["name = 'hangs'\nprompt = 'sleep 600'"]);
    let workflow = flows.start().await;
    assert_eq!(flows.restart(&workflow, json!({})).await.status, 409);
    flows.stop(&workflow).await;
    flows.end(&workflow).await;
    let refused = flows
        .restart(&workflow, json!({ "from_step": "dance" }))
        .await;
    assert_eq!(refused.status, 422);
    let error = json!([{ "pointer": "/from_step", "detail": "is not one of its steps: hangs" }]);
    assert_eq!(refused.body["errors"], error);
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(flows.restart(unknown, json!({})).await.status, 404);
}
