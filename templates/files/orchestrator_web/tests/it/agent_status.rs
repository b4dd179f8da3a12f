use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::StreamExt as _;
use orchestrator::config::Settings;
use orchestrator::db::{self, Db};
use orchestrator::ids::Id;
use orchestrator::live::status::watch;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::live::{Socket, socket};
use crate::support::{Service, planner};

const PATIENCE: Duration = Duration::from_secs(20);

/// A service that looks for the writes of others every `poll_ms`.
fn watching(poll_ms: u32) -> Service {
    let settings = Settings {
        websocket_poll_ms: NonZeroU32::new(poll_ms).unwrap(),
        ..Settings::default()
    };
    let service = Service::with(settings);
    tokio::spawn(watch(service.app.clone()));
    service
}

async fn update(client: &mut Socket) -> Vec<Value> {
    let message = timeout(PATIENCE, client.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let message: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
    assert_eq!(message["type"], "agent_update");
    assert!(
        message["data"]["timestamp"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    message["data"]["agents"].as_array().unwrap().clone()
}

async fn start_instance(service: &Service) -> String {
    let agent = service.post("/api/agents", planner("scout")).await;
    let body = json!({ "orchestrator_agent_id": agent.body["id"], "session_id": "s" });
    let instance = service.post("/api/runtime/agents", body).await;
    assert_eq!(instance.status, 201, "{instance:?}");
    instance.header("location").to_owned()
}

#[tokio::test]
async fn an_empty_database_sends_an_empty_snapshot() {
    let service = watching(3_600_000);
    let mut client = socket(service.listen().await, "/ws/agent-status").await;
    assert!(update(&mut client).await.is_empty());
}

#[tokio::test]
async fn a_change_through_this_service_is_pushed_without_polling() {
    let service = watching(3_600_000);
    let mut client = socket(service.listen().await, "/ws/agent-status").await;
    update(&mut client).await;
    let path = start_instance(&service).await;
    loop {
        let agents = update(&mut client).await;
        if agents.iter().any(|it| it["status"] == "pending") {
            let mut keys: Vec<_> = agents[0].as_object().unwrap().keys().collect();
            keys.sort();
            let shape = [
                "completed_at",
                "id",
                "orchestrator_agent_id",
                "session_id",
                "started_at",
                "status",
            ];
            assert_eq!(keys, shape);
            break;
        }
    }
    service.patch(&path, json!({ "status": "executing" })).await;
    while update(&mut client).await[0]["status"] != "executing" {}
}

#[tokio::test]
async fn a_change_by_another_process_is_found_by_polling() {
    let service = watching(20);
    let mut client = socket(service.listen().await, "/ws/agent-status").await;
    update(&mut client).await;
    let path = start_instance(&service).await;
    while update(&mut client).await.is_empty() {}
    // A handle of its own has a bell of its own, which nobody here hears.
    let (other, _) = Db::open(db::Options::new(service.app.db.path())).unwrap();
    let id = Id::parse(path.rsplit('/').next().unwrap()).unwrap();
    let failed = "UPDATE agents SET status = 'failed' WHERE id = ?1";
    other
        .write(move |db| db.execute(failed, &[&id]))
        .await
        .unwrap();
    while update(&mut client).await[0]["status"] != "failed" {}
}

#[tokio::test]
async fn events_of_another_process_reach_the_streams() {
    let service = watching(20);
    let mut events = crate::support::live::Events::after(service.listen().await, 0).await;
    let (other, _) = Db::open(db::Options::new(service.app.db.path())).unwrap();
    let agent = crate::support::new_agent("from elsewhere");
    let create = move |db: &mut db::Write| orchestrator::agents::commands::create(db, &agent);
    other.write(create).await.unwrap();
    assert_eq!(
        timeout(PATIENCE, events.next()).await.unwrap().topic,
        "agent.created"
    );
}

#[tokio::test]
async fn open_sockets_are_counted_in_the_health_report() {
    let service = watching(3_600_000);
    let address = service.listen().await;
    let mut client = socket(address, "/ws/agent-status").await;
    update(&mut client).await;
    assert_eq!(
        service.get("/health").await.body["websocket_connections"],
        1
    );
}
