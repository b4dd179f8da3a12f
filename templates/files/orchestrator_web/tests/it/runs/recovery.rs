//! The service ends, well or badly, while agents work.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::support::{Host, demo, processes, program};
use crate::support::program::Program;
use crate::support::running::Running;

#[tokio::test(flavor = "multi_thread")]
async fn agents_outlive_a_killed_service_and_nothing_that_they_say_is_lost_or_doubled() {
    let host = Host::start().await;
    let chatter = "lines 300\nsay ready\nsleep 700ms\nlines 300\nsay bye";
    let mut runs = Vec::new();
    for prompt in [chatter, chatter, chatter, "setsid-child\nsay ready\nhang"] {
        runs.push(host.run(prompt).await);
    }
    // One that ends while nobody looks.
    runs.push(host.run("say ready\nsleep 50ms\nsay bye\nexit 4").await);
    for run in &runs {
        host.hear(run, "ready").await;
    }
    let host = host.restart(Signal::KILL);
    for run in &runs[..3] {
        let told = host.end(run).await;
        assert_eq!(told.status, "completed");
        let numbered = (1..=300).map(|number| format!("line {number}"));
        let once: Vec<_> = numbered.collect();
        let all = [once.clone(), vec!["ready".into()], once, vec!["bye".into()]].concat();
        assert_eq!(told.messages("output"), all);
    }
    let (reason, _) = host.failure(&runs[4]).await;
    assert_eq!(reason, "no_result");
    assert_eq!(host.instance(&runs[3]).await["status"], "executing");
    assert!(processes(&runs[3]).len() > 2);
    host.stop(&runs[3]).await;
    assert_eq!(host.end(&runs[3]).await.status, "cancelled");
    for run in &runs {
        assert_eq!(processes(run), [0; 0]);
    }
}

fn kill_the_shim(host: &Host, run: &str) {
    let shim = format!("data/runs/{run}/1/shim.json");
    let shim = std::fs::read(host.service.program.path(&shim)).unwrap();
    let shim: serde_json::Value = serde_json::from_slice(&shim).unwrap();
    let shim = i32::try_from(shim["identity"]["pid"].as_i64().unwrap()).unwrap();
    kill_process(Pid::from_raw(shim).unwrap(), Signal::KILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_shim_was_killed_is_lost_and_what_it_has_started_is_ended() {
    let host = Host::start().await;
    let run = host
        .run("stubborn-child\nignore-term\nsay ready\nhang")
        .await;
    host.hear(&run, "ready").await;
    kill_the_shim(&host, &run);
    assert_eq!(host.end(&run).await.status, "lost");
    assert_eq!(processes(&run), [0; 0]);
}

/// The process that the run's log tells of.
async fn hidden(host: &Host, run: &str) -> i32 {
    let mut log = host.log(run).await;
    loop {
        let line: serde_json::Value = serde_json::from_str(&log.next().await.data).unwrap();
        if let Some(pid) = line["message"].as_str().unwrap().strip_prefix("hidden ") {
            return pid.parse().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hides_from_a_shim_that_is_killed_is_ended_too() {
    // Without the mark, in a session of its own, and nobody's child.
    let hide =
        "/usr/bin/env -i /usr/bin/setsid --fork /bin/sh -c \"echo hidden \\$\\$; exec sleep 600\"";
    let toml = format!(
        "[executors.sh]\nkind = 'command'\nprogram = ['/bin/sh', '-c', '{hide}; exec sleep 600']"
    );
    let mut host = Host::with(program(&toml)).await;
    host.agent = host.agent_with(json!({ "executor": "sh" })).await;
    let run = host.run("go").await;
    let hidden = hidden(&host, &run).await;
    let folder = host.service.program.path(&format!("data/runs/{run}/1"));
    let tree = || std::fs::read_to_string(folder.join("tree.json")).unwrap_or_default();
    // Nothing tells when the shim has looked.
    while !tree().contains(&format!("\"pid\":{hidden},")) {
        tokio::task::yield_now().await;
    }
    assert!(!processes(&run).contains(&hidden));
    kill_the_shim(&host, &run);
    assert_eq!(host.end(&run).await.status, "lost");
    assert_eq!(processes(&run), [0; 0]);
    let stat = std::fs::read_to_string(format!("/proc/{hidden}/stat"));
    assert!(stat.is_err() || stat.unwrap().contains(") Z "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_a_killed_service_was_asked_for_is_done_by_the_next_one() {
    let host = Host::with(program(&demo("").replace("= 0", "= 60"))).await;
    let run = host.run("ignore-term\nsay ready\nhang").await;
    host.hear(&run, "ready").await;
    host.stop(&run).await;
    let host = host.restart(Signal::KILL);
    assert_eq!(host.instance(&run).await["status"], "executing");
    for pid in processes(&run) {
        kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    }
    assert_eq!(host.end(&run).await.status, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_leaves_its_agents_or_ends_them_as_it_was_told() {
    let host = Host::start().await;
    let run = host.run("say ready\nhang").await;
    host.hear(&run, "ready").await;
    let host = host.restart(Signal::TERM);
    assert_eq!(host.instance(&run).await["status"], "executing");

    let Host { service, agent, .. } = host;
    let ended = service.stop(Signal::TERM);
    let service = Running::start_with(ended.program, &["--stop-agents"]);
    let ended = service.stop(Signal::TERM);
    assert_eq!(ended.code, Some(0));
    assert_eq!(processes(&run), [0; 0]);
    let host = Host::again(ended.program, agent);
    assert_eq!(host.instance(&run).await["status"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_a_run_that_is_gone_are_removed() {
    let forgotten = "data/runs/01890a5d-ac96-774b-bcce-b302099a8057/stdout";
    let program: Program = program(&demo("")).file(forgotten, "hello");
    let host = Host::with(program).await;
    let run = host.run("say hello").await;
    host.end(&run).await;
    let forgotten = host.service.program.path(forgotten);
    // At the start, which may take a moment; nothing tells of it.
    while forgotten.exists() {
        tokio::task::yield_now().await;
    }
    let kept = host
        .service
        .program
        .path(&format!("data/runs/{run}/stdout"));
    assert!(kept.exists());
    assert_eq!(host.get("/api/status").await["running"], json!([]));
}
