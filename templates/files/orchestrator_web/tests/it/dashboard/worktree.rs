//! What a run has changed, and what becomes of it: a real repository, and a real agent in it.

use crate::worktrees::support::{Lab, exists};

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_shown_line_by_line_and_what_is_much_behind_a_link() {
    let lab = Lab::start().await;
    let run = lab
        .run(
            "printf 'one\\n<b>two</b>\\033[31m\\n' > a; git rm -q sub/b; git commit -qm own
            seq 5000 > many; head -c 3000 /dev/zero | tr '\\0' x > '0 wide'; printf '\\0' > bin",
        )
        .await;
    let page = lab.host.visit(&format!("/runs/{run}")).await;
    page.shows("not merged</span>");
    page.shows(&format!("<a href=\"/runs/{run}/diff\">"));

    let page = lab.host.visit(&format!("/runs/{run}/diff")).await;
    page.shows("<strong>5 changes</strong>");
    page.shows("<summary><code>a</code> <small>modified, unstaged</small>");
    page.shows("<span> one</span><ins>+&#60;b&#62;two&#60;/b&#62;</ins>");
    page.shows("<small>deleted, committed</small>");
    page.shows("<b>@@ -1 +0,0 @@</b><del>-two</del>");
    page.shows("<small>added, untracked</small>");
    page.shows("<small>and 2001 more bytes</small>");
    page.shows("Not text, or larger than 1 MiB.");
    page.shows("<ins>+1</ins>");
    page.shows_no("<ins>+301</ins>");
    let more = page.values("href").into_iter();
    let more = { more }.find(|it| it.ends_with("path=many")).unwrap();
    let alone = lab.host.visit(&more).await;
    alone.shows("<ins>+5000</ins>");
    alone.shows_no("sub/b");
    alone.shows(&format!("<a href=\"/runs/{run}/diff\">All changes</a>"));

    let part = lab
        .host
        .visit(&format!("/runs/{run}/diff?part=files"))
        .await;
    part.shows("<ins>+1</ins>");
    part.shows_no("<html");
    let patch = format!("/api/runtime/agents/{run}/diff?format=patch");
    lab.host.visit(&patch).await.shows("+5000");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_says_what_it_will_do_and_a_refusal_why_not() {
    let lab = Lab::start().await;
    let run = lab.run("echo theirs > a; echo new > c").await;
    lab.repo.write("a", "ours\n");
    let merge = format!("/runs/{run}/merge");
    let state = lab.repo.state();
    let question = lab.host.visit(&merge).await;
    question.shows("It cannot be merged now");
    question.shows("has changes that are not committed, in a");
    question.shows_no("<form method=\"post\" action=\"/runs");
    let refused = lab.host.submit(&merge, &[]).await;
    assert_eq!(refused.status, 409);
    refused.shows("has changes that are not committed, in a");
    refused.shows(&format!("href=\"/runs/{run}\""));

    lab.repo.commit("ours");
    let question = lab.host.visit(&format!("{merge}?part=question")).await;
    question.shows("have both changed the same");
    question.shows("<p>a</p>");
    assert_eq!(lab.host.submit(&merge, &[]).await.status, 409);
    assert_ne!(lab.repo.state(), state);

    lab.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]);
    let question = lab.host.visit(&merge).await;
    question.shows("goes into main in");
    question.shows("as one commit.");
    assert_eq!(lab.repo.read("a"), "one\n");
    let done = lab.host.submit(&merge, &[]).await.leads_to();
    assert_eq!(lab.repo.read("a"), "theirs\n");
    lab.host.visit(&done).await.shows("merged</span>");
    lab.host
        .visit(&merge)
        .await
        .shows("has nothing that main lacks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discard_tells_what_is_lost_and_how_the_rest_comes_back() {
    let lab = Lab::start().await;
    let script = "echo 1 > c; git add c; git commit -qm own; echo 2 > d; echo x > ignored";
    let run = lab.run(script).await;
    let tree = lab.tree(&run).await;
    let discard = format!("/runs/{run}/discard");
    let state = lab.repo.state();
    let question = lab.host.visit(&discard).await;
    question.shows("Not merged: 1 commit and 1 changed file that no commit holds.");
    question.shows("1 file or folder that git ignores are gone for good.");
    question.shows("name=\"force\" value=\"true\"");
    assert_eq!(lab.repo.state(), state);
    // Nobody was asked about what is lost.
    let refused = lab.host.submit(&discard, &[]).await;
    refused.shows("merge them first");
    assert_eq!((refused.status, exists(&tree.path)), (409, true));

    let done = lab.host.submit(&discard, &[("force", "true")]).await;
    let page = lab.host.visit(&done.leads_to()).await;
    assert!(!exists(&tree.path));
    page.shows("discarded</span>");
    page.shows(&format!("rescued refs/tac/rescue/{run}/"));
    page.shows_no(&format!("href=\"{discard}\""));
    lab.host
        .visit(&format!("/runs/{run}/diff"))
        .await
        .shows("keeps its work");
    lab.host.visit(&discard).await.shows("was discarded");
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_run_has_failed_is_told_in_words() {
    let lab = Lab::start().await;
    let run = lab.host.run("exit 3").await;
    assert_eq!(lab.host.end(&run).await.status, "failed");
    let page = lab.host.visit(&format!("/runs/{run}")).await;
    page.shows("<dt>Reason</dt><dd>its program ended with an error</dd>");
}
