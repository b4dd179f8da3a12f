//! The generated service as a process.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::client::Client;
use crate::project::service;

/// Ends with the test that started it.
pub struct Service {
    child: Child,
    out: BufReader<ChildStdout>,
    pub port: u16,
}

impl Service {
    /// The service with every option, on a free port, with its data in `folder`.
    pub fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start_on(0, folder, variables)
    }

    /// The same, on a port that is known to be free.
    pub fn start_on(port: u16, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(service());
        command
            .args(["--port", &port.to_string()])
            .current_dir(folder);
        command.env_clear().envs(variables.iter().copied());
        Self::started_by(&mut command)
    }

    /// Returns when the service that the command starts listens.
    pub fn started_by(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut service = Self {
            child,
            out,
            port: 0,
        };
        let addresses = service.wait_for("listening on http://127.0.0.1:");
        let port = addresses.split(' ').next().unwrap();
        service.port = port.parse().unwrap();
        service
    }

    /// Reads lines up to one that starts with `text`, and returns the rest of it.
    pub fn wait_for(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.out.read_line(&mut line).unwrap();
            assert_ne!(length, 0, "it ended and never said `{text}`");
            if let Some(rest) = line.strip_prefix(text) {
                return rest.trim_end().to_owned();
            }
        }
    }

    pub fn client(&self) -> Client {
        Client::new(self.port)
    }

    /// Ends the runs that would outlive the service.
    pub fn stop_all(&self) {
        let client = self.client();
        let send = |request: &str| client.send(request, &json!({})).unwrap();
        send("POST /api/orchestrator/stop").is(204);
        for status in ["pending", "executing", "waiting"] {
            let list = format!("GET /api/runtime/agents?limit=1000&status={status}");
            for run in client
                .send(&list, &Value::Null)
                .unwrap()
                .is(200)
                .as_array()
                .unwrap()
            {
                let run = run["id"].as_str().unwrap();
                let stopped = send(&format!("POST /api/runtime/agents/{run}/stop"));
                // One that was only reported here is nothing to us.
                if stopped.status == 202 {
                    client
                        .events(&format!("/api/runtime/agents/{run}/logs/stream"))
                        .count();
                }
            }
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Sends `signal`, waits for the end, and returns the exit code; `None` if the signal killed it.
    pub fn stop(mut self, signal: Signal) -> Option<i32> {
        self.signal(signal);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail where a test has stopped it already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The living processes of a run, by the mark in their environment.
pub fn processes(run: &str) -> Vec<u32> {
    let mark = format!("ORCHESTRATOR_RUN_ID={run}");
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_of_the_run = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        // A dead one has none.
        environment
            .split(|byte| *byte == 0)
            .any(|it| it == mark.as_bytes())
    };
    pids.filter(is_of_the_run).collect()
}
