//! A running service with an agent, and what one asks of it.

use std::cell::Cell;
use std::path::Path;

use reqwest::header::AUTHORIZATION;
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Method, RequestBuilder};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::id;
use crate::support::live::Events;
use crate::support::program::Program;
use crate::support::running::Running;

pub struct Host {
    pub service: Running,
    pub agent: String,
    client: reqwest::Client,
}

/// An answer whose body was JSON, or `Null`.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub location: String,
    pub body: Value,
}

/// The log of a run from its start to its end.
pub struct Told {
    pub lines: Vec<Value>,
    pub status: String,
}

/// Room for many runs, and an agent with the executor `demo` that is stopped at once.
pub fn program(toml: &str) -> Program {
    let roomy = Program::new().variable("MAX_RUNNING", "20");
    roomy.file("orchestrator.toml", format!("{toml}\n"))
}

/// `demo`, with these keys.
pub fn demo(keys: &str) -> String {
    format!("[executors.demo]\nkind = 'demo'\nstop_pause_seconds = 0\n{keys}")
}

/// One that tells where an answer leads, and does not go there.
fn client() -> ClientBuilder {
    reqwest::Client::builder().redirect(Policy::none())
}

impl Host {
    pub async fn start() -> Self {
        Self::with(program(&demo(""))).await
    }

    pub async fn with(program: Program) -> Self {
        let mut host = Self::again(program, String::new());
        host.agent = host.agent_with(json!({ "executor": "demo" })).await;
        host
    }

    /// On what an earlier one has left.
    pub fn again(program: Program, agent: String) -> Self {
        Self::of(Running::start(program), agent)
    }

    pub fn of(service: Running, agent: String) -> Self {
        Self {
            service,
            agent,
            client: client().build().unwrap(),
        }
    }

    /// The same, with a token that each request presents.
    pub fn with_token(self, token: &str) -> Self {
        let bearer = format!("Bearer {token}").parse().unwrap();
        let headers = [(AUTHORIZATION, bearer)].into_iter().collect();
        Self {
            client: client().default_headers(headers).build().unwrap(),
            ..self
        }
    }

    /// Ends the service and starts it anew.
    pub fn restart(self, signal: Signal) -> Self {
        let ended = self.service.stop(signal);
        Self::again(ended.program, self.agent)
    }

    pub async fn agent_with(&self, members: Value) -> String {
        let mut agent = json!({ "name": format!("agent {members}"), "description": "",
            "agent_type": "custom", "capabilities": "" });
        for (key, value) in members.as_object().unwrap() {
            agent[key] = value.clone();
        }
        let made = self.post("/api/agents", agent).await;
        assert_eq!(made.status, 201, "{made:?}");
        id(&made.body)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = self.service.addresses[0];
        self.client
            .request(method, format!("http://{address}{path}"))
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        reply(self.request(Method::POST, path).json(&body)).await
    }

    /// The status of the answer.
    pub async fn delete(&self, path: &str) -> u16 {
        let request = self.request(Method::DELETE, path);
        reply(request.header("content-type", "application/json"))
            .await
            .status
    }

