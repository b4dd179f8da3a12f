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

/// Follows a workflow to its end; its runs.
async fn runs(lab: &Lab, workflow: &Value) -> Vec<String> {
    let id = workflow["id"].as_str().unwrap();
    let stream = lab
        .host
        .request(Method::GET, &format!("/api/workflows/stream/{id}"));
    stream.send().await.unwrap().bytes().await.unwrap();
    let ended = lab.host.get(&format!("/api/workflows/{id}")).await;
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
}
