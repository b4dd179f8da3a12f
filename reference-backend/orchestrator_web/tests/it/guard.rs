//! What the door says: to pages of other origins, to browsers, and to requests that take too much.

use std::num::{NonZeroU16, NonZeroUsize};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::Request;
use axum::routing::get;
use futures_util::stream;
use orchestrator::config::{Host, HostName, Limits, Origin, Settings, Text as _};
use orchestrator::db::Db;
use orchestrator::{Error, guard};
use serde_json::json;

use crate::support::{Answer, Service};

const PAGE: &str = "http://localhost:5173";

async fn send(service: &Service, headers: &[(&str, &str)]) -> Answer {
    let request = Request::get("/health").header("host", "localhost:8000");
    let request = headers
        .iter()
        .fold(request, |it, (name, value)| it.header(*name, *value));
    service.answer(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn every_answer_tells_the_browser_to_be_strict() {
    let service = Service::start();
    for answer in [
        service.get("/health").await,
        service.get("/nowhere").await,
        send(&service, &[("origin", "null")]).await,
    ] {
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-request-id").len(), 36);
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_reads_answers_and_errors() {
    let service = Service::start();
    let answer = send(&service, &[("origin", PAGE)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    assert_eq!(
        answer.header("access-control-expose-headers"),
        "link, location, x-request-id"
    );
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(answer.header("vary"), "origin");
    let own = send(&service, &[("origin", "http://localhost:8000")]).await;
    assert_eq!(own.header("access-control-allow-origin"), "");
    assert_eq!(own.header("vary"), "origin");
}

#[tokio::test]
async fn a_preflight_is_answered_for_allowed_origins_alone() {
    let service = Service::start();
    let preflight = |origin: &'static str| {
        let request = Request::options("/api/agents")
            .header("host", "localhost:8000")
            .header("origin", origin)
            .header("sec-fetch-site", "same-site")
            .header("access-control-request-method", "DELETE")
            .header("access-control-request-headers", "content-type");
        service.answer(request.body(Body::empty()).unwrap())
    };
    let answer = preflight(PAGE).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    let methods = answer.header("access-control-allow-methods");
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(methods.contains(method), "{methods}");
    }
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("content-type")
    );
    let foreign = preflight("http://evil.example").await;
    assert_eq!(foreign.status, 403);
    assert_eq!(foreign.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn names_and_origins_come_from_the_settings() {
    let service = Service::with(Settings {
        host: Host::parse("192.0.2.7").unwrap(),
        allowed_hosts: vec![HostName::parse("box.example.org").unwrap()],
        cors_origins: vec![Origin::parse("https://box.example.org").unwrap()],
        ..Settings::default()
    });
    let get = async |host: &str, origin: &str| {
        let request = Request::get("/health")
            .header("host", host)
            .header("origin", origin);
        let request = request.body(Body::empty()).unwrap();
        service.answer(request).await.status.as_u16()
    };
    assert_eq!(get("192.0.2.7:8000", "http://192.0.2.7:8000").await, 200);
    assert_eq!(get("192.0.2.8:8000", "http://192.0.2.7:8000").await, 421);
    // A proxy has a port of its own, and its pages an origin that is listed.
    assert_eq!(get("Box.Example.Org", "https://box.example.org").await, 200);
    assert_eq!(
        get("box.example.org:8443", "http://box.example.org:8000").await,
        200
    );
    assert_eq!(
        get("box.example.org", "http://box.example.org:9999").await,
        403
    );
    assert_eq!(
        get("evil.box.example.org", "https://box.example.org").await,
        421
    );
}

#[tokio::test]
async fn a_page_behind_a_proxy_is_the_service_s_own() {
    let service = Service::with(Settings {
        allowed_hosts: vec![HostName::parse("box.example.org").unwrap()],
        cors_origins: vec![Origin::parse("https://box.example.org").unwrap()],
        ..Settings::default()
    });
    let form = |site: &'static str| {
        let request = Request::post("/api/agents")
            .header("host", "box.example.org")
            .header("origin", "https://box.example.org")
            .header("sec-fetch-site", site)
            .header("content-type", "application/x-www-form-urlencoded");
        service.answer(request.body(Body::from("a=b")).unwrap())
    };
    let refused_by_the_route = "the body must be `application/json`";
    assert_eq!(
        form("same-origin").await.body["detail"],
        refused_by_the_route
    );
    assert_ne!(form("same-site").await.body["detail"], refused_by_the_route);
}

fn limited(limits: Limits) -> Settings {
    Settings {
        limits,
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_however_it_is_framed() {
    let service = Service::with(limited(Limits {
        max_body_bytes: NonZeroUsize::new(1000).unwrap(),
        ..Settings::default().limits
    }));
    let post = |body: Body, length: Option<usize>| {
        let request = Request::post("/api/agents")
            .header("host", "localhost:8000")
            .header("content-type", "application/json");
        let request = length
            .into_iter()
            .fold(request, |it, length| it.header("content-length", length));
        service.answer(request.body(body).unwrap())
    };
    let text = "x".repeat(1001);
    let chunks = text.as_bytes().chunks(100).map(Bytes::copy_from_slice);
    let chunks: Vec<Result<_, std::io::Error>> = chunks.map(Ok).collect();
    for answer in [
        post(Body::from(text), Some(1001)).await,
        post(Body::from_stream(stream::iter(chunks)), None).await,
        // Refused by what it announces, before it is sent.
        post(Body::empty(), Some(usize::MAX)).await,
    ] {
        assert_eq!(answer.status, 413, "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    assert_eq!(
        post(Body::from("x".repeat(1000)), Some(1000)).await.status,
        400
    );
}

#[tokio::test]
async fn a_handler_a_command_or_a_query_that_panics_is_a_problem_that_is_counted() {
    const SECRET: &str = "the secret of the house";
    async fn handler() {
        panic!("{SECRET}");
    }
    async fn command(State(db): State<Db>) -> Result<(), Error> {
        db.write(|_| panic!("{SECRET}")).await
    }
    async fn query(State(db): State<Db>) -> Result<(), Error> {
        db.read(|_| panic!("{SECRET}")).await
    }
    let mut service = Service::start();
    let router = Router::new()
        .route("/handler", get(handler))
        .route("/command", get(command))
        .route("/query", get(query))
        .with_state(service.app.db.clone());
    service.router = guard::around(router, service.app.clone());
    for (count, path) in (1..).zip(["/handler", "/command", "/query"]) {
        let answer = service.get(path).await;
        assert_eq!(answer.status, 500);
        assert_eq!(answer.body["detail"], "internal error");
        assert_eq!(answer.body["request_id"], answer.header("x-request-id"));
        assert_eq!(service.app.metrics.panics.get(), count);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_given_up_and_says_if_it_may_still_change_something() {
    use std::future::pending;
    let mut service = Service::with(limited(Limits {
        request_timeout_seconds: NonZeroU16::MIN,
        ..Settings::default().limits
    }));
    let never = get(pending::<()>).post(pending::<()>);
    let router = Router::new().route("/never", never);
    service.router = guard::around(router, service.app.clone());
    let given_up = "the request was given up after 1 s";
    let answer = service.get("/never").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body["detail"], given_up);
    let answer = service.post("/never", json!({})).await;
    assert_eq!(answer.status, 503);
    let may_happen = format!("{given_up}; what it was to change may still happen");
    assert_eq!(answer.body["detail"], may_happen);
}
