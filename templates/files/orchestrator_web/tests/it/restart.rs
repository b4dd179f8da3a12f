//! What a `kill -9` of the program leaves, and how its clients go on.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::live::Events;
use crate::support::planner;
use crate::support::program::Program;
use crate::support::running::Running;

const WRITERS: usize = 4;
const ROUNDS: usize = 3;
/// Together they fit into one page of a list.
const WRITES: usize = 60;

/// Creates agents until the service is gone; the names of those that it acknowledged.
async fn write(address: SocketAddr, prefix: String) -> Vec<String> {
    let client = reqwest::Client::new();
    let mut acknowledged = Vec::new();
    for n in 0..WRITES {
        let name = format!("{prefix} {n}");
        let post = client.post(format!("http://{address}/api/agents"));
        match post.json(&planner(&name)).send().await {
            Ok(answer) => assert_eq!(answer.status(), 201),
            Err(_) => break,
        }
        acknowledged.push(name);
    }
    acknowledged
}

async fn names(address: SocketAddr) -> BTreeSet<String> {
    let list = reqwest::get(format!("http://{address}/api/agents?limit=1000")).await;
    let list: Value = list.unwrap().json().await.unwrap();
    let name = |agent: &Value| agent["name"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_survive_a_kill_and_a_stream_goes_on_where_it_was() {
    let mut program = Program::new();
    let mut acknowledged = BTreeSet::new();
    let mut seen = Vec::new();
    for round in 0..ROUNDS {
        let service = Running::start(program);
        let address = service.addresses[0];
        let mut events = Events::after(address, seen.last().copied().unwrap_or(0)).await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(address, format!("{round} {writer}"))))
            .collect();
        for _ in 0..WRITES / 2 {
            seen.push(events.next().await.id);
        }
        let ended = tokio::task::spawn_blocking(|| service.stop(Signal::KILL));
        program = ended.await.unwrap().program;
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
    }
    let service = Running::start(program);
    let address = service.addresses[0];
    let names = names(address).await;
    let lost: Vec<_> = acknowledged.difference(&names).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
    // Every agent has its event, and the follower has seen each of them once.
    let mut events = Events::after(address, *seen.last().unwrap()).await;
    while seen.len() < names.len() {
        seen.push(events.next().await.id);
    }
    let all: Vec<_> = (1..).take(names.len()).collect();
    assert_eq!(seen, all);
}
