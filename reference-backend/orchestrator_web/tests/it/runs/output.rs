//! What a run prints: as it came, in its log, and in the tables.

use reqwest::Method;
use serde_json::json;

use super::support::{Host, program};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_leaves_its_log_its_prompt_and_its_cost() {
    let host = Host::start().await;
    let prompt = "think Hm.\nsay Hello.\ntool Read README.md\ncost 0.0042\nsay Done.";
    let reply = host.execute(json!({ "prompt": prompt })).await;
    assert_eq!(reply.status, 202);
    let run = reply.body["id"].as_str().unwrap();
    assert_eq!(reply.location, format!("/api/runtime/agents/{run}"));
    assert_eq!(reply.body["status"], "pending");

    let told = host.end(run).await;
    assert_eq!(told.status, "completed");
    assert_eq!(told.messages("output"), ["Hm.", "Hello.", "Done."]);
    assert_eq!(told.messages("tool_call"), ["Read", "README.md"]);

    let ended = host.instance(run).await;
    assert_eq!(ended["status"], "completed");
    assert_eq!(ended["model"], "demo");
    assert_eq!(ended["cost_usd"], 0.0042);
    assert_eq!(ended["cost_is_estimate"], false);
    assert_eq!(ended["exit_reason"], json!(null));
    // Eleven words were asked, three were answered.
    assert_eq!(
        (&ended["tokens_input"], &ended["tokens_output"]),
        (&json!(11), &json!(3))
    );
    let prompts = host
        .get(&format!("/api/runtime/prompts?agent_id={run}"))
        .await;
    assert_eq!(prompts[0]["prompt_text"], prompt);
    assert_eq!(prompts[0]["response_text"], "Done.");
    assert_eq!(prompts[0]["status"], "completed");
    assert_eq!(prompts[0]["cost_usd"], 0.0042);
    let costs = host.get("/api/costs").await;
    assert_eq!(costs[0]["cost_usd"], 0.0042);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_kept_as_they_came_and_read_across_pieces() {
    let host = Host::start().await;
    // The two bytes of an é come apart.
    let run = host
        .run("bytes 63 61 66 c3\nsleep 100ms\nbytes a9 0a ff 0a\nno-result")
        .await;
    let told = host.end(&run).await;
    assert_eq!(told.messages("output"), ["café", "\u{fffd}"]);

    let part = |query: &str| {
        let path = format!("/api/runtime/agents/{run}/output?{query}");
        host.request(Method::GET, &path).send()
    };
    let all = part("stream=stdout").await.unwrap();
    assert_eq!(all.headers()["content-type"], "application/octet-stream");
    let all = all.bytes().await.unwrap();
    assert!(all.ends_with(b"caf\xc3\xa9\n\xff\n"), "{all:?}");
    let offset = all.len() - 8;
    let some = part(&format!("offset={offset}&length=3")).await.unwrap();
    assert_eq!(&some.bytes().await.unwrap()[..], b"caf");
    let beyond = part("offset=1000000").await.unwrap();
    assert!(beyond.bytes().await.unwrap().is_empty());
    for wrong in ["length=0", "offset=-1", "stream=both", "length=99999999"] {
        assert_eq!(part(wrong).await.unwrap().status(), 422, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_lines_and_a_very_long_one_are_all_taken() {
    let host = Host::start().await;
    let run = host.run("lines 10000\nlong-line 20000000\nstderr oh").await;
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed");
    let output = told.messages("output");
    let lines: Vec<_> = output
        .iter()
        .filter(|line| line.starts_with("line "))
        .collect();
    let expected: Vec<_> = (1..=10_000)
        .map(|number| format!("line {number}"))
        .collect();
    assert_eq!(lines, expected.iter().collect::<Vec<_>>());
    let long = output.iter().find(|line| line.starts_with("xxx")).unwrap();
    assert!(
        long.len() < 40_000 && long.contains("[cut: "),
        "{} bytes",
        long.len()
    );
    assert!(output.contains(&"oh"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_any_kind_runs_with_the_variables_that_its_executor_lists() {
    let toml = "[executors.env]\nkind = 'command'\nprogram = ['/usr/bin/env']\nenv = ['SEEN']";
    let program = program(toml)
        .variable("SEEN", "yes")
        .variable("HIDDEN", "no");
    let mut host = Host::with(program).await;
    host.agent = host.agent_with(json!({ "executor": "env" })).await;
    let run = host.run("nothing").await;
    let told = host.end(&run).await;
    assert_eq!(told.status, "completed");
    let mut variables = told.messages("output");
    variables.sort_unstable();
    assert_eq!(
        variables,
        [
            "ORCHESTRATOR_ATTEMPT=1",
            &*format!("ORCHESTRATOR_RUN_ID={run}"),
            "SEEN=yes"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_goes_on_with_the_session_of_the_first() {
    let host = Host::start().await;
    let session = async |run: &str| {
        let told = host.end(run).await;
        told.messages("milestone")[0].to_owned()
    };
    let in_it = json!({ "prompt": "cost 0.5", "session_id": "tuesday" });
    let first = host.execute(in_it.clone()).await.body;
    let first = session(first["id"].as_str().unwrap()).await;
    let second = host.execute(in_it).await.body;
    assert_eq!(session(second["id"].as_str().unwrap()).await, first);
    let other = host.run("say hello").await;
    assert_ne!(session(&other).await, first);
}
