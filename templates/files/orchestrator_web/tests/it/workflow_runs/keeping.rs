//! What is kept of workflows, and how long.

use std::time::Duration;

use orchestrator::config::{Flags, Keep, Retention, Settings, load};
use orchestrator::retention::prune;
use orchestrator::time::{Clock, Timestamp};
use serde_json::json;

use super::support::{flow, shells};
use crate::support::{Service, id};

const ALL: Keep = Keep { days: 0, max: 0 };
const A_MONTH: Retention = Retention {
    logs: ALL,
    events: ALL,
    runs: Keep { days: 30, max: 0 },
    prompts: ALL,
};

fn service() -> Service {
    let program = shells(&flow(&["name = 'one'\nprompt = 'x'"]));
    let flags = Flags {
        config: Some(program.path("orchestrator.toml")),
        ..Flags::default()
    };
    Service::with(Settings::clone(&load(flags).unwrap().settings))
}

fn in_days(days: u64) -> Timestamp {
    Clock::system().now().after(Duration::from_hours(24 * days))
}

#[tokio::test]
async fn a_workflow_that_has_ended_goes_with_its_steps_and_others_stay() {
    let service = service();
    let start = async || {
        id(&service
            .post("/api/workflows/start/flow", json!({}))
            .await
            .body)
    };
    let (ended, goes_on) = (start().await, start().await);
    let stop = format!("/api/workflows/stop/{ended}");
    assert_eq!(
        service.post(&stop, json!({})).await.body["status"],
        "cancelled"
    );
    let steps = async || {
        let count = "SELECT count(*) FROM workflow_steps";
        service
            .app
            .db
            .read(move |db| db.number(count, &[]))
            .await
            .unwrap()
    };
    prune(&service.app.db, &A_MONTH, in_days(29)).await.unwrap();
    assert_eq!(steps().await, 2);
    prune(&service.app.db, &A_MONTH, in_days(31)).await.unwrap();
    assert_eq!(steps().await, 1);
    let list = service.get("/api/workflows").await.body;
    assert_eq!(
        list.as_array().unwrap().iter().map(id).collect::<Vec<_>>(),
        [goes_on]
    );
}

#[tokio::test]
async fn what_a_step_has_come_to_outlives_its_run() {
    let service = service();
    let started = service
        .post("/api/workflows/start/flow", json!({}))
        .await
        .body;
    let path = format!("/api/workflows/{}", id(&started));
    service
        .post(&format!("/api/workflows/stop/{}", id(&started)), json!({}))
        .await;
    let agents = service.get("/api/agents").await.body;
    service
        .delete(&format!("/api/agents/{}", id(&agents[0])))
        .await;
    let shown = service.get(&path).await.body;
    assert_eq!(shown["steps"][0]["run_id"], json!(null));
    assert_eq!(shown["steps"][0]["status"], "cancelled");
}
