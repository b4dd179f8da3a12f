//! The service is killed at each of its calls of git, before the call or in its place: after the next
//! start everything is as it was, or done.

use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;

use super::support::{Lab, exists, lab, with_git};
use crate::support::program::Program;

/// Counts the service's calls in the file `count`; at the one that the file `die` names the service is
/// killed, and the call goes on only if there is a file `go-on`.
fn mortal() -> Program {
    let program = lab("");
    let folder = program.path("").display().to_string();
    let script = format!(
        "case \"$1\" in --no-pager)
         cd {folder}; n=$(($(cat count 2> /dev/null || echo 0) + 1)); echo $n > count
         if [ \"$n\" = \"$(cat die 2> /dev/null)\" ]; then kill -9 $PPID; [ -e go-on ] || exit 1; fi;; esac"
    );
    with_git(program, &script)
}

/// Has the service killed at its call `number` from now on.
fn arm(lab: &Lab, number: usize, goes_on: bool) {
    let program = &lab.host.service.program;
    std::fs::write(program.path("count"), "0").unwrap();
    std::fs::write(program.path("die"), number.to_string()).unwrap();
    let go_on = program.path("go-on");
    // It may not be there.
    let _ = std::fs::remove_file(&go_on);
    if goes_on {
        std::fs::write(go_on, "").unwrap();
    }
}

fn disarm(lab: &Lab) {
    std::fs::remove_file(lab.host.service.program.path("die")).unwrap();
}

/// How many calls there were.
fn calls(lab: &Lab) -> usize {
    let count = std::fs::read_to_string(lab.host.service.program.path("count")).unwrap();
    count.trim().parse().unwrap()
}

/// Asks for something that may end the service; whether it was answered well.
async fn ask(lab: &Lab, run: &str, what: &str, body: serde_json::Value) -> bool {
    let path = format!("/api/runtime/agents/{run}/{what}");
    let answer = lab
        .host
        .request(Method::POST, &path)
        .json(&body)
        .send()
        .await;
    answer.is_ok_and(|answer| answer.status() == 200)
}

fn is_sound(lab: &Lab) {
    assert_eq!(lab.repo.status(), "");
    lab.repo.git(&["fsck", "--no-dangling", "--strict"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_work_tree_is_being_made_gets_it_after_the_restart() {
    let mut lab = Lab::with(mortal()).await;
    for number in 6.. {
        arm(&lab, number, number % 2 == 0);
        let run = lab.host.run("cat a; echo x > made").await;
        let log = lab.host.request(
            Method::GET,
            &format!("/api/runtime/agents/{run}/logs/stream"),
        );
        // Until the run or the service ends.
        let _ = log.send().await.unwrap().bytes().await;
        let has_died = number <= calls(&lab);
        disarm(&lab);
        if has_died {
            lab = lab.restart(Signal::KILL);
        }
        let told = lab.host.end(&run).await;
        assert_eq!(
            told.status,
            "completed",
            "{number}: {}",
            lab.host.instance(&run).await
        );
        assert_eq!(told.messages("output"), ["one"]);
        is_sound(&lab);
        let trees = lab.repo.git(&["worktree", "list", "--porcelain"]);
        assert_eq!(trees.matches("worktree ").count(), 2, "{number}: {trees}");
        assert_eq!(
            lab.repo.git(&["branch", "--list", "tac/*"]).lines().count(),
            1,
            "{number}"
        );
        assert_eq!(
            lab.discard(&run, json!({ "force": true })).await.status,
            200
        );
        if !has_died {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_is_done_or_has_not_begun_after_the_restart() {
    let mut lab = Lab::with(mortal()).await;
    // The calls before only look.
    for number in 16.. {
        let file = format!("made-{number}");
        let run = lab
            .run(&format!("echo x > {file}; echo {number} > a"))
            .await;
        let before = lab.repo.git(&["rev-parse", "HEAD"]);
        arm(&lab, number, number % 2 == 0);
        let is_done = ask(&lab, &run, "merge", json!({})).await;
        disarm(&lab);
        if is_done {
            return is_sound(&lab);
        }
        lab = lab.restart(Signal::KILL);
        // What was begun is finished first.
        while lab.worktree(&run).await["status"] == "ready"
            && !ask(&lab, &run, "merge", json!({})).await
        {}
        assert_eq!(lab.worktree(&run).await["status"], "merged", "{number}");
        is_sound(&lab);
        assert_eq!(lab.repo.read(&file), "x\n", "{number}");
        let merged = lab
            .repo
            .git(&["rev-list", "--merges", &format!("{before}..HEAD")]);
        assert_eq!(merged.lines().count(), 1, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_discarded_is_there_or_rescued_after_the_restart() {
    let mut lab = Lab::with(mortal()).await;
    for number in 8.. {
        let run = lab
            .run("echo 1 > made; git add made; git commit -qm own; echo 2 > made")
            .await;
        let tree = lab.tree(&run).await;
        arm(&lab, number, number % 2 == 0);
        let is_done = ask(&lab, &run, "discard", json!({ "force": true })).await;
        disarm(&lab);
        if !is_done {
            lab = lab.restart(Signal::KILL);
            while lab.worktree(&run).await["status"] != "discarded" {
                let _ = ask(&lab, &run, "discard", json!({ "force": true })).await;
            }
        }
        let rescue = lab.worktree(&run).await["rescue"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(lab.repo.blob(&rescue, "made"), b"2\n", "{number}");
        assert_eq!(
            lab.repo.blob(&format!("{rescue}^1"), "made"),
            b"1\n",
            "{number}"
        );
        assert!(!exists(&tree.path), "{number}");
        assert_eq!(lab.repo.git(&["branch", "--list", "tac/*"]), "", "{number}");
        assert_eq!(
            lab.repo.git(&["worktree", "list"]).lines().count(),
            1,
            "{number}"
        );
        is_sound(&lab);
        if is_done {
            return;
        }
    }
}