    pub async fn get(&self, path: &str) -> Value {
        let reply = reply(self.request(Method::GET, path)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body
    }

    pub async fn get_text(&self, path: &str) -> String {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        answer.text().await.unwrap()
    }

    pub async fn execute(&self, body: Value) -> Reply {
        self.post(&format!("/api/agents/{}/execute", self.agent), body)
            .await
    }

    /// The id of a new run with this prompt.
    pub async fn run(&self, prompt: &str) -> String {
        let reply = self.execute(json!({ "prompt": prompt })).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        id(&reply.body)
    }

    pub async fn stop(&self, run: &str) -> Reply {
        self.post(&format!("/api/runtime/agents/{run}/stop"), json!({}))
            .await
    }

    pub async fn instance(&self, run: &str) -> Value {
        self.get(&format!("/api/runtime/agents/{run}")).await
    }

    pub async fn log(&self, run: &str) -> Events {
        let path = format!("/api/runtime/agents/{run}/logs/stream");
        Events::open(self.service.addresses[0], &path, None).await
    }

    /// Waits until the run has said `text`.
    pub async fn hear(&self, run: &str, text: &str) {
        self.hear_where(run, |message| message == text).await;
    }

    /// Waits until a line of the run's log begins with `text`.
    pub async fn hear_of(&self, run: &str, text: &str) {
        self.hear_where(run, |message| message.starts_with(text))
            .await;
    }

    /// Waits until the run has said `text` so many times.
    pub async fn hear_again(&self, run: &str, text: &str, times: usize) {
        let heard = Cell::new(0);
        let is_last = |message: &str| {
            heard.update(|count| count + usize::from(message == text));
            heard.get() == times
        };
        self.hear_where(run, is_last).await;
    }

    async fn hear_where(&self, run: &str, is_it: impl Fn(&str) -> bool) {
        let mut log = self.log(run).await;
        loop {
            let frame = log.next().await;
            assert_ne!(frame.topic, "end", "it has not said so");
            let line: Value = serde_json::from_str(&frame.data).unwrap();
            if is_it(line["message"].as_str().unwrap()) {
                return;
            }
        }
    }

    pub async fn end(&self, run: &str) -> Told {
        let mut log = self.log(run).await;
        let mut lines = Vec::new();
        loop {
            let frame = log.next().await;
            let data: Value = serde_json::from_str(&frame.data).unwrap();
            if frame.topic == "end" {
                let status = data["status"].as_str().unwrap().to_owned();
                return Told { lines, status };
            }
            lines.push(data);
        }
    }

    /// The status with which it ends, however much it says until then.
    pub async fn status_at_end(&self, run: &str) -> String {
        let address = self.service.addresses[0];
        let mut events = Events::open(address, "/api/events?topics=runtime", Some(0)).await;
        loop {
            let event: Value = serde_json::from_str(&events.next().await.data).unwrap();
            let status = event["data"]["to"].as_str().unwrap_or_default();
            let has_ended = ["completed", "failed", "cancelled", "lost"].contains(&status);
            if event["data"]["id"] == run && has_ended {
                return status.to_owned();
            }
        }
    }

    /// The exit reason and the error of a run that has ended badly.
    pub async fn failure(&self, run: &str) -> (String, String) {
        let told = self.end(run).await;
        let run = self.instance(run).await;
        assert_eq!(told.status, "failed", "{run}");
        let text = |key: &str| run[key].as_str().unwrap_or_default().to_owned();
        (text("exit_reason"), text("error_message"))
    }
}

impl Told {
    /// The messages of one type.
    pub fn messages(&self, log_type: &str) -> Vec<&str> {
        let lines = self
            .lines
            .iter()
            .filter(|line| line["log_type"] == log_type);
        lines
            .map(|line| line["message"].as_str().unwrap())
            .collect()
    }
}

pub async fn reply(request: RequestBuilder) -> Reply {
    let answer = request.send().await.unwrap();
    let location = answer.headers().get("location");
    Reply {
        status: answer.status().as_u16(),
        location: location.map_or("", |it| it.to_str().unwrap()).to_owned(),
        body: serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default(),
    }
}

/// The processes that a run has started and that live, its shim among them.
pub fn processes(run: &str) -> Vec<i32> {
    let mark = format!("ORCHESTRATOR_RUN_ID={run}");
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &i32| {
        let file = |name: &str| Path::new("/proc").join(pid.to_string()).join(name);
        let environment = std::fs::read(file("environ")).unwrap_or_default();
        let stat = std::fs::read_to_string(file("stat")).unwrap_or_default();
        let is_dead = stat.is_empty() || stat.contains(") Z ") || stat.contains(") X ");
        !is_dead
            && environment
                .split(|byte| *byte == 0)
                .any(|it| it == mark.as_bytes())
    })
    .collect()
}
