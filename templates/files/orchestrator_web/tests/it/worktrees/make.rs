//! A run asks for a work tree, and gets it or a reason.

use serde_json::json;

use super::support::{Lab, Repo, exists, lab};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_works_in_a_work_tree_of_its_own_on_a_branch_of_its_own() {
    let lab = Lab::start().await;
    lab.repo
        .write("a", "not committed\n")
        .write("mine", "untracked\n");
    let base = lab.repo.git(&["rev-parse", "HEAD"]);
    let run = lab
        .run("pwd; cat a; git branch --show-current; echo new > made")
        .await;
    let worktree = lab.worktree(&run).await;
    let (path, branch) = (
        worktree["path"].as_str().unwrap(),
        worktree["branch"].as_str().unwrap(),
    );
    let told = lab.host.end(&run).await;
    assert_eq!(told.messages("output"), [path, "one", branch]);
    assert_eq!(branch, format!("tac/build-it/{}", &run[28..]));
    assert_eq!(
        (&worktree["id"], &worktree["base"]),
        (&json!(run), &json!(base))
    );
    assert_eq!(
        (&worktree["status"], &worktree["target_branch"]),
        (&json!("ready"), &json!("main"))
    );
    let beside = lab.host.service.program.path("data/worktrees").join(&run);
    assert_eq!(std::path::Path::new(path), beside.canonicalize().unwrap());
    assert_eq!(lab.repo.status(), " M a\n?? mine");
    assert_eq!(lab.event("worktree.created").await["branch"], branch);
    // Nobody's clean-up takes it.
    let listed = lab.repo.git(&["worktree", "list", "--porcelain"]);
    assert!(
        listed.contains("locked a run of the agent orchestrator works here"),
        "{listed}"
    );
    lab.repo.git(&["worktree", "prune", "--expire=now"]);
    assert!(exists(&beside));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_request_beats_the_agent_and_the_agent_its_executor() {
    let lab = Lab::start().await;
    let mut host = lab.host;
    let has_one = async |host: &crate::runs::support::Host, body| {
        let run = host.execute(body).await.body;
        let run = run["id"].as_str().unwrap();
        host.end(run).await;
        let path = format!("/api/runtime/agents/{run}/worktree");
        crate::runs::support::reply(host.request(reqwest::Method::GET, &path))
            .await
            .status
            == 200
    };
    let ask = |worktree: bool| json!({ "prompt": "true", "worktree": worktree });
    assert!(has_one(&host, json!({ "prompt": "true" })).await);
    assert!(!has_one(&host, ask(false)).await);
    let metadata = json!({ "executor": "sh", "metadata": { "worktree": false, "more": [1] } });
    host.agent = host.agent_with(metadata).await;
    assert!(!has_one(&host, json!({ "prompt": "true" })).await);
    assert!(has_one(&host, ask(true)).await);
    host.agent = host
        .agent_with(json!({ "executor": "demo", "metadata": { "worktree": true } }))
        .await;
    assert!(has_one(&host, json!({ "prompt": "say hello" })).await);
    let unclear = json!({ "executor": "sh", "metadata": { "worktree": "yes" } });
    host.agent = host.agent_with(unclear).await;
    assert_eq!(host.execute(json!({ "prompt": "true" })).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_a_work_tree_of_its_own_takes_no_place_of_the_repository() {
    let lab = Lab::with(lab("").variable("MAX_RUNNING_PER_REPOSITORY", "1")).await;
    let body = |worktree: bool| {
        let prompt = "echo ready; exec sleep 600";
        json!({ "prompt": prompt, "worktree": worktree })
    };
    let mut begun = Vec::new();
    for worktree in [false, true, true] {
        let run = crate::support::id(&lab.host.execute(body(worktree)).await.body);
        lab.host.hear(&run, "ready").await;
        begun.push(run);
    }
    let waits = crate::support::id(&lab.host.execute(body(false)).await.body);
    let queued = lab.host.get("/api/status").await["queued"].clone();
    assert_eq!(queued[0]["id"], waits.as_str());
    assert_eq!(queued[0]["reason"], "repository_limit");
    lab.host.stop(&begun[0]).await;
    lab.host.hear(&waits, "ready").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_a_folder_of_the_repository_works_in_that_folder_of_its_work_tree() {
    let lab = Lab::start().await;
    std::fs::create_dir(lab.repo.path.join("ignored")).unwrap();
    for folder in ["sub", "ignored"] {
        let run = lab
            .host
            .execute(json!({ "prompt": "pwd", "working_dir": folder }))
            .await
            .body;
        let run = run["id"].as_str().unwrap();
        let told = lab.host.end(run).await;
        let path = lab.tree(run).await.path.join(folder);
        assert_eq!(told.messages("output"), [path.to_str().unwrap()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_a_link_in_the_commit_leads_nowhere() {
    let lab = Lab::start().await;
    let elsewhere = lab.host.service.program.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, lab.repo.path.join("out")).unwrap();
    lab.repo.commit("a link");
    std::fs::remove_file(lab.repo.path.join("out")).unwrap();
    std::fs::create_dir_all(lab.repo.path.join("out/in")).unwrap();
    let run = lab
        .host
        .execute(json!({ "prompt": "pwd", "working_dir": "out/in" }))
        .await
        .body;
    let (reason, error) = lab.host.failure(run["id"].as_str().unwrap()).await;
    assert_eq!(reason, "spawn_failed");
    assert!(
        error.contains("out/in is no folder in the commit"),
        "{error}"
    );
    assert!(!exists(&elsewhere.join("in")));
    // Nothing is left of it.
    assert_eq!(lab.repo.git(&["branch", "--list", "tac/*"]), "");
    assert_eq!(lab.repo.git(&["worktree", "list"]).lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_can_be_no_work_tree_the_reason_is_told() {
    let program = lab("").file("work/plain/file", "");
    let bare = program.path("work/bare");
    std::fs::create_dir_all(&bare).unwrap();
    Repo::at(&bare).git(&["init", "--quiet", "--bare"]);
    let unborn = program.path("work/unborn");
    std::fs::create_dir_all(&unborn).unwrap();
    Repo::at(&unborn).git(&["init", "--quiet"]);
    let repo = Repo::at(program.path("work"));
    let lab = Lab::around(program, repo).await;
    for (folder, reason) in [
        ("plain", "is in no git repository"),
        ("bare", "is in a git repository, but in no work tree of it"),
        ("unborn", "has no commit yet"),
        (
            "unborn/.git",
            "is in a git repository, but in no work tree of it",
        ),
    ] {
        let body = json!({ "prompt": "true", "working_dir": folder });
        let run = lab.host.execute(body.clone()).await.body;
        let (_, error) = lab.host.failure(run["id"].as_str().unwrap()).await;
        assert!(error.contains(reason), "{folder}: {error}");
        let mut asked = body;
        asked["worktree"] = true.into();
        let refused = lab.host.execute(asked).await;
        assert_eq!(refused.status, 422, "{folder}");
        let error = &refused.body["errors"][0];
        assert_eq!(error["pointer"], "/working_dir");
        assert!(
            error["detail"].as_str().unwrap().contains(reason),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_that_git_would_take_for_a_part_of_a_work_tree_is_refused() {
    let lab = Lab::with(lab("[worktrees]\nroot = 'work/trees'")).await;
    let (_, error) = lab.host.failure(&lab.host.run("true").await).await;
    assert!(error.contains("is not ignored there"), "{error}");
    lab.repo.write(".gitignore", "/trees\n");
    lab.run("true").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_behind_a_link_is_used_by_its_real_path() {
    let program = lab("[worktrees]\nroot = 'link'").file("real/keep", "");
    std::os::unix::fs::symlink("real", program.path("link")).unwrap();
    let lab = Lab::with(program).await;
    let run = lab.run("echo x > made").await;
    let real = lab
        .host
        .service
        .program
        .path("real")
        .canonicalize()
        .unwrap();
    assert_eq!(lab.tree(&run).await.path, real.join(&run));
    lab.merge(&run).await.ok();
    lab.discard(&run, json!({})).await.ok();
    assert!(exists(&real.join("keep")) && !exists(&real.join(&run)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_of_the_same_name_is_left_alone() {
    let lab = Lab::start().await;
    lab.repo.git(&["branch", "tac/build-it"]);
    let (_, error) = lab.host.failure(&lab.host.run("true").await).await;
    assert!(error.contains("tac/build-it"), "{error}");
    assert_eq!(lab.repo.git(&["worktree", "list"]).lines().count(), 1);
    lab.repo.git(&["branch", "-D", "tac/build-it"]);
    lab.run("true").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_run_of_the_session_works_on_in_its_work_tree_and_a_repeated_one_does_not() {
    let lab = Lab::start().await;
    let ask = async |prompt: &str, session: &str| {
        let body = json!({ "prompt": prompt, "session_id": session });
        let run = lab.host.execute(body).await.body["id"]
            .as_str()
            .unwrap()
            .to_owned();
        lab.host.end(&run).await;
        run
    };
    let first = ask("echo 1 > made", "s-1").await;
    let second = ask("cat made", "s-1").await;
    assert_eq!(lab.worktree(&second).await["id"], first.as_str());
    assert_eq!(lab.host.end(&second).await.messages("output"), ["1"]);
    let other = ask("cat made || true", "s-2").await;
    assert_eq!(lab.worktree(&other).await["id"], other.as_str());

    let own = lab.run("test ! -e made; echo 1 > made").await;
    let path = format!("/api/runtime/agents/{own}/restart");
    let again = lab.host.post(&path, json!({})).await.body["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(lab.host.end(&again).await.status, "completed");
    assert_eq!(lab.worktree(&again).await["id"], again.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_head_and_a_work_tree_of_a_work_tree_are_begun_from() {
    let lab = Lab::start().await;
    lab.repo.git(&["checkout", "--quiet", "--detach"]);
    let run = lab.run("echo x > made").await;
    assert_eq!(lab.worktree(&run).await["target_branch"], json!(null));
    let refused = lab.merge(&run).await;
    assert!(
        refused.refusal().contains("no branch was checked out"),
        "{refused:?}"
    );
    lab.repo.git(&["checkout", "--quiet", "main"]);

    lab.repo
        .git(&["worktree", "add", "--quiet", "-b", "other", "linked"]);
    let linked = Repo::at(lab.repo.path.join("linked"));
    let body = json!({ "prompt": "echo y > made", "working_dir": "linked" });
    let run = lab.host.execute(body).await.body["id"]
        .as_str()
        .unwrap()
        .to_owned();
    lab.host.end(&run).await;
    assert_eq!(lab.merge(&run).await.ok()["into"], "other");
    assert_eq!(linked.read("made"), "y\n");
    assert!(!exists(&lab.repo.path.join("made")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submodule_is_a_repository_like_others_and_is_not_filled_in_others() {
    let program = lab("");
    let library = Repo::new(program.path("library"));
    let repo = Repo::new(program.path("work"));
    let url = library.path.to_str().unwrap();
    repo.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url,
        "lib",
    ]);
    repo.commit("a library");
    let lab = Lab::around(program, repo).await;
    let run = lab.run("ls -A lib; echo x > made").await;
    assert_eq!(lab.host.end(&run).await.messages("output"), [""; 0]);
    lab.merge(&run).await.ok();

    let body = json!({ "prompt": "echo y > made", "working_dir": "lib" });
    let run = lab.host.execute(body).await.body["id"]
        .as_str()
        .unwrap()
        .to_owned();
    lab.host.end(&run).await;
    assert_eq!(lab.merge(&run).await.ok()["outcome"], "merged");
    assert_eq!(Repo::at(lab.repo.path.join("lib")).read("made"), "y\n");
}
