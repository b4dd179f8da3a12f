//! A service that has something to show on every page, and the pages that it has.

use std::collections::BTreeMap;

use orchestrator::approvals::commands::{Question, ask};
use orchestrator::approvals::{Terms, Verdict};
use orchestrator::config::{Settings, Text as _};
use orchestrator::dashboard::embeds::{Address, Embed, Show};
use orchestrator::ids::Id;
use orchestrator::openapi::DOCUMENT;
use orchestrator::workflows::definition::Definitions;
use serde_json::{Value, json};

use crate::support::{Service, id};

/// What agents and people have written, `text` all over.
pub struct Full {
    pub service: Service,
    agent: String,
    run: String,
    workflow: String,
}

/// Of a workflow of two steps.
fn definitions(text: &str) -> Definitions {
    let step = |name: &str, needs: &[&str]| {
        json!({ "name": name, "agent": name, "agent_type": "builder", "prompt": text,
            "model": null, "budget_usd": null, "needs": needs, "retries": 0, "timeout_seconds": 0,
            "on_failure": "stop" })
    };
    let definition = json!({ "description": text, "executor": "demo", "timeout_seconds": 0,
        "input": { "dish": { "description": text, "default": null } },
        "steps": [step("cook", &[]), step("taste", &["cook"])] });
    let definition = serde_json::from_value(definition).unwrap();
    Definitions(BTreeMap::from([("dinner".to_owned(), definition)]))
}

/// A tool that is not there.
fn tool(text: &str) -> Embed {
    Embed {
        title: text.to_owned(),
        url: Address::parse("http://127.0.0.1:9/").unwrap(),
        show: Show::Frame,
    }
}

impl Full {
    pub async fn of(text: &str) -> Self {
        let mut settings = Settings {
            workflows: definitions(text),
            embeds: [("tool".to_owned(), tool(text))].into(),
            max_running: 2,
            ..Settings::default()
        };
        text.clone_into(&mut settings.project.title);
        let service = Service::with(settings);
        let agent = json!({ "name": text, "description": text, "agent_type": "custom",
            "capabilities": text, "executor": "demo" });
        let agent = id(&service.given("/api/agents", agent).await);
        let begun = json!({ "orchestrator_agent_id": agent, "session_id": "s-1" });
        let [run, asking] = [
            id(&service.given("/api/runtime/agents", begun.clone()).await),
            id(&service.given("/api/runtime/agents", begun).await),
        ];
        let full = Self {
            workflow: full_workflow(&service, text).await,
            service,
            agent,
            run,
        };
        full.tell(text).await;
        full.question(&asking, text).await;
        full
    }

    /// What a run does, and how it fails.
    async fn tell(&self, text: &str) {
        let Self { service, run, .. } = self;
        let prompt = json!({ "agent_id": run, "prompt_type": "command", "prompt_text": text });
        let prompt = id(&service.given("/api/runtime/prompts", prompt).await);
        let answer = json!({ "status": "completed", "response_text": text });
        let path = format!("/api/runtime/prompts/{prompt}");
        service.patch(&path, answer).await;
        let call =
            json!({ "type": "tool_call", "name": text, "input": { "a": text, "b": [text] } });
        let lines = json!([
            { "agent_id": run, "log_level": "ERROR", "log_type": "tool_call", "message": text,
                "details": call },
            { "agent_id": run, "log_level": "INFO", "log_type": "output",
                "message": text.repeat(100) },
        ]);
        service.given("/api/runtime/logs", lines).await;
        let spent = json!({ "tokens_input": 1200, "tokens_output": 34, "cost_usd": 0.5 });
        let failed = json!({ "status": "failed", "error_message": text });
        for changes in [spent, failed] {
            let path = format!("/api/runtime/agents/{run}");
            assert_eq!(service.patch(&path, changes).await.status, 200);
        }
    }

    async fn question(&self, run: &str, text: &str) {
        let run = Id::parse(run).unwrap();
        let question = Question {
            request_id: "1".into(),
            tool: text.to_owned(),
            input: serde_json::from_value(json!({ "command": text })).unwrap(),
            terms: Terms {
                timeout_seconds: 0,
                on_timeout: Verdict::Deny,
            },
        };
        let asked = self.service.app.db.write(move |db| ask(db, run, question));
        asked.await.unwrap();
    }

    /// Every page of the document, of what there is.
    pub fn pages(&self) -> Vec<String> {
        let document = serde_json::to_value(&*DOCUMENT).unwrap();
        let paths = document["paths"].as_object().unwrap().iter();
        let paths = paths.filter(|(_, item)| is_page(&item["get"]));
        paths.map(|(path, _)| self.named(path)).collect()
    }

    /// With names in the place of ids.
    pub fn without_ids(&self, text: &str) -> String {
        text.replace(&self.agent, "[agent]")
            .replace(&self.run, "[run]")
            .replace(&self.workflow, "[workflow]")
    }

    fn named(&self, path: &str) -> String {
        let path = path
            .replace("/agents/{id}", &format!("/agents/{}", self.agent))
            .replace("/runs/{id}", &format!("/runs/{}", self.run))
            .replace("/workflows/{id}", &format!("/workflows/{}", self.workflow))
            .replace("/embeds/{name}", "/embeds/tool")
            .replace("{definition}", "dinner");
        assert!(!path.contains(['{', '}']), "name a value for {path}");
        path
    }
}

fn is_page(get: &Value) -> bool {
    !get["responses"]["200"]["content"]["text/html"].is_null()
}

/// One that the service runs, and one that was only told of; the id of the first.
async fn full_workflow(service: &Service, text: &str) -> String {
    let told = json!({ "adw_name": text, "workflow_type": "feature", "description": text,
        "status": "running", "current_step": text, "steps": [{ "name": text }] });
    service.given("/api/runtime/workflows", told).await;
    let form = [("input.dish", text)];
    let started = service.submit("/workflows/start/dinner", &form).await;
    let path = started.leads_to();
    path.rsplit('/').next().unwrap().to_owned()
}
