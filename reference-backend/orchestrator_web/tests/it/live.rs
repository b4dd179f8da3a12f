use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use orchestrator::agents::commands::create;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::support::live::{Events, Socket, socket};
use crate::support::{Service, new_agent};

const PATIENCE: Duration = Duration::from_secs(20);

async fn write(service: &Service, names: impl IntoIterator<Item = String>) {
    for name in names {
        service
            .app
            .db
            .write(move |db| create(db, &new_agent(&name)))
            .await
            .unwrap();
    }
}

fn numbers(last: usize) -> Vec<i64> {
    (1..).take(last).collect()
}

fn numbered(range: std::ops::Range<usize>) -> impl Iterator<Item = String> {
    range.map(|n| format!("agent {n}"))
}

/// Not random to us, but to the service: a small generator with a fixed seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_disconnects_lose_and_repeat_nothing_over_server_sent_events() {
    const TOTAL: usize = 5_000;
    let service = Service::start();
    let address = service.listen().await;
    let writer = tokio::spawn({
        let db = service.app.db.clone();
        async move {
            for name in numbered(0..TOTAL) {
                db.write(move |db| create(db, &new_agent(&name)))
                    .await
                    .unwrap();
            }
        }
    });
    let (mut seen, mut dice, mut disconnects) = (Vec::new(), Dice(7), 0);
    while seen.len() < TOTAL {
        let after = seen.last().copied().unwrap_or(0);
        let mut events = Events::after(address, after).await;
        // The table of 5,000 lasts for a thousand connections of 1 to 9 events each.
        for _ in 0..=dice.below(9) {
            if seen.len() == TOTAL {
                break;
            }
            seen.push(timeout(PATIENCE, events.next()).await.unwrap().id);
        }
        disconnects += 1;
    }
    writer.await.unwrap();
    assert_eq!(seen, numbers(TOTAL));
    assert!(900 < disconnects, "{disconnects}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnects_lose_and_repeat_nothing_over_websockets() {
    const TOTAL: usize = 1_000;
    let service = Service::start();
    let address = service.listen().await;
    write(&service, numbered(0..TOTAL)).await;
    let (mut seen, mut dice) = (Vec::new(), Dice(11));
    while seen.len() < TOTAL {
        let mut client = socket(address, "/ws/events").await;
        let resume = json!({ "resume_after": seen.last().copied().unwrap_or(0) });
        client
            .send(Message::text(resume.to_string()))
            .await
            .unwrap();
        let some = 1 + usize::try_from(dice.below(9)).unwrap();
        let total = TOTAL.min(seen.len() + some);
        read_on(&mut client, &mut seen, total).await;
    }
    assert_eq!(seen, numbers(TOTAL));
}

#[tokio::test]
async fn a_websocket_goes_from_what_was_to_what_happens_without_loss_or_repeat() {
    let service = Service::start();
    let address = service.listen().await;
    write(&service, numbered(0..500)).await;
    let mut client = socket(address, "/ws/events?after=0").await;
    let mut seen = Vec::new();
    read_on(&mut client, &mut seen, 100).await;
    // More happens while the rest of what was is read, and then one by one.
    tokio::join!(
        write(&service, numbered(500..1_000)),
        read_on(&mut client, &mut seen, 1_000),
    );
    for n in 1_000..1_010 {
        write(&service, numbered(n..n + 1)).await;
        read_on(&mut client, &mut seen, n + 1).await;
    }
    assert_eq!(seen, numbers(1_010));
}

/// Reads until `total` ids are seen.
async fn read_on(client: &mut Socket, seen: &mut Vec<i64>, total: usize) {
    while seen.len() < total {
        let message = timeout(PATIENCE, client.next()).await.unwrap();
        let message = message.unwrap().unwrap();
        let event: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        seen.push(event["id"].as_i64().unwrap());
    }
}

