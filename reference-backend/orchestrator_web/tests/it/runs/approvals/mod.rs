//! Agents that ask, and what they are answered.

mod answers;
mod clock;
mod hostile;
mod restarts;
mod secrets;
mod tables;

use serde_json::{Value, json};

use super::support::{Host, Reply, Told, demo, program};
use crate::support::live::Events;

/// A service with an agent that `/bin/sh` plays, as Claude Code speaks: `script` has read its prompt.
async fn played(script: &str, keys: &str) -> Host {
    let script = format!("read prompt; {script}");
    let toml = format!(
        "[executors.play]\nkind = 'claude'\nstop_pause_seconds = 0\n{keys}\n\
         program = ['/bin/sh', '-c', '''{script}''']"
    );
    let mut host = Host::with(program(&toml)).await;
    host.agent = host.agent_with(json!({ "executor": "play" })).await;
    host
}

/// The line by which an agent asks whether it may use `Bash`.
fn question(request_id: &str, input: &Value) -> String {
    let request = json!({ "subtype": "can_use_tool", "tool_name": "Bash", "input": input });
    json!({ "type": "control_request", "request_id": request_id, "request": request }).to_string()
}

/// The answer that a run has read, where it prints `heard` and the line.
fn heard(told: &Told) -> Value {
    let line = told.messages("output")[0].strip_prefix("heard ").unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    line["response"].clone()
}

impl Host {
    /// Waits for the event `topic` of a run, the `nth` from 0.
    async fn told(&self, run: &str, topic: &str, nth: usize) -> Value {
        let mut events = Events::after(self.service.addresses[0], 0).await;
        let mut seen = 0;
        loop {
            let frame = events.next().await;
            let event: Value = serde_json::from_str(&frame.data).unwrap();
            let data = &event["data"];
            if frame.topic != topic || data["agent_id"] != run {
                continue;
            }
            if seen == nth {
                return data.clone();
            }
            seen += 1;
        }
    }

    /// The approval that a run asks for, the `nth` from 0, as soon as it does.
    async fn asked(&self, run: &str, nth: usize) -> Value {
        let told = self.told(run, "approval.requested", nth).await;
        self.approval(told["id"].as_str().unwrap()).await
    }

    async fn approval(&self, id: &str) -> Value {
        self.get(&format!("/api/approvals/{id}")).await
    }

    /// `how` is `allow` or `deny`.
    async fn answer(&self, approval: &Value, how: &str, body: Value) -> Reply {
        let id = approval["id"].as_str().unwrap();
        self.post(&format!("/api/approvals/{id}/{how}"), body).await
    }
}
