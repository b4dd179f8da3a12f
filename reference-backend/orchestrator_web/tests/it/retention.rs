use std::time::Duration;

use jiff::SignedDuration;
use orchestrator::config::{Keep, Retention, Settings};
use orchestrator::db::Read;
use orchestrator::events;
use orchestrator::retention::{self, prune, queries};
use orchestrator::time::Timestamp;
use serde_json::{Value, json};

use crate::support::{Service, id};

const ALL: Keep = Keep { days: 0, max: 0 };
const OFF: Retention = Retention {
    logs: ALL,
    events: ALL,
    runs: ALL,
    prompts: ALL,
};
const A_MONTH: Keep = Keep { days: 30, max: 0 };

fn in_days(days: i64) -> Timestamp {
    Timestamp::from(jiff::Timestamp::now() + SignedDuration::from_hours(24 * days))
}

fn at_most(max: u32) -> Keep {
    Keep { days: 0, max }
}

async fn count(service: &Service, path: &str) -> usize {
    let list = service.get(&format!("{path}?limit=1000")).await.body;
    list.as_array().unwrap().len()
}

async fn write_lines(service: &Service, agent: &str, number: usize) {
    let line = |n| {
        json!({ "agent_id": agent, "log_level": "INFO", "log_type": "output",
        "message": format!("word {n}") })
    };
    let lines: Vec<_> = (0..number).map(line).collect();
    service.given("/api/runtime/logs", json!(lines)).await;
}

/// An instance with two lines and a prompt.
async fn busy_instance(service: &Service, definition: &str) -> String {
    let agent = service.instance(definition).await;
    write_lines(service, &agent, 2).await;
    let prompt = json!({ "agent_id": agent, "prompt_type": "adw", "prompt_text": "go" });
    service.given("/api/runtime/prompts", prompt).await;
    agent
}

#[tokio::test]
async fn runs_that_ended_go_by_age_with_their_prompts_and_logs_and_running_ones_stay() {
    let service = Service::start();
    let definition = service.agent("planner").await;
    let ended = busy_instance(&service, &definition).await;
    let running = busy_instance(&service, &definition).await;
    let path = format!("/api/runtime/agents/{ended}");
    service.patch(&path, json!({ "status": "completed" })).await;
    let keep = Retention {
        runs: A_MONTH,
        ..OFF
    };

    prune(&service.app.db, &keep, in_days(29)).await.unwrap();
    assert_eq!(count(&service, "/api/runtime/agents").await, 2);
    let before = service.events().await;
    prune(&service.app.db, &keep, in_days(31)).await.unwrap();
    assert_eq!(service.topics_after(before).await, ["retention.pruned"]);
    assert_eq!(service.get(&path).await.status, 404);
    let list = service.get("/api/runtime/agents").await.body;
    assert_eq!(id(&list[0]), running);
    assert_eq!(count(&service, "/api/runtime/logs").await, 2);
    assert_eq!(count(&service, "/api/runtime/prompts").await, 1);
}

#[tokio::test]
async fn the_newest_are_kept_and_each_batch_of_the_rest_records_one_event() {
    let service = Service::start();
    let definition = service.agent("planner").await;
    let agent = service.instance(&definition).await;
    for _ in 0..3 {
        write_lines(&service, &agent, 1000).await;
    }
    let system = |n| json!({ "component": "a", "log_level": "INFO", "message": format!("{n}") });
    let system: Vec<_> = (0..5).map(system).collect();
    service.given("/api/system/logs", json!(system)).await;
    let before = service.events().await;
    let keep = Retention {
        logs: at_most(3),
        ..OFF
    };
    for _ in 0..2 {
        prune(&service.app.db, &keep, in_days(0)).await.unwrap();
    }
    assert_eq!(service.topics_after(before).await, ["retention.pruned"; 4]);
    let list = service.get("/api/runtime/logs?q=word").await.body;
    let messages: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["message"])
        .collect();
    assert_eq!(messages, ["word 999", "word 998", "word 997"]);
    assert_eq!(count(&service, "/api/system/logs").await, 3);
    let check = "INSERT INTO agent_logs_search (agent_logs_search, rank) \
        VALUES ('integrity-check', 1)";
    service
        .app
        .db
        .write(move |db| db.execute(check, &[]))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_run_with_many_lines_goes_in_small_transactions() {
    let service = Service::start();
    let definition = service.agent("planner").await;
    let agent = service.instance(&definition).await;
    write_lines(&service, &agent, 1000).await;
    write_lines(&service, &agent, 500).await;
    let path = format!("/api/runtime/agents/{agent}");
    service.patch(&path, json!({ "status": "failed" })).await;
    let before = service.events().await;
    let keep = Retention {
        runs: A_MONTH,
        ..OFF
    };
    prune(&service.app.db, &keep, in_days(31)).await.unwrap();
    let events = service
        .app
        .db
        .read(move |db| events::after(db, before, 9))
        .await
        .unwrap();
    let events: Vec<Value> = events
        .iter()
        .map(|it| serde_json::from_str(it.data.get()).unwrap())
        .collect();
    assert_eq!(
        events,
        [
            json!({ "kind": "runs", "rows": 1000 }),
            json!({ "kind": "runs", "rows": 501 }),
        ]
    );
}