#[tokio::test]
async fn an_event_tells_its_topic_its_data_and_its_time() {
    let service = Service::start();
    let address = service.listen().await;
    write(&service, ["scout".to_owned()]).await;
    let event = Events::after(address, 0).await.next().await;
    assert_eq!((event.id, event.topic.as_str()), (1, "agent.created"));
    let mut envelope: Value = serde_json::from_str(&event.data).unwrap();
    assert!(envelope["created_at"].as_str().unwrap().ends_with('Z'));
    envelope["created_at"] = json!("…");
    envelope["data"]["agent_id"] = json!("…");
    insta::assert_compact_json_snapshot!(envelope, @r#"{"created_at": "…", "data": {"agent_id": "…", "name": "scout"}, "id": 1, "topic": "agent.created"}"#);
}

#[tokio::test]
async fn without_a_cursor_a_stream_starts_now() {
    let service = Service::start();
    let address = service.listen().await;
    write(&service, numbered(0..3)).await;
    let mut events = Events::open(address, "/api/events", None).await;
    write(&service, numbered(3..4)).await;
    assert_eq!(timeout(PATIENCE, events.next()).await.unwrap().id, 4);
}

#[tokio::test]
async fn topics_choose_what_is_followed() {
    let service = Service::start();
    let address = service.listen().await;
    let created = service
        .post("/api/agents", crate::support::planner("scout"))
        .await;
    let path = created.header("location").to_owned();
    service.patch(&path, json!({ "is_active": false })).await;
    service.delete(&path).await;
    let mut some = Events::open(address, "/api/events?after=0&topics=agent.deleted", None).await;
    assert_eq!(some.next().await.id, 3);
    let mut all = Events::open(
        address,
        "/api/events?after=0&topics=agent,log.written",
        None,
    )
    .await;
    for id in 1..=3 {
        assert_eq!(all.next().await.id, id);
    }
}

#[tokio::test]
async fn a_cursor_from_the_future_is_told_of_by_a_gap() {
    let service = Service::start();
    let address = service.listen().await;
    write(&service, numbered(0..2)).await;
    let mut events = Events::after(address, 99).await;
    let gap = timeout(PATIENCE, events.next()).await.unwrap();
    assert_eq!((gap.id, gap.topic.as_str()), (2, "gap"));
    insta::assert_snapshot!(gap.data, @r#"{"created_at":null,"data":{"after":99,"reason":"restored","resumed_after":2},"id":2,"topic":"gap"}"#);
    write(&service, numbered(2..3)).await;
    assert_eq!(timeout(PATIENCE, events.next()).await.unwrap().id, 3);
}

#[tokio::test]
async fn events_that_were_pruned_are_told_of_by_a_gap() {
    let service = Service::start();
    let address = service.listen().await;
    write(&service, numbered(0..5)).await;
    service
        .app
        .db
        .write(|db| db.execute("DELETE FROM events WHERE id <= 3", &[]))
        .await
        .unwrap();
    let mut events = Events::after(address, 1).await;
    let gap = timeout(PATIENCE, events.next()).await.unwrap();
    assert_eq!((gap.id, gap.topic.as_str()), (3, "gap"));
    insta::assert_snapshot!(gap.data, @r#"{"created_at":null,"data":{"after":1,"reason":"pruned","resumed_after":3},"id":3,"topic":"gap"}"#);
    assert_eq!(events.next().await.id, 4);
    assert_eq!(events.next().await.id, 5);
    // Just before the oldest one that is kept, nothing is missing.
    assert_eq!(Events::after(address, 3).await.next().await.id, 4);
}

#[tokio::test]
async fn a_stream_ends_when_the_service_stops() {
    let service = Service::start();
    let address = service.listen().await;
    let mut events = Events::after(address, 0).await;
    let mut client = socket(address, "/ws/events").await;
    service.app.stop.cancel();
    assert!(timeout(PATIENCE, events.end()).await.is_ok());
    let closed = timeout(PATIENCE, client.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(closed.is_close(), "{closed:?}");
}

#[tokio::test]
async fn a_cursor_that_is_none_is_refused() {
    let service = Service::start();
    for uri in [
        "/api/events?after=-1",
        "/api/events?after=x",
        "/api/events?before=1",
    ] {
        assert_eq!(service.get(uri).await.status, 422, "{uri}");
    }
    assert_eq!(service.get("/ws/events").await.status, 426);
}
