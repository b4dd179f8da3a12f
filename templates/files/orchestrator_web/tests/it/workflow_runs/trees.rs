//! Work trees of workflows.

use serde_json::json;

use super::support::{Flows, flow, shells, step};
use crate::support::id;
use crate::worktrees::support::Repo;

fn flows() -> Flows {
    let toml = flow(&[
        "name = 'plan'\nprompt = 'pwd > planned'",
        "name = 'build'\nworktree = true\nprompt = 'echo new >> built'",
        "name = 'test'\nworktree = true\nprompt = 'cat built; [ $(wc -l < built) -ge 2 ]'\n\
         on_failure = { goto = 'build', at_most = 1 }",
    ]);
    let program = shells(&toml).variable("AGENT_ROOTS", "repo");
    Repo::new(program.path("repo"));
    Flows::with(program)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_may_have_the_work_tree_of_the_workflow_while_others_have_none() {
    let flows = flows();
    let workflow = flows.start().await;
    let ended = flows.end(&workflow).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    assert_eq!(ended["output_data"], json!({ "test": "new\nnew" }));
    let repo = Repo::at(flows.host.service.program.path("repo"));
    assert!(repo.path.join("planned").exists());
    assert!(!repo.path.join("built").exists());
    let tree = async |name: &str| {
        let run = step(&ended, name)["run_id"].as_str().unwrap();
        let path = format!("/api/runtime/agents/{run}/worktree");
        flows.host.get(&path).await["branch"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(tree("build").await, tree("test").await);

    // What is kept of another one is kept with its work tree.
    let again = flows
        .restart(&workflow, json!({ "from_step": "test" }))
        .await;
    let again = flows.end(&id(&again.body)).await;
    assert_eq!(again["output_data"], json!({ "test": "new\nnew" }));
}
