use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::Service;

#[tokio::test]
async fn a_healthy_service_says_so_and_where_its_database_is() {
    let service = Service::start();
    let health = service.get("/health").await;
    assert_eq!(health.status, 200);
    assert_eq!(health.body["status"], "healthy");
    assert_eq!(health.body["database"], "connected");
    assert_eq!(
        health.body["database_path"],
        service.app.db.path().to_str().unwrap()
    );
    assert_eq!(health.body["websocket_connections"], 0);
    assert!(health.body["uptime_seconds"].is_u64());
    assert_eq!(
        service.get("/readyz").await.body,
        json!({ "status": "ready" })
    );
    // Looking changes nothing.
    assert_eq!(service.events().await, 0);
}

#[tokio::test]
async fn the_root_says_what_runs_here() {
    let root = Service::start().get("/").await;
    let version = env!("CARGO_PKG_VERSION");
    let service =
        json!({ "service": "orchestrator-web", "version": version, "status": "operational" });
    assert_eq!(root.body, service);
}

#[tokio::test]
async fn a_database_file_that_is_gone_or_replaced_is_noticed() {
    let service = Service::start();
    let path = service.app.db.path().to_owned();
    let aside = path.with_extension("aside");
    std::fs::rename(&path, &aside).unwrap();
    let gone = service.get("/health").await;
    assert_eq!(
        (gone.status.as_u16(), &gone.body["database"]),
        (503, &json!("disconnected"))
    );
    assert_eq!(gone.body["reason"], "the database file is gone");
    assert_eq!(gone.header("content-type"), "application/json");
    std::fs::write(&path, "").unwrap();
    let replaced = service.get("/readyz").await;
    assert_eq!(replaced.status, 503);
    assert_eq!(replaced.header("content-type"), "application/problem+json");
    assert_eq!(
        replaced.body["detail"],
        "the database file was replaced while it was open"
    );
    assert_eq!(service.get("/livez").await.status, 200);
    std::fs::rename(&aside, &path).unwrap();
    assert_eq!(service.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_unhealthy_within_its_deadline() {
    let service = Service::start();
    let path = service.app.db.path().to_owned();
    #[allow(clippy::disallowed_methods, reason = "another process")]
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let health = service.get("/health").await;
    assert_eq!(health.status, 503);
    assert_eq!(
        health.body["reason"],
        "the database did not answer within a second"
    );
    other.execute_batch("ROLLBACK").unwrap();
    // The probe that waits is let through first.
    let healthy = async { while service.get("/health").await.status != 200 {} };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, healthy).await.unwrap();
}

#[tokio::test]
async fn each_part_of_the_service_tells_how_it_is_and_why() {
    let service = Service::start();
    let system = service.get("/api/system").await;
    assert_eq!(system.status, 200);
    let parts = |body: &Value| {
        let parts = body["components"].as_array().unwrap().iter();
        let text = |part: &Value, key: &str| part[key].as_str().unwrap().to_owned();
        let line = |it| [text(it, "name"), text(it, "health"), text(it, "reason")].join(" | ");
        parts.map(line).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(parts(&system.body), @"
    service | well | it takes requests
    database | well | its file is in its place
    reader | well | it has just read
    writer | well | it has just written
    disk | well | it has room
    supervisor | limited | another service looks after the runs of this database, or this one has only just started
    executors | well | their programs are there
    faults | well | none since the start
    ");
    assert_eq!(
        system.body["versions"]["migration"],
        orchestrator::db::newest_migration()
    );
    assert!(
        system.body["versions"]["sqlite"]
            .as_str()
            .unwrap()
            .starts_with('3')
    );
    let disk = &system.body["disk"];
    assert!(0 < disk["database_bytes"].as_u64().unwrap() + disk["log_bytes"].as_u64().unwrap());
    assert!(disk["free_bytes"].as_u64() <= disk["total_bytes"].as_u64());

    service.app.metrics.panics.inc();
    service.app.stop.cancel();
    std::fs::remove_file(service.app.db.path()).unwrap();
    let system = service.get("/api/system").await;
    insta::assert_snapshot!(parts(&system.body), @"
    service | failed | it is stopping
    database | failed | the database file is gone
    reader | failed | not tried: the file is not in its place
    writer | failed | not tried: the database cannot be read
    disk | well | it has room
    supervisor | limited | another service looks after the runs of this database, or this one has only just started
    executors | well | their programs are there
    faults | limited | one since the start; the log tells of it
    ");
}

#[tokio::test]
async fn a_service_that_stops_is_not_ready_but_alive() {
    let service = Service::start();
    service.app.stop.cancel();
    assert_eq!(service.get("/readyz").await.status, 503);
    assert_eq!(service.get("/livez").await.status, 200);
}

async fn metrics(service: &Service) -> String {
    let request = Request::get("/metrics")
        .header("host", "localhost:8000")
        .body(Body::empty())
        .unwrap();
    let response = service.router.clone().oneshot(request).await.unwrap();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn requests_are_counted_by_route_and_not_by_path() {
    let service = Service::start();
    for id in ["a", "b", "c"] {
        service.get(&format!("/api/agents/{id}")).await;
    }
    let text = metrics(&service).await;
    let line = "orchestrator_http_requests_total{method=\"GET\",route=\"/api/agents/{id}\",status=\"404\"} 3";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("orchestrator_newest_event 0"), "{text}");
}

#[tokio::test]
async fn what_the_door_refuses_is_counted_too() {
    let service = Service::start();
    for (status, header, value) in [
        (421, "host", "evil.example"),
        (403, "origin", "http://evil.example"),
        (415, "content-type", "text/plain"),
    ] {
        let request = Request::post("/api/agents").header("host", "localhost:8000");
        let mut request = request.body(Body::from("x")).unwrap();
        request.headers_mut().insert(header, value.parse().unwrap());
        assert_eq!(service.answer(request).await.status, status);
        let text = metrics(&service).await;
        let line = format!(
            "orchestrator_http_requests_total{{method=\"POST\",route=\"none\",status=\"{status}\"}} 1"
        );
        assert!(text.contains(&line), "{line} is not in {text}");
    }
}
