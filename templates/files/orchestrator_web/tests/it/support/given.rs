//! What a test needs to be there before it begins.

use orchestrator::events::{self, EventId};
use serde_json::{Value, json};

use super::{Service, planner};

impl Service {
    /// Posts what must succeed; the new thing.
    pub async fn given(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body
    }

    /// The id of a new agent.
    pub async fn agent(&self, name: &str) -> String {
        id(&self.given("/api/agents", planner(name)).await)
    }

    /// The id of a new instance of `agent`.
    pub async fn instance(&self, agent: &str) -> String {
        let body = json!({ "orchestrator_agent_id": agent, "session_id": "s-1" });
        id(&self.given("/api/runtime/agents", body).await)
    }

    /// The topics of the events after `id`.
    pub async fn topics_after(&self, id: EventId) -> Vec<String> {
        let events = self
            .app
            .db
            .read(move |db| events::after(db, id, 10_000))
            .await;
        events.unwrap().into_iter().map(|it| it.topic).collect()
    }
}

pub fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap().to_owned()
}
