//! Who may answer: the owner of the token, and who is logged in. Nobody gives an agent what it would need to
//! answer itself.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::support::{demo, processes, program, reply};
use crate::support::running::Running;

const TOKEN: &str = "correct-horse-battery-staple-0123456789";

#[tokio::test(flavor = "multi_thread")]
async fn no_run_gets_the_token_and_nobody_answers_without_it() {
    let program = program(&demo("")).variable("ORCHESTRATOR_TOKEN", TOKEN);
    let service = Running::start(program);
    let client = reqwest::Client::new();
    let send = |method: Method, path: &str, body: Value| {
        let url = format!("http://{}{path}", service.addresses[0]);
        client.request(method, url).json(&body)
    };
    let post = async |path: &str, body: Value| {
        let reply = reply(send(Method::POST, path, body).bearer_auth(TOKEN)).await;
        assert!(reply.status < 300, "{path}: {reply:?}");
        reply.body
    };
    let agent = json!({ "name": "a", "description": "", "agent_type": "custom",
        "capabilities": "", "executor": "demo" });
    let agent = post("/api/agents", agent).await;
    let execute = format!("/api/agents/{}/execute", agent["id"].as_str().unwrap());
    let run = post(&execute, json!({ "prompt": "ask Bash ls\nhang" })).await;
    let run = run["id"].as_str().unwrap();
    let list = format!("/api/approvals?agent_id={run}");
    let asked = loop {
        let pending = send(Method::GET, &list, Value::Null).bearer_auth(TOKEN);
        if let Some(asked) = reply(pending).await.body.get(0) {
            break asked["id"].as_str().unwrap().to_owned();
        }
        tokio::task::yield_now().await;
    };

    let pids = processes(run);
    assert_eq!(pids.len(), 2, "a shim and an agent");
    for pid in pids {
        for file in ["environ", "cmdline"] {
            let text = std::fs::read(format!("/proc/{pid}/{file}")).unwrap();
            let text = String::from_utf8_lossy(&text);
            assert!(
                !text.contains(TOKEN) && !text.contains("ORCHESTRATOR_TOKEN"),
                "{text}"
            );
        }
    }
    let mut folders = vec![service.program.path(&format!("data/runs/{run}"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&text);
            assert!(!text.contains(TOKEN), "{}", path.display());
        }
    }

    let allow = format!("/api/approvals/{asked}/allow");
    let stranger = reply(send(Method::POST, &allow, json!({}))).await;
    assert_eq!(stranger.status, 401);
    let guess = send(Method::POST, &allow, json!({})).bearer_auth(run);
    assert_eq!(reply(guess).await.status, 401);
    // A person in a browser, with a code from the owner of the token.
    let code = post("/api/login-codes", json!({})).await;
    let own = format!("http://{}", service.addresses[0]);
    let form = format!("code={}", code["code"].as_str().unwrap());
    let login = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let login = login.build().unwrap().post(format!("{own}/login"));
    let login = login.header("content-type", "application/x-www-form-urlencoded");
    let session = login
        .header("origin", &own)
        .body(form)
        .send()
        .await
        .unwrap();
    let session = session.headers()["set-cookie"].to_str().unwrap();
    let session = session.split(';').next().unwrap();
    let by_hand = send(Method::POST, &allow, json!({})).header("cookie", session);
    let answered = reply(by_hand.header("origin", &own)).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    assert_eq!(answered.body["decided_by"], "person");
    post(&format!("/api/runtime/agents/{run}/stop"), json!({})).await;
    while !processes(run).is_empty() {
        tokio::task::yield_now().await;
    }
}
