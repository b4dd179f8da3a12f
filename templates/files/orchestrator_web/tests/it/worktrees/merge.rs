//! A run's branch is merged, or the repository is as it was.

use serde_json::json;

use super::support::{Lab, exists, lab, with_git};

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_is_one_commit_with_everything_that_the_run_has_left() {
    let lab = Lab::start().await;
    let run = lab
        .run("echo 2 > c; git add c; git commit -qm own; echo 3 > d; echo i > ignored")
        .await;
    lab.repo.write("a", "moved on\n");
    let before = lab.repo.commit("meanwhile");
    let state = lab.repo.state();
    let preview = lab.preview(&run).await;
    assert_eq!(
        (&preview.ok()["outcome"], &preview.body["commit"]),
        (&json!("clean"), &json!(null))
    );
    assert_eq!(lab.repo.state(), state);

    let merged = lab.merge(&run).await;
    assert_eq!(
        (&merged.ok()["outcome"], &merged.body["into"]),
        (&json!("merged"), &json!("main"))
    );
    let head = lab.repo.git(&["rev-parse", "HEAD"]);
    assert_eq!(merged.body["commit"], head);
    assert_eq!(lab.repo.git(&["rev-parse", "HEAD^1"]), before);
    assert_eq!(lab.repo.status(), "");
    assert_eq!(
        (lab.repo.read("c"), lab.repo.read("d"), lab.repo.read("a")),
        ("2\n".into(), "3\n".into(), "moved on\n".into())
    );
    assert!(!exists(&lab.repo.path.join("ignored")));
    let subjects = lab.repo.git(&[
        "log",
        "--format=%s by %an",
        "--first-parent",
        "-2",
        "HEAD^2",
    ]);
    let title = "Build it!: echo 2 > c; git add c; git commit -qm own; echo 3 > d; echo i";
    assert!(subjects.starts_with(&title[..60]), "{subjects}");
    assert!(
        subjects.ends_with("by Agent orchestrator\nown by Somebody"),
        "{subjects}"
    );
    assert!(lab.repo.git(&["log", "-1", "--format=%b"]).contains(&run));

    assert_eq!(lab.worktree(&run).await["status"], "merged");
    assert_eq!(lab.event("worktree.merged").await["commit"], head);
    assert!(
        lab.merge(&run)
            .await
            .refusal()
            .contains("has nothing that main lacks")
    );
    // Who works on there may merge again.
    lab.tree(&run).await.write("e", "4\n");
    lab.merge(&run).await.ok();
    assert_eq!(lab.repo.read("e"), "4\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_told_by_its_paths_and_changes_nothing() {
    let lab = Lab::start().await;
    let run = lab
        .run("echo theirs > a; echo theirs > sub/b; echo x > new")
        .await;
    lab.repo.write("a", "ours\n").write("sub/b", "ours\n");
    lab.repo.commit("ours");
    let state = lab.repo.state();
    let preview = lab.preview(&run).await;
    assert_eq!(preview.ok()["outcome"], "conflicts");
    assert_eq!(preview.body["conflicts"], json!(["a", "sub/b"]));
    assert_eq!(lab.repo.state(), state);
    let refused = lab.merge(&run).await;
    assert!(
        refused
            .refusal()
            .contains("have both changed a, sub/b: commit what is in /"),
        "{refused:?}"
    );
    assert_eq!(lab.repo.state(), state);
    let tree = lab.tree(&run).await;
    tree.commit("what the run has left");
    tree.try_git(&[
        "-c",
        "user.name=a",
        "-c",
        "user.email=b",
        "merge",
        "-q",
        "-s",
        "ours",
        "main",
    ]);
    lab.merge(&run).await.ok();
    assert_eq!(lab.repo.read("a"), "theirs\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_going_on_is_not_merged() {
    let lab = Lab::start().await;
    let run = lab.host.run("echo x > new; echo ready; sleep 1000").await;
    lab.host.hear(&run, "ready").await;
    for refused in [
        lab.merge(&run).await,
        lab.preview(&run).await,
        lab.discard(&run, json!({ "force": true })).await,
    ] {
        assert!(
            refused
                .refusal()
                .contains("a run is at work in the work tree"),
            "{refused:?}"
        );
    }
    lab.host.stop(&run).await;
    lab.host.end(&run).await;
    lab.merge(&run).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_not_as_the_run_found_it_is_left_alone() {
    let lab = Lab::start().await;
    let run = lab.run("echo 2 > a; echo x > new").await;
    let refused = async |reason: &str| {
        let state = lab.repo.state();
        for refused in [lab.preview(&run).await, lab.merge(&run).await] {
            assert!(refused.refusal().contains(reason), "{refused:?}");
        }
        let same = |state: &str| {
            state
                .lines()
                .filter(|it| !it.contains("tac/"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let without_head =
            |state: String| same(&state).replace(&lab.repo.git(&["rev-parse", "HEAD"]), "");
        assert_eq!(without_head(lab.repo.state()), without_head(state));
    };
    lab.repo.write("sub/b", "dirty\n");
    refused("has changes that are not committed, in sub/b").await;
    lab.repo.git(&["add", "sub/b"]);
    refused("has changes that are not committed, in sub/b").await;
    lab.repo.git(&["reset", "--quiet", "--hard"]);
    lab.repo.git(&["switch", "--quiet", "-c", "other"]);
    refused("has other checked out, not main").await;
    lab.repo.git(&["switch", "--quiet", "--detach"]);
    refused("has no branch checked out, not main").await;
    lab.repo.git(&["switch", "--quiet", "main"]);
    for what in ["MERGE_HEAD", "rebase-merge"] {
        let path = lab.repo.path.join(".git").join(what);
        std::fs::create_dir(&path).unwrap();
        refused(what).await;
        std::fs::remove_dir(&path).unwrap();
    }
    // Files that git does not know, ignored or not.
    for name in ["new", "ignored"] {
        lab.repo.write(name, "precious\n");
    }
    refused("new is in the way").await;
    std::fs::remove_file(lab.repo.path.join("new")).unwrap();
    let tree = lab.tree(&run).await;
    tree.write("ignored", "of the run\n");
    tree.git(&["add", "--force", "ignored"]);
    tree.git(&[
        "-c",
        "user.name=a",
        "-c",
        "user.email=b",
        "commit",
        "-qm",
        "ignored",
    ]);
    refused("ignored is in the way").await;
    assert_eq!(lab.repo.read("ignored"), "precious\n");
    std::fs::remove_file(lab.repo.path.join("ignored")).unwrap();
    // One that is in nobody's way is no obstacle.
    lab.repo.write("mine", "precious\n");
    lab.merge(&run).await.ok();
    assert_eq!(lab.repo.status(), "?? mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_tree_that_has_left_its_branch_or_holds_another_repository_is_not_merged() {
    let lab = Lab::start().await;
    let run = lab.run("git checkout -qb elsewhere; echo x > new").await;
    assert!(
        lab.merge(&run)
            .await
            .refusal()
            .contains("has left its branch")
    );
    let run = lab.run("git init -q inner; cd inner; git -c user.name=a -c user.email=b commit -q --allow-empty -m x").await;
    let refused = lab.merge(&run).await;
    assert!(
        refused
            .refusal()
            .contains("inner/ in the work tree is a repository of its own")
            || refused
                .refusal()
                .contains("inner in the work tree is a repository of its own"),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_merges_at_once_both_happen_or_one_is_told_why_not() {
    let lab = Lab::start().await;
    let one = lab.run("echo 1 > one; echo mine > a").await;
    let other = lab.run("echo 2 > other").await;
    let third = lab.run("echo 3 > third; echo its > a").await;
    let (first, second, last, again) = tokio::join!(
        lab.merge(&one),
        lab.merge(&other),
        lab.merge(&third),
        lab.merge(&one)
    );
    second.ok();
    assert_eq!(
        [first.status, last.status, again.status]
            .iter()
            .filter(|it| **it == 200)
            .count(),
        1
    );
    assert_eq!(lab.repo.status(), "");
    lab.repo.git(&["fsck", "--no-dangling"]);
    assert_eq!(
        lab.repo
            .git(&["log", "--merges", "--format=%h"])
            .lines()
            .count(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_whose_files_cannot_all_be_written_is_taken_back() {
    // Git breaks off in the middle of the files: one is written, one is made, the index is as it was.
    let script = "case \"$*\" in *read-tree*-u*) cd \"$3\"; echo 2 > a; echo x > new; echo 'fatal: disk full' >&2; exit 128;; esac";
    let lab = Lab::with(with_git(lab(""), script)).await;
    let run = lab
        .run("echo 2 > a; echo x > new; mkdir d; echo y > d/e; rm sub/b")
        .await;
    let (head, log) = (
        lab.repo.git(&["rev-parse", "HEAD"]),
        lab.repo.git(&["rev-list", "main"]),
    );
    let refused = lab.merge(&run).await;
    assert_eq!(refused.refusal(), "git read-tree failed: fatal: disk full");
    assert_eq!(lab.repo.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(lab.repo.git(&["rev-list", "main"]), log);
    assert_eq!(
        (lab.repo.status(), lab.repo.read("a")),
        (String::new(), "one\n".into())
    );
    assert!(
        lab.event("worktree.kept").await["reason"]
            .as_str()
            .unwrap()
            .contains("disk full")
    );
    assert_eq!(lab.worktree(&run).await["status"], "ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_that_moves_during_the_merge_is_not_moved_back() {
    // Somebody commits just before the branch is to be moved.
    let script = "case \"$*\" in *update-ref*refs/heads/main*) cd \"$3\"
        /usr/bin/git commit -q --allow-empty -m meanwhile;; esac";
    let script = format!("export HOME=/nowhere\n{script}");
    let lab = Lab::with(with_git(lab(""), &script)).await;
    let run = lab.run("echo 2 > a").await;
    let refused = lab.merge(&run).await;
    assert!(
        refused.refusal().contains("git update-ref failed"),
        "{refused:?}"
    );
    assert_eq!(lab.repo.git(&["log", "-1", "--format=%s"]), "meanwhile");
    assert_eq!(
        (lab.repo.status(), lab.repo.read("a")),
        (String::new(), "one\n".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_same_length_in_the_second_of_the_checkout_is_seen() {
    let lab = Lab::start().await;
    for number in 0..5 {
        let text = format!("{number}..\n");
        let run = lab.run(&format!("echo {number}.. > a")).await;
        lab.merge(&run).await.ok();
        assert_eq!(lab.repo.read("a"), text);
    }
}
