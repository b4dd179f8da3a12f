//! The dashboard in a browser, as people live through it.

mod embeds;
mod every_page;
mod full;
mod hostile;
mod live;
mod long;
mod newcomer;
mod scriptless;

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::Browser;
use crate::client::new_agent;
use crate::service::Service;

const IS_LIVE: &str = "document.getElementById('live').innerText === 'live'";

/// The folder of a project with these settings, and its service.
struct Place {
    folder: TempDir,
    service: Service,
}

impl Place {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = "[executors.demo]\nkind = \"demo\"\nstop_pause_seconds = 0\n";
        let settings = format!("[agents]\nmax_running = 4\n{demo}{settings}");
        fs::write(folder.path().join("orchestrator.toml"), settings).unwrap();
        let service = Service::start(folder.path(), &[]);
        Self { folder, service }
    }

    fn browser(&self) -> Browser {
        Browser::start(self.service.port)
    }

    /// Kills the service, has `meanwhile` look at what is left, and starts it again where it was.
    fn kill(self, meanwhile: impl FnOnce()) -> Self {
        let Self { folder, service } = self;
        let port = service.port;
        assert_eq!(service.stop(Signal::KILL), None);
        meanwhile();
        let service = Service::start_on(port, folder.path(), &[]);
        Self { folder, service }
    }

    #[track_caller]
    fn send(&self, request: &str, body: &Value) -> Value {
        let answer = self.service.client().send(request, body).unwrap();
        assert!(answer.status < 300, "{request}: {answer:?}");
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    fn agent(&self, name: &str) -> String {
        let mut agent = new_agent(name);
        agent["executor"] = json!("demo");
        let agent = self.send("POST /api/agents", &agent);
        agent["id"].as_str().unwrap().to_owned()
    }

    fn run(&self, agent: &str, prompt: &str) -> String {
        let execute = format!("POST /api/agents/{agent}/execute");
        let run = self.send(&execute, &json!({ "prompt": prompt }));
        run["id"].as_str().unwrap().to_owned()
    }

    /// Returns when the run has ended.
    fn see_out(&self, run: &str) {
        let log = format!("/api/runtime/agents/{run}/logs/stream");
        self.service.client().events(&log).count();
    }
}
