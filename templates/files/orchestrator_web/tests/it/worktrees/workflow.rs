//! The steps of a workflow work in one work tree.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Lab, lab};

const FLOW: &str = "[project.commands]\ntest = ['/bin/cat', 'one', 'two']
[workflows.flow]\nexecutor = 'sh'\nworktree = true
[[workflows.flow.steps]]\nname = 'one'\nagent = 'shell'\nneeds = []\nprompt = 'echo 1 > one'
[[workflows.flow.steps]]\nname = 'two'\nagent = 'shell'\nneeds = []\nprompt = 'echo 2 > two'
[[workflows.flow.steps]]\nname = 'test'\ncommand = 'test'\nneeds = ['one', 'two']";

/// Follows a workflow to its end.
async fn end(lab: &Lab, workflow: &Value) -> Value {
    let id = workflow["id"].as_str().unwrap();
    let stream = lab
        .host
        .request(Method::GET, &format!("/api/workflows/stream/{id}"));
    stream.send().await.unwrap().bytes().await.unwrap();
    lab.host.get(&format!("/api/workflows/{id}")).await
}

/// Follows a workflow to its good end; its runs.
async fn runs(lab: &Lab, workflow: &Value) -> Vec<String> {
    let ended = end(lab, workflow).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    let steps = ended["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| step["run_id"].as_str().unwrap().to_owned())
        .collect()
}

/// The work trees of the runs.
async fn trees(lab: &Lab, runs: &[String]) -> BTreeSet<String> {
    let mut trees = BTreeSet::new();
    for run in runs {
        trees.insert(lab.worktree(run).await["id"].as_str().unwrap().to_owned());
    }
    trees
}

#[tokio::test(flavor = "multi_thread")]
async fn all_steps_share_one_also_those_that_begin_together_and_after_a_restart() {
    let lab = Lab::with(lab(FLOW)).await;
    let started = lab
        .host
        .post("/api/workflows/start/flow", json!({}))
        .await
        .body;
    let of_first = runs(&lab, &started).await;
    let first = trees(&lab, &of_first).await;
    assert_eq!((of_first.len(), first.len()), (3, 1));
    let told = lab.host.end(&of_first[2]).await;
    assert_eq!(told.messages("output"), ["1", "2"]);

    let restart = format!("/api/workflows/restart/{}", started["id"].as_str().unwrap());
    let again = lab
        .host
        .post(&restart, json!({ "from_step": "test" }))
        .await
        .body;
    let again = runs(&lab, &again).await;
    assert_eq!(trees(&lab, &again).await, first);
    let anew = lab.host.post(&restart, json!({})).await.body;
    let anew = trees(&lab, &runs(&lab, &anew).await).await;
    assert_eq!((anew.len(), anew.is_disjoint(&first)), (1, true));

    lab.merge(&of_first[0]).await.ok();
    assert_eq!(
        (lab.repo.read("one"), lab.repo.read("two")),
        ("1\n".into(), "2\n".into())
    );
    lab.discard(&of_first[1], json!({})).await.ok();

    // What is merged stands where the next work tree begins.
    let merged = lab
        .host
        .post(&restart, json!({ "from_step": "test" }))
        .await;
    let merged = runs(&lab, &merged.body).await;
    assert_eq!(trees(&lab, &merged[2..]).await.len(), 1);
    let told = lab.host.end(&merged[2]).await;
    assert_eq!(told.messages("output"), ["1", "2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_step_goes_on_without_what_was_discarded_before_it() {
    let flow = FLOW.replace(
        "needs = []\nprompt = 'echo 2",
        "needs = ['one']\nprompt = 'echo 2",
    );
    let both = "\n[workflows.both]\nexecutor = 'sh'\nworktree = true
[[workflows.both.steps]]\nname = 'a'\nagent = 'shell'\nneeds = []\nprompt = 'echo 1 > a'
[[workflows.both.steps]]\nname = 'b'\nagent = 'shell'\nneeds = []\nprompt = 'echo 2 > b'
[[workflows.both.steps]]\nname = 'c'\ncommand = 'test'\nneeds = ['a', 'b']\non_failure = 'continue'";
    let lab = Lab::with(lab(&(flow + both))).await;
    for (name, last, expected) in [
        ("flow", "test", "restart from `one`"),
        ("both", "c", "restart the workflow from its beginning"),
    ] {
        let path = format!("/api/workflows/start/{name}");
        let started = lab.host.post(&path, json!({})).await.body;
        let runs = runs(&lab, &started).await;
        lab.discard(&runs[0], json!({ "force": true })).await.ok();
        let restart = format!("/api/workflows/restart/{}", started["id"].as_str().unwrap());
        let refused = lab.host.post(&restart, json!({ "from_step": last })).await;
        let why = refused.refusal();
        assert!(
            why.contains("refs/tac/rescue/") && why.ends_with(expected),
            "{why}"
        );
        let anew = lab.host.post(&restart, json!({})).await;
        assert_eq!(anew.status, 202, "{anew:?}");
        self::runs(&lab, &anew.body).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_fails_with_the_reason_if_the_work_tree_is_discarded_before_it() {
    let wait = "mkfifo go; echo ready; read line < go; rm go; echo 2 > two";
    let flow = FLOW.replacen("echo 2 > two", wait, 1);
    let lab = Lab::with(lab(&flow)).await;
    let path = "/api/workflows/start/flow";
    let started = lab.host.post(path, json!({})).await.body;
    let id = started["id"].as_str().unwrap();
    let shown = lab.host.get(&format!("/api/workflows/{id}")).await;
    let [one, two] = [0, 1].map(|step| shown["steps"][step]["run_id"].as_str().unwrap());
    lab.host.end(one).await;
    lab.host.hear(two, "ready").await;
    lab.host.post("/api/orchestrator/stop", json!({})).await;
    lab.tree(two).await.write("go", "");
    lab.host.end(two).await;
    lab.discard(two, json!({ "force": true })).await.ok();
    lab.host.post("/api/orchestrator/start", json!({})).await;
    let ended = end(&lab, &started).await;
    let last = &ended["steps"][2];
    let told = [&ended["status"], &last["status"], &last["exit_reason"]];
    assert_eq!(told, ["failed", "failed", "spawn_failed"], "{ended}");
    let why = last["error"].as_str().unwrap();
    assert!(why.contains("the run's work tree was discarded"), "{why}");
}
