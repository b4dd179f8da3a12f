//! A work tree goes, and nothing that is not merged is lost.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use super::support::{Lab, Repo, exists};

/// Every file below a folder with its bytes, but git's own.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (name, path) = (
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
        );
        if name == ".git" {
            continue;
        }
        if path.is_symlink() {
            found.push((
                name,
                path.read_link()
                    .unwrap()
                    .as_os_str()
                    .as_encoded_bytes()
                    .to_owned(),
            ));
        } else if path.is_dir() {
            let inner = files(&path).into_iter();
            found.extend(inner.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_merged_needs_force_and_comes_back_byte_for_byte() {
    let lab = Lab::start().await;
    lab.repo.write(
        ".gitattributes",
        "*.txt text eol=crlf\n*.utf working-tree-encoding=UTF-16\n* ident\n",
    );
    lab.repo.commit("attributes");
    let script = "printf 'mixed\\r\\nends\\n' > m.txt; printf '$Id$ $Id: y $' > id
        printf '\\377\\0' > bin; touch -d '1 hour ago' m.txt id; git add -A; git commit -qm own; echo index > i; git add i
        printf 'not utf-16' > x.utf; echo later > i; rm a; mkdir d; ln -s nowhere d/link; printf 'no end' > 'd/two words'; : > empty
        chmod +x empty; echo gone > ignored";
    let run = lab.run(script).await;
    let tree = lab.tree(&run).await;
    let branch = lab.worktree(&run).await["branch"]
        .as_str()
        .unwrap()
        .to_owned();
    let tip = lab.repo.git(&["rev-parse", &branch]);
    let refused = lab.discard(&run, json!({})).await;
    assert!(
        refused.refusal().contains("1 commits are not in main and "),
        "{refused:?}"
    );
    assert!(exists(&tree.path));
    let mut before = files(&tree.path);
    before.retain(|(name, _)| name != "ignored");

    let done = lab.discard(&run, json!({ "force": true })).await;
    assert_eq!(
        (&done.ok()["commits"], &done.body["ignored"]),
        (&json!(1), &json!(1))
    );
    assert!(!exists(&tree.path));
    assert_eq!(lab.repo.git(&["branch", "--list", "tac/*"]), "");
    assert_eq!(lab.repo.git(&["worktree", "list"]).lines().count(), 1);
    let rescue = done.body["rescue"].as_str().unwrap();
    assert!(
        rescue.starts_with(&format!("refs/tac/rescue/{run}/")),
        "{rescue}"
    );
    assert_eq!(lab.worktree(&run).await["rescue"], rescue);
    assert_eq!(lab.event("worktree.discarded").await["rescue"], rescue);
    assert_eq!(lab.repo.git(&["rev-parse", &format!("{rescue}^1")]), tip);
    assert_eq!(lab.repo.git(&["show", &format!("{rescue}^2:i")]), "index");

    let restore = done.body["restore"].as_str().unwrap();
    let words: Vec<_> = restore.split(' ').skip(1).collect();
    lab.repo.git(&words);
    let rescued = lab.repo.path.join("rescued");
    let names =
        |files: &[(String, Vec<u8>)]| files.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&files(&rescued)), names(&before));
    for (name, bytes) in before {
        assert_eq!(lab.repo.blob(rescue, &name), bytes, "{name}");
    }
    assert!(
        rescued
            .join("empty")
            .metadata()
            .unwrap()
            .permissions()
            .mode()
            & 0o100
            != 0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_merged_or_empty_goes_without_force_and_leaves_no_ref() {
    let lab = Lab::start().await;
    for script in ["true", "echo x > new"] {
        let run = lab.run(script).await;
        if script != "true" {
            lab.merge(&run).await.ok();
        }
        let tree = lab.tree(&run).await;
        let done = lab.discard(&run, json!({})).await;
        assert_eq!(
            (&done.ok()["rescue"], &done.body["restore"]),
            (&json!(null), &json!(null))
        );
        assert!(!exists(&tree.path));
        assert_eq!(lab.worktree(&run).await["status"], "discarded");
        assert!(
            lab.discard(&run, json!({}))
                .await
                .refusal()
                .ends_with("was discarded")
        );
        assert!(lab.merge(&run).await.refusal().ends_with("was discarded"));
    }
    assert_eq!(
        lab.repo
            .git(&["for-each-ref", "refs/tac", "refs/heads/tac"]),
        ""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_without_a_branch_and_conflicts_are_kept_too() {
    let lab = Lab::start().await;
    let script = "echo 1 > one; git add one; git commit -qm one; git checkout -q --detach main
        echo 2 > two; git add two; git commit -qm two
        git checkout -qb side main; echo side > a; git commit -qam side; git checkout -q --detach HEAD
        git checkout -q -b own main; echo own > a; git commit -qam own; git merge -q side > /dev/null
        git checkout -q --detach 2> /dev/null || true; echo 3 > three";
    let run = lab.run(script).await;
    let tree = lab.tree(&run).await;
    let (head, branch) = (
        tree.git(&["rev-parse", "HEAD"]),
        lab.worktree(&run).await["branch"].clone(),
    );
    let tip = lab.repo.git(&["rev-parse", branch.as_str().unwrap()]);
    let conflict = tree.read("a");
    let done = lab.discard(&run, json!({ "force": true })).await;
    let rescue = done.ok()["rescue"].as_str().unwrap();
    let parents = lab.repo.git(&["log", "-1", "--format=%P", rescue]);
    assert_eq!(parents, format!("{head} {tip}"));
    assert_eq!(lab.repo.git(&["show", &format!("{rescue}:three")]), "3");
    assert_eq!(
        lab.repo.git(&["show", &format!("{rescue}:a")]),
        conflict.trim_end()
    );
    assert!(conflict.contains("<<<<<<<"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_inside_is_not_thrown_away() {
    let lab = Lab::start().await;
    let run = lab.run("git init -q inner; cd inner; git -c user.name=a -c user.email=b commit -q --allow-empty -m x").await;
    let inner = lab.tree(&run).await.path.join("inner");
    let refused = lab.discard(&run, json!({ "force": true })).await;
    assert!(
        refused
            .refusal()
            .contains("is a repository of its own, which would be lost"),
        "{refused:?}"
    );
    assert!(exists(&inner.join(".git")));
    std::fs::remove_dir_all(&inner).unwrap();
    lab.discard(&run, json!({ "force": true })).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_tree_that_was_deleted_by_hand_leaves_its_commits_and_its_index() {
    let lab = Lab::start().await;
    let run = lab
        .run("echo 1 > one; git add one; git commit -qm one; echo 2 > two; git add two")
        .await;
    let tree = lab.tree(&run).await;
    let tip = tree.git(&["rev-parse", "HEAD"]);
    std::fs::remove_dir_all(&tree.path).unwrap();
    assert!(lab.merge(&run).await.refusal().ends_with("is gone"));
    lab.discard(&run, json!({})).await.refusal();
    let done = lab.discard(&run, json!({ "force": true })).await;
    let rescue = done.ok()["rescue"].as_str().unwrap();
    assert_eq!(lab.repo.git(&["rev-parse", &format!("{rescue}^1")]), tip);
    assert_eq!(lab.repo.git(&["show", &format!("{rescue}^2:two")]), "2");
    assert_eq!(lab.repo.git(&["worktree", "list"]).lines().count(), 1);

    // With all that git knows of it, too.
    let run = lab.run("true").await;
    let path = lab.tree(&run).await.path;
    lab.repo
        .git(&["worktree", "remove", "-f", "-f", path.to_str().unwrap()]);
    lab.discard(&run, json!({})).await.ok();
    assert_eq!(lab.repo.git(&["branch", "--list", "tac/*"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_work_tree_that_was_made_is_not_touched() {
    let lab = Lab::start().await;
    let force = json!({ "force": true });
    // Locked by somebody else.
    let run = lab.run("true").await;
    let path = lab.tree(&run).await.path;
    let shown = path.to_str().unwrap();
    lab.repo.git(&["worktree", "unlock", shown]);
    lab.repo
        .git(&["worktree", "lock", "--reason", "mine", shown]);
    let refused = lab.discard(&run, force.clone()).await;
    assert!(
        refused.refusal().contains("somebody has locked"),
        "{refused:?}"
    );
    lab.repo.git(&["worktree", "unlock", shown]);
    lab.discard(&run, force.clone()).await.ok();

    // Another repository in its place, a link in its place, a token of another run.
    let precious = lab.host.service.program.path("precious");
    std::fs::create_dir(&precious).unwrap();
    std::fs::write(precious.join("file"), "precious").unwrap();
    let run = lab.run("true").await;
    let path = lab.tree(&run).await.path;
    let moved = path.with_extension("moved");
    std::fs::rename(&path, &moved).unwrap();
    Repo::new(path.clone());
    let refused = lab.discard(&run, force.clone()).await;
    assert!(
        refused
            .refusal()
            .contains("is not the work tree that was made for the run"),
        "{refused:?}"
    );
    assert!(exists(&path.join("a")));
    std::fs::remove_dir_all(&path).unwrap();
    std::os::unix::fs::symlink(&precious, &path).unwrap();
    let refused = lab.discard(&run, force.clone()).await;
    assert!(
        refused.refusal().contains("is not the work tree"),
        "{refused:?}"
    );
    std::fs::remove_file(&path).unwrap();
    std::fs::rename(&moved, &path).unwrap();
    let token = lab
        .repo
        .path
        .join(".git/worktrees")
        .join(&run)
        .join("orchestrator");
    let own = std::fs::read(&token).unwrap();
    for other in [Some("01890a5d-ac96-774b-bcce-b302099a8057"), None] {
        match other {
            Some(other) => std::fs::write(&token, other).unwrap(),
            None => std::fs::remove_file(&token).unwrap(),
        }
        assert!(
            lab.discard(&run, force.clone())
                .await
                .refusal()
                .contains("is not the work tree")
        );
        assert!(exists(&path.join("a")));
    }
    std::fs::write(&token, own).unwrap();
    // A link in it leads out, and is removed as a link.
    std::os::unix::fs::symlink(&precious, path.join("out")).unwrap();
    lab.discard(&run, force).await.ok();
    assert!(!exists(&path) && exists(&precious.join("file")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_counts_what_there_is_to_lose_and_takes_nothing() {
    let lab = Lab::start().await;
    let script = "echo 1 > c; git add c; git commit -qm own; echo 2 > d; echo x > ignored";
    let run = lab.run(script).await;
    let (tree, state) = (lab.tree(&run).await, lab.repo.state());
    let path = format!("/api/runtime/agents/{run}/discard?preview=true");
    let told = lab.host.post(&path, json!({})).await;
    let expected =
        json!({ "rescue": null, "restore": null, "commits": 1, "files": 1, "ignored": 1 });
    assert_eq!(told.ok(), &expected);
    assert_eq!((exists(&tree.path), lab.repo.state()), (true, state));
    lab.discard(&run, json!({ "force": true })).await.ok();
    assert!(lab.host.post(&path, json!({})).await.status == 409);
}