#[tokio::test]
async fn workflow_records_that_ended_go_like_runs() {
    let service = Service::start();
    let mut paths = Vec::new();
    for name in ["ended", "going on"] {
        let body = json!({ "adw_name": name, "workflow_type": "sdlc" });
        let id = id(&service.given("/api/runtime/workflows", body).await);
        paths.push(format!("/api/runtime/workflows/{id}"));
    }
    let ended = service
        .patch(&paths[0], json!({ "status": "failed" }))
        .await;
    assert_eq!(ended.status, 200, "{ended:?}");
    let keep = Retention {
        runs: A_MONTH,
        ..OFF
    };
    prune(&service.app.db, &keep, in_days(29)).await.unwrap();
    assert_eq!(count(&service, "/api/runtime/workflows").await, 2);
    prune(&service.app.db, &keep, in_days(31)).await.unwrap();
    assert_eq!(service.get(&paths[0]).await.status, 404);
    assert_eq!(service.get(&paths[1]).await.status, 200);
}

#[tokio::test]
async fn the_newest_event_stays_and_no_id_is_given_twice() {
    let service = Service::start();
    for n in 0..9 {
        service.agent(&format!("agent {n}")).await;
    }
    let newest = service.events().await;
    let oldest = || service.app.db.read(events::oldest);
    let by_count = Retention {
        events: at_most(4),
        ..OFF
    };
    for _ in 0..3 {
        prune(&service.app.db, &by_count, in_days(0)).await.unwrap();
        // The event of the pruning is among the four, so that the next round has nothing to do.
        assert_eq!(service.events().await, newest + 1);
        assert_eq!(oldest().await.unwrap(), newest - 2);
    }
    let by_age = Retention {
        events: A_MONTH,
        ..OFF
    };
    prune(&service.app.db, &by_age, in_days(31)).await.unwrap();
    assert_eq!(oldest().await.unwrap(), newest + 1);
    assert_eq!(service.events().await, newest + 2);
    service.agent("one more").await;
    assert_eq!(service.events().await, newest + 3);
}

#[tokio::test]
async fn prompts_go_by_age_and_count_and_nothing_goes_when_retention_is_off() {
    let service = Service::start();
    let definition = service.agent("planner").await;
    for _ in 0..3 {
        busy_instance(&service, &definition).await;
    }
    let before = service.events().await;
    prune(&service.app.db, &OFF, in_days(10_000)).await.unwrap();
    assert_eq!(service.events().await, before);
    let keep = Retention {
        prompts: at_most(2),
        ..OFF
    };
    prune(&service.app.db, &keep, in_days(0)).await.unwrap();
    assert_eq!(count(&service, "/api/runtime/prompts").await, 2);
    let keep = Retention {
        prompts: A_MONTH,
        ..OFF
    };
    prune(&service.app.db, &keep, in_days(31)).await.unwrap();
    assert_eq!(count(&service, "/api/runtime/prompts").await, 0);
    assert_eq!(count(&service, "/api/runtime/logs").await, 6);
}

#[tokio::test]
async fn what_goes_in_the_next_round_is_told_before() {
    let retention = Retention {
        logs: at_most(2),
        events: at_most(3),
        runs: A_MONTH,
        ..OFF
    };
    let service = Service::with(Settings {
        retention: retention.clone(),
        ..Settings::default()
    });
    let told = async || service.get("/api/retention").await.body;
    let empty = json!({ "kind": "logs", "days": null, "max": 2, "oldest": null, "to_go": 0 });
    assert_eq!(told().await[0], empty);
    let definition = service.agent("planner").await;
    let run = busy_instance(&service, &definition).await;
    busy_instance(&service, &definition).await;
    let path = format!("/api/runtime/agents/{run}");
    let run = service.patch(&path, json!({ "status": "failed" })).await;
    let told = told().await;
    let going = |it: &Value| (it["kind"].clone(), it["to_go"].clone());
    let going: Vec<_> = told.as_array().unwrap().iter().map(going).collect();
    let expected = json!([
        ["logs", 2],
        ["system_logs", 0],
        ["prompts", 0],
        ["runs", 0],
        ["workflows", 0],
        ["events", 6]
    ]);
    assert_eq!(json!(going), expected);
    assert_eq!(told[3]["days"], 30);
    assert_eq!(told[3]["oldest"], run.body["completed_at"]);

    let later = move |db: &Read| queries::kept(db, &retention, in_days(31));
    let kept = service.app.db.read(later).await.unwrap();
    assert_eq!(kept[3].to_go, 1);
}

#[tokio::test]
async fn the_task_prunes_at_the_start_and_ends_with_the_service() {
    let retention = Retention {
        logs: at_most(1),
        ..OFF
    };
    let service = Service::with(Settings {
        retention,
        ..Settings::default()
    });
    let agent = service.instance(&service.agent("planner").await).await;
    write_lines(&service, &agent, 5).await;
    let mut bell = service.app.db.bell();
    bell.mark_unchanged();
    let task = tokio::spawn(retention::run(service.app.clone()));
    bell.changed().await.unwrap();
    assert_eq!(count(&service, "/api/runtime/logs").await, 1);
    service.app.stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(10), task).await;
    ended.expect("the task ends with the service").unwrap();
}
