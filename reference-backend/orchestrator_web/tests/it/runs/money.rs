//! What runs cost, told by real agents.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::support::{Host, demo, program};
use crate::support::program::Program;

/// A line that an agent prints: a message of a model, and what it has used.
pub fn message(id: &str, model: &str, input: i64, output: i64) -> String {
    let usage = json!({ "input_tokens": input, "output_tokens": output });
    let message =
        json!({ "id": id, "model": model, "role": "assistant", "content": [], "usage": usage });
    format!(
        "print {}\n",
        json!({ "type": "assistant", "message": message })
    )
}

/// The sums by `by`: key, runs, tokens read, dollars, whether they are estimated.
async fn costs(host: &Host, by: &str) -> Vec<Value> {
    let sums = host.get(&format!("/api/costs?by={by}")).await;
    let shown = sums.as_array().unwrap().iter().map(|it| {
        json!([
            it["key"],
            it["runs"],
            it["tokens_input"],
            it["cost_usd"],
            it["is_estimate"]
        ])
    });
    shown.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_model_of_a_run_has_what_was_spent_on_it() {
    let host = Host::start().await;
    let result = json!({ "type": "result", "subtype": "success", "total_cost_usd": 0.75,
        "modelUsage": {
            "claude-opus-4-5": { "inputTokens": 10, "cacheReadInputTokens": 90, "costUSD": 0.5 },
            "claude-haiku-4-5": { "inputTokens": 7, "costUSD": 0.25 },
        } });
    // The estimate names a model that the result does not.
    let prompt = format!("{}print {result}\nno-result", message("m", "opus", 1, 1));
    let run = host.run(&prompt).await;
    assert_eq!(host.end(&run).await.status, "completed");
    let by_model = costs(&host, "model").await;
    let expected = [
        json!(["claude-opus-4-5", 1, 100, 0.5, false]),
        json!(["claude-haiku-4-5", 1, 7, 0.25, false]),
    ];
    assert_eq!(by_model, expected);
    let all = json!([null, 1, 107, 0.75, false]);
    assert_eq!(costs(&host, "workflow").await, [all]);
    let instance = host.instance(&run).await;
    let session = json!([instance["session_id"], 1, 107, 0.75, false]);
    assert_eq!(costs(&host, "session").await, [session]);
    assert_eq!(
        host.get("/api/costs?by=model").await[0]["tokens_cache_read"],
        90
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_executor_is_gone_after_a_restart_has_spent_what_it_had_spent() {
    let other = demo("").replace("demo]", "other]");
    let mut host = Host::with(program(&other)).await;
    host.agent = host.agent_with(json!({ "executor": "other" })).await;
    let spend = message("m", "claude-sonnet-4-5", 1_000_000, 0);
    let run = host.run(&format!("{spend}say ready\nhang")).await;
    host.hear(&run, "ready").await;
    let ended = host.service.stop(Signal::TERM);
    let program: Program = ended.program.file("orchestrator.toml", demo(""));
    let host = Host::again(program, host.agent);
    let (reason, _) = host.failure(&run).await;
    assert_eq!(reason, "spawn_failed");
    let instance = host.instance(&run).await;
    assert_eq!(instance["cost_usd"], 3.0);
    let sum = json!(["claude-sonnet-4-5", 1, 1_000_000, 3.0, true]);
    assert_eq!(costs(&host, "model").await, [sum]);
}

/// Codex does not tell it.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_billed_by_the_model_that_its_executor_names() {
    let script = r#"cat > /dev/null
printf '%s\n' "$*" '{"type":"turn.completed","usage":{"input_tokens":1000000}}'"#;
    let table = format!(
        "[executors.codex]\nmodel = 'gpt-5'\nprogram = ['sh', '-c', '''{script}''', 'codex']"
    );
    let mut host = Host::with(program(&table)).await;
    host.agent = host.agent_with(json!({ "executor": "codex" })).await;
    let run = host.run("go").await;
    let told = host.end(&run).await;
    assert_eq!(told.messages("output"), ["exec --json --model gpt-5 -"]);
    let sum = json!(["gpt-5", 1, 1_000_000, 1.25, true]);
    assert_eq!(costs(&host, "model").await, [sum]);
}
