//! Work trees whose runs are gone go too; what is not clear stays, and is said.

use reqwest::Method;
use rustix::process::Signal;

use super::support::{Lab, exists, lab, with_git};

/// Deletes the agent, and with it its runs, and starts the service anew.
async fn forget_the_agent(lab: Lab) -> Lab {
    let path = format!("/api/agents/{}?force=true", lab.host.agent);
    let request = lab
        .host
        .request(Method::DELETE, &path)
        .header("content-type", "application/json");
    assert_eq!(request.send().await.unwrap().status(), 204);
    lab.restart(Signal::TERM)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_tree_without_a_run_is_removed_and_what_was_not_merged_is_kept() {
    let lab = Lab::start().await;
    let run = lab
        .run("echo 1 > made; git add made; git commit -qm own; echo 2 > made")
        .await;
    let tree = lab.tree(&run).await;
    let lab = forget_the_agent(lab).await;
    let rescue = lab.event("worktree.discarded").await["rescue"].clone();
    assert_eq!(lab.repo.blob(rescue.as_str().unwrap(), "made"), b"2\n");
    assert!(!exists(&tree.path));
    assert_eq!(lab.repo.git(&["branch", "--list", "tac/*"]), "");
    assert_eq!(lab.event("worktree.forgotten").await["id"], run.as_str());
    let said = lab.host.get("/api/system/logs?component=worktrees").await;
    let message = said[0]["message"].as_str().unwrap();
    assert!(message.contains(rescue.as_str().unwrap()), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_a_run_still_has_stays() {
    let lab = Lab::start().await;
    let run = lab.run("echo 1 > made").await;
    let tree = lab.tree(&run).await;
    let other = lab
        .host
        .agent_with(serde_json::json!({ "executor": "sh", "name": "other" }))
        .await;
    let mut lab = lab;
    let kept = std::mem::replace(&mut lab.host.agent, other);
    let gone = lab.run("true").await;
    let gone = lab.tree(&gone).await;
    let mut lab = forget_the_agent(lab).await;
    lab.event("worktree.discarded").await;
    assert!(exists(&tree.path) && !exists(&gone.path));
    lab.host.agent = kept;
    lab.merge(&run).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_as_it_was_made_is_left_alone_and_said_once() {
    let lab = Lab::start().await;
    let run = lab.run("true").await;
    let tree = lab.tree(&run).await;
    let token = lab
        .repo
        .path
        .join(".git/worktrees")
        .join(&run)
        .join("orchestrator");
    std::fs::write(&token, "01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
    let lab = forget_the_agent(lab).await;
    assert_eq!(lab.event("worktree.kept").await["id"], run.as_str());
    assert!(exists(&tree.path.join("a")));
    let said = async |lab: &Lab| lab.host.get("/api/system/logs?component=worktrees").await;
    let message = said(&lab).await[0]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("is left alone") && message.contains("says otherwise"),
        "{message}"
    );
    // Another one tells when the next round is over.
    let mut lab = lab;
    lab.host.agent = lab
        .host
        .agent_with(serde_json::json!({ "executor": "sh", "name": "next" }))
        .await;
    lab.run("true").await;
    let lab = forget_the_agent(lab).await;
    lab.event("worktree.discarded").await;
    assert_eq!(said(&lab).await.as_array().unwrap().len(), 1);
    assert!(exists(&tree.path.join("a")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_removed_if_git_fails_or_the_repository_is_gone() {
    let program = lab("");
    let fail = program.path("fail");
    let script = format!(
        "[ -e {} ] && echo 'fatal: no' >&2 && exit 128",
        fail.display()
    );
    let lab = Lab::with(with_git(program, &script)).await;
    let run = lab.run("true").await;
    let tree = lab.tree(&run).await;
    std::fs::write(&fail, "").unwrap();
    let lab = forget_the_agent(lab).await;
    assert!(
        lab.event("worktree.kept").await["reason"]
            .as_str()
            .unwrap()
            .contains("fatal: no")
    );
    assert!(exists(&tree.path.join("a")));

    std::fs::remove_file(&fail).unwrap();
    let mut lab = lab;
    lab.host.agent = lab
        .host
        .agent_with(serde_json::json!({ "executor": "sh", "name": "next" }))
        .await;
    let run = lab.run("true").await;
    let tree = lab.tree(&run).await;
    std::fs::remove_dir_all(lab.repo.path.join(".git")).unwrap();
    let lab = forget_the_agent(lab).await;
    lab.host.service.wait_for("listening");
    let said = async || lab.host.get("/api/system/logs?component=worktrees").await;
    while said().await.as_array().unwrap().len() < 2 {}
    assert!(
        said().await[0]["message"]
            .as_str()
            .unwrap()
            .contains("is gone")
    );
    assert!(exists(&tree.path.join("a")));
}
