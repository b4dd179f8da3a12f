//! A running service with workflows whose agents are shells: a prompt is a script.

use serde_json::{Value, json};

use crate::runs::support::{Host, Reply, program};
use crate::support::id;
use crate::support::live::Events;
use crate::support::program::Program;

pub struct Flows {
    pub host: Host,
}

/// With an executor that runs its prompt as a shell does, and these workflows.
pub fn shells(toml: &str) -> Program {
    let shell = "[executors.shell]\nkind = 'command'\nprogram = ['sh']\nstop_pause_seconds = 0\n";
    let path = std::env::var("PATH").unwrap();
    program(&format!("{shell}{toml}")).variable("PATH", &path)
}

/// A workflow `flow` of shells with these steps, each the rest of its table.
pub fn flow(steps: &[&str]) -> String {
    let steps = steps
        .iter()
        .map(|step| format!("\n[[workflows.flow.steps]]\nagent = 'shell'\n{step}"));
    format!(
        "[workflows.flow]\nexecutor = 'shell'{}",
        steps.collect::<String>()
    )
}

impl Flows {
    pub fn of(steps: &[&str]) -> Self {
        Self::with(shells(&flow(steps)))
    }

    pub fn with(program: Program) -> Self {
        let host = Host::again(program, String::new());
        Self { host }
    }

    pub async fn start_with(&self, body: Value) -> Reply {
        self.host.post("/api/workflows/start/flow", body).await
    }

    /// The id of a new one.
    pub async fn start(&self) -> String {
        let reply = self.start_with(json!({})).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        id(&reply.body)
    }

    pub async fn stop(&self, workflow: &str) -> Reply {
        let path = format!("/api/workflows/stop/{workflow}");
        self.host.post(&path, json!({})).await
    }

    pub async fn restart(&self, workflow: &str, body: Value) -> Reply {
        let path = format!("/api/workflows/restart/{workflow}");
        self.host.post(&path, body).await
    }

    pub async fn get(&self, workflow: &str) -> Value {
        self.host.get(&format!("/api/workflows/{workflow}")).await
    }

    pub async fn stream(&self, workflow: &str) -> Events {
        let path = format!("/api/workflows/stream/{workflow}");
        Events::open(self.host.service.addresses[0], &path, None).await
    }

    /// The workflow as soon as it `is_so`.
    pub async fn until(&self, workflow: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let mut stream = self.stream(workflow).await;
        loop {
            let frame = stream.next().await;
            assert_eq!(frame.topic, "status");
            let workflow: Value = serde_json::from_str(&frame.data).unwrap();
            if is_so(&workflow) {
                return workflow;
            }
        }
    }

    pub async fn end(&self, workflow: &str) -> Value {
        self.until(workflow, |it| it["completed_at"].is_string())
            .await
    }

    /// The run of a step as soon as that goes on.
    pub async fn run_of(&self, workflow: &str, name: &str) -> String {
        let goes_on = |it: &Value| step(it, name)["status"] == "running";
        let workflow = self.until(workflow, goes_on).await;
        step(&workflow, name)["run_id"].as_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.host.service.program.path(name), text).unwrap();
    }

    /// The lines of a file in the folder where the steps work; none if there is no such file.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.host.service.program.path(name));
        text.unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

pub fn step<'a>(workflow: &'a Value, name: &str) -> &'a Value {
    let steps = workflow["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap()
}

/// `name status iteration.attempt` of each step.
pub fn told(workflow: &Value) -> Vec<String> {
    let steps = workflow["steps"].as_array().unwrap().iter();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let one = |it: &Value| {
        let (name, status) = (text(&it["name"]), text(&it["status"]));
        format!("{name} {status} {}.{}", it["iteration"], it["attempt"])
    };
    steps.map(one).collect()
}
