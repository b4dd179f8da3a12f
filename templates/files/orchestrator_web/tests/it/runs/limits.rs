//! How many runs go on at the same time: of an agent, in a work tree, on an executor, for an account.

use serde_json::{Value, json};

use super::support::{Host, demo, program};
use crate::support::id;
use crate::support::program::Program;

/// Starts one run that stays, and then another one of `body`, which is to wait for it with this reason;
/// and that `free`, which differs in what the limit counts, does not wait.
async fn waits(host: &Host, body: impl Fn(&str) -> Value, free: (&str, Value), reason: &str) {
    let first = id(&host.execute(body("say ready\nhang")).await.body);
    host.hear(&first, "ready").await;
    let second = id(&host.execute(body("say hello")).await.body);
    let (agent, free) = free;
    let free = host
        .post(&format!("/api/agents/{agent}/execute"), free)
        .await;
    assert_eq!(host.end(&id(&free.body)).await.status, "completed");
    let status = host.get("/api/status").await;
    assert_eq!(status["queued"][0]["id"], second.as_str(), "{status}");
    assert_eq!(status["queued"][0]["reason"], reason);
    assert_eq!(host.instance(&second).await["status"], "pending");
    host.stop(&first).await;
    assert_eq!(host.end(&second).await.status, "completed");
}

fn prompt(text: &str) -> Value {
    json!({ "prompt": text })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_has_a_limit_of_its_own() {
    let other = "[executors.other]\nkind = 'demo'";
    let toml = format!("{}\n{other}", demo("max_running = 1"));
    let host = Host::with(program(&toml)).await;
    let other = host.agent_with(json!({ "executor": "other" })).await;
    waits(&host, prompt, (&other, prompt("say hi")), "executor_limit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_has_a_limit_of_its_own() {
    let host = Host::with(program(&demo("")).variable("MAX_RUNNING_PER_AGENT", "1")).await;
    assert_eq!(host.get("/api/status").await["agent_limit"], 1);
    let other = host
        .agent_with(json!({ "executor": "demo", "name": "other" }))
        .await;
    waits(&host, prompt, (&other, prompt("say hi")), "agent_limit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn executors_of_one_account_share_its_limit() {
    let toml = "[accounts.team]\nmax_running = 1\n[executors.one]\nkind = 'demo'\naccount = 'team'\n\
        stop_pause_seconds = 0\n[executors.two]\nkind = 'demo'\naccount = 'team'";
    let mut host = Host::with(program(toml)).await;
    let free = host.agent.clone();
    let one = host.agent_with(json!({ "executor": "one" })).await;
    let first = host
        .post(
            &format!("/api/agents/{one}/execute"),
            prompt("say ready\nhang"),
        )
        .await;
    let first = id(&first.body);
    host.hear(&first, "ready").await;
    host.agent = host.agent_with(json!({ "executor": "two" })).await;
    let second = host.run("say hello").await;
    let free = host
        .post(&format!("/api/agents/{free}/execute"), prompt("say hi"))
        .await;
    host.end(&id(&free.body)).await;
    assert_eq!(
        host.get("/api/status").await["queued"][0]["reason"],
        "account_limit"
    );
    host.stop(&first).await;
    assert_eq!(host.end(&second).await.status, "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_tree_has_a_limit_wherever_in_it_the_runs_are() {
    let toml = format!(
        "[agents]\nroots = ['.']\nmax_running_per_repository = 1\n{}",
        demo("")
    );
    let program: Program = program(&toml)
        .file("tree/.git/HEAD", "ref: refs/heads/main\n")
        .file("tree/a/b/file", "")
        .file("tree/module/.git", "gitdir: ../.git/modules/module\n");
    let host = Host::with(program).await;
    let folder = |text: &str| {
        let folder = if text.ends_with("hang") {
            "tree/a/b"
        } else {
            "tree"
        };
        json!({ "prompt": text, "working_dir": folder })
    };
    let module = json!({ "prompt": "say hi", "working_dir": "tree/module" });
    let agent = host.agent.clone();
    waits(&host, folder, (&agent, module), "repository_limit").await;
}
