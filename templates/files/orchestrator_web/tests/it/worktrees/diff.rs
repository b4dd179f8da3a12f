//! What a run has changed, as it is shown.

use serde_json::{Value, json};

use super::support::{Lab, Repo, told};

/// The one file of that part.
fn file<'a>(diff: &'a Value, part: &str, path: &str) -> &'a Value {
    let files = diff["files"].as_array().unwrap();
    let found = files
        .iter()
        .find(|it| it["part"] == part && it["path"] == path);
    found.unwrap_or_else(|| panic!("{part} {path} in {diff}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_is_told_while_the_run_goes_on_and_the_index_stays_as_it_is() {
    let lab = Lab::start().await;
    let script = "echo 2 >> a; git mv sub/b sub/c; git commit -qam done
        echo staged > s; git add s; echo 3 >> a; printf 'no end' > new; echo i > ignored
        ln -s /etc/passwd link; printf 'x\\0y' > bin; echo ready; sleep 1000";
    let run = lab.host.run(script).await;
    lab.host.hear(&run, "ready").await;
    let tree = lab.tree(&run).await;
    let index = Repo::at(tree.git(&["rev-parse", "--absolute-git-dir"])).path;
    let before = std::fs::read(index.join("index")).unwrap();
    let diff = lab.diff(&run).await;
    let diff = diff.ok();
    assert_eq!(
        told(diff),
        [
            "committed modified a",
            "committed renamed sub/c",
            "staged added s",
            "unstaged modified a",
            "untracked added bin",
            "untracked added link",
            "untracked added new",
        ]
    );
    assert_eq!(diff["head"], tree.git(&["rev-parse", "HEAD"]));
    let renamed = file(diff, "committed", "sub/c");
    assert_eq!(
        (&renamed["old_path"], &renamed["added"]),
        (&json!("sub/b"), &json!(0))
    );
    let changed = file(diff, "unstaged", "a");
    assert_eq!(
        (&changed["added"], &changed["removed"]),
        (&json!(1), &json!(0))
    );
    assert!(
        changed["text"]
            .as_str()
            .unwrap()
            .ends_with("@@ -1,2 +1,3 @@\n one\n 2\n+3\n"),
        "{changed}"
    );
    let new = file(diff, "untracked", "new");
    let text = new["text"].as_str().unwrap();
    assert!(
        text.ends_with("+no end\n\\ No newline at end of file\n"),
        "{text}"
    );
    assert_eq!(
        (&new["size"], &new["is_binary"], &new["is_cut"]),
        (&json!(6), &json!(false), &json!(false))
    );
    let binary = file(diff, "untracked", "bin");
    assert_eq!(
        (&binary["is_binary"], &binary["added"]),
        (&json!(true), &json!(null))
    );
    assert!(
        file(diff, "untracked", "link")["text"]
            .as_str()
            .unwrap()
            .contains("+/etc/passwd")
    );

    assert_eq!(std::fs::read(index.join("index")).unwrap(), before);
    let left = std::fs::read_dir(&index)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap());
    assert_eq!(
        left.filter(|name| name.contains("index"))
            .collect::<Vec<_>>(),
        ["index"]
    );
    lab.host.stop(&run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patch_brings_a_copy_of_the_base_to_the_same_files() {
    let lab = Lab::start().await;
    let script = "echo 2 >> a; git rm -q sub/b; git commit -qam done; chmod +x a; mkdir -p d/e
        printf 'x\\0y\\377' > d/e/bin; printf 'no end' > 'two words'; ln -s a link; : > empty
        printf 'quote\"' > 'q\"'; git add link";
    let run = lab.run(script).await;
    let copy = Repo::new(lab.host.service.program.path("copy"));
    let patch = lab.patch(&run).await;
    std::fs::write(copy.path.join("../patch"), &patch).unwrap();
    copy.git(&["apply", "--index", "../patch"]);
    let tree = lab.tree(&run).await;
    tree.git(&["add", "--all"]);
    assert_eq!(copy.git(&["write-tree"]), tree.git(&["write-tree"]));
    // Where nothing was changed there is nothing to apply.
    assert_eq!(lab.patch(&lab.run("true").await).await, b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_large_is_marked_and_not_shown() {
    let lab = Lab::start().await;
    let script = "head -c 300000 /dev/zero | tr '\\0' x | fold -w 99 > long
        for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cp long long$i; done
        truncate -s 20G huge; truncate -s 2M large";
    let run = lab.run(script).await;
    let diff = lab.diff(&run).await;
    let diff = diff.ok();
    let huge = file(diff, "untracked", "huge");
    assert_eq!(
        (&huge["size"], &huge["is_binary"]),
        (&json!(20_u64 << 30), &json!(true))
    );
    assert_eq!(file(diff, "untracked", "large")["is_binary"], true);
    let long = file(diff, "untracked", "long");
    assert_eq!(
        (&long["is_cut"], &long["added"]),
        (&json!(true), &json!(3031))
    );
    let text = long["text"].as_str().unwrap();
    assert!(text.len() <= 256 << 10 && 250_000 < text.len() && text.ends_with("x\n"));
    let texts = diff["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["text"].as_str().unwrap().len());
    assert!(texts.sum::<usize>() <= 4 << 20);
    let path = format!("/api/runtime/agents/{run}/diff?format=patch");
    let refused = crate::runs::support::reply(lab.host.request(reqwest::Method::GET, &path)).await;
    assert!(refused.refusal().contains("larger than"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_and_changes_of_type_are_told() {
    let lab = Lab::start().await;
    let script = "git checkout -qb side; echo side > a; git commit -qam side; git checkout -q -
        echo own > a; rm sub/b; ln -s ../a sub/b; git commit -qam own; git merge -q side > log 2>&1
        rm log; echo more > z";
    let run = lab.run(script).await;
    let diff = lab.diff(&run).await;
    let diff = diff.ok();
    assert_eq!(
        told(diff),
        [
            "committed modified a",
            "committed type_changed sub/b",
            "staged unmerged a",
            "unstaged unmerged a",
            "untracked added z",
        ]
    );
    let text = file(diff, "committed", "sub/b")["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        text.contains("-two\n") && text.contains("+../a\n"),
        "{text}"
    );
    assert!(
        file(diff, "untracked", "z")["text"]
            .as_str()
            .unwrap()
            .ends_with("+more\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_nothing_to_show_the_reason_is_told() {
    let lab = Lab::start().await;
    let body = json!({ "prompt": "true", "worktree": false });
    let run = lab.host.execute(body).await.body["id"]
        .as_str()
        .unwrap()
        .to_owned();
    lab.host.end(&run).await;
    assert_eq!(
        lab.diff(&run).await.refusal(),
        "the run has no work tree of its own"
    );
    let run = lab.run("true").await;
    std::fs::remove_dir_all(lab.tree(&run).await.path).unwrap();
    assert!(lab.diff(&run).await.refusal().ends_with("is gone"));
    lab.discard(&run, json!({})).await.ok();
    assert!(lab.diff(&run).await.refusal().ends_with("was discarded"));
    let path = format!("/api/runtime/agents/{run}/diff?format=html");
    let wrong = crate::runs::support::reply(lab.host.request(reqwest::Method::GET, &path)).await;
    assert_eq!(wrong.status, 422);
}
