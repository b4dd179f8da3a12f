//! How people get in where a token is configured.

use std::pin::pin;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use orchestrator::config::{Origin, Settings, Text as _, Token};
use tower::ServiceExt as _;

use crate::support::Service;

const BEARER: &str = "Bearer correct-horse-battery-staple-0123456789";
const OWN: &str = "http://localhost:8000";

fn guarded() -> Service {
    Service::with(Settings {
        token: Token::parse(&BEARER["Bearer ".len()..]),
        cors_origins: vec![Origin::parse("https://box.example.org").unwrap()],
        ..Settings::default()
    })
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

async fn send(service: &Service, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let (method, path) = target.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:8000");
    let request = headers
        .iter()
        .fold(request, |it, (name, value)| it.header(*name, *value));
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (parts, body) = service
        .router
        .clone()
        .oneshot(request)
        .await
        .unwrap()
        .into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    Reply {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

async fn login(service: &Service, code: &str) -> Reply {
    let body = format!("code={code}");
    send(service, "POST /login", &[FORM, ("origin", OWN)], &body).await
}

fn code(service: &Service) -> String {
    service
        .app
        .login
        .as_ref()
        .unwrap()
        .issue_code(Instant::now())
}

/// Logs in, and returns the cookie as the browser sends it back.
async fn session(service: &Service) -> String {
    let reply = login(service, &code(service)).await;
    let (pair, _) = reply.header("set-cookie").split_once(';').unwrap();
    pair.to_owned()
}

#[tokio::test]
async fn a_code_is_exchanged_for_a_session_once() {
    let service = guarded();
    let issued = send(
        &service,
        "POST /api/login-codes",
        &[JSON, ("authorization", BEARER)],
        "",
    )
    .await;
    assert_eq!(issued.status, 201);
    let issued: serde_json::Value = serde_json::from_str(&issued.text).unwrap();
    let code = issued["code"].as_str().unwrap();
    assert_eq!(issued["expires_in_seconds"], 600);
    assert!(code.len() == 14 && code.split('-').count() == 3, "{code}");

    // Typed as people type.
    let reply = login(&service, &code.to_lowercase().replace('-', "+")).await;
    assert_eq!(reply.status, 303, "{}", reply.text);
    assert_eq!(reply.header("location"), "/");
    let cookie = reply.header("set-cookie");
    let (pair, rules) = cookie.split_once("; ").unwrap();
    assert!(
        pair.starts_with("orchestrator_orchestrator_8000_session="),
        "{cookie}"
    );
    assert_eq!(rules, "Path=/; Max-Age=86400; HttpOnly; SameSite=Lax");
    assert_eq!(
        send(&service, "GET /health", &[("cookie", pair)], "")
            .await
            .status,
        200
    );

    let again = login(&service, code).await;
    assert_eq!(again.status, 401);
    assert_eq!(again.header("www-authenticate"), "Bearer");
    assert_eq!(again.header("set-cookie"), "");
}

#[tokio::test]
async fn looking_at_the_page_takes_no_code() {
    let service = guarded();
    let code = code(&service);
    let page = send(&service, &format!("GET /login?code={code}"), &[], "").await;
    assert_eq!(page.status, 200);
    assert!(
        page.text
            .contains("<form method=\"post\" action=\"/login\">")
    );
    assert!(!page.text.contains("<script") && !page.text.contains(&code));
    assert_eq!(login(&service, &code).await.status, 303);
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_and_the_oldest_makes_room() {
    let service = guarded();
    let gate = service.app.login.as_ref().unwrap();
    let Some(earlier) = Instant::now().checked_sub(Duration::from_mins(10)) else {
        panic!("the machine was started just now");
    };
    let old = gate.issue_code(earlier);
    assert_eq!(login(&service, &old).await.status, 401);
    let young = gate.issue_code(earlier + Duration::from_mins(1));
    assert_eq!(login(&service, &young).await.status, 303);

    let first = code(&service);
    let later: Vec<_> = (0..16).map(|_| code(&service)).collect();
    assert_eq!(login(&service, &first).await.status, 401);
    assert_eq!(login(&service, &later[0]).await.status, 303);
}

#[tokio::test]
async fn only_the_service_s_own_page_can_log_a_browser_in() {
    let service = guarded();
    let code = code(&service);
    let body = format!("code={code}");
    for headers in [
        &[FORM][..],
        &[FORM, ("origin", "https://box.example.org")],
        &[JSON, ("origin", OWN)],
    ] {
        let reply = send(&service, "POST /login", headers, &body).await;
        assert_eq!(reply.status, 415, "{headers:?}");
    }
    let foreign = [FORM, ("origin", "http://evil.example")];
    assert_eq!(
        send(&service, "POST /login", &foreign, &body).await.status,
        403
    );

    let proxied = [
        FORM,
        ("origin", "https://box.example.org"),
        ("sec-fetch-site", "same-origin"),
    ];
    let reply = send(&service, "POST /login", &proxied, &body).await;
    assert_eq!(reply.status, 303);
    assert!(reply.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn a_session_changes_something_from_the_service_s_own_pages_alone() {
    let service = guarded();
    let session = session(&service).await;
    let cookie = ("cookie", session.as_str());
    let agent = r#"{"name":"a","description":"d","agent_type":"custom","capabilities":""}"#;
    let create = async |headers: &[(&str, &str)]| {
        send(&service, "POST /api/agents", headers, agent)
            .await
            .status
    };
    assert_eq!(create(&[JSON, cookie]).await, 403);
    assert_eq!(
        create(&[JSON, cookie, ("origin", "https://box.example.org")]).await,
        403
    );
    assert_eq!(service.events().await, 0);
    assert_eq!(create(&[JSON, cookie, ("origin", OWN)]).await, 201);
    // It cannot multiply itself.
    let codes = send(
        &service,
        "POST /api/login-codes",
        &[JSON, cookie, ("origin", OWN)],
        "",
    )
    .await;
    assert_eq!(codes.status, 403);
}

#[tokio::test]
async fn logging_out_ends_the_session_on_the_server() {
    let service = guarded();
    let session = session(&service).await;
    // Other services of this machine set cookies for the same name.
    let cookies = format!("theme=dark; {session}; orchestrator_other_8000_session=x");
    let headers = [FORM, ("origin", OWN), ("cookie", cookies.as_str())];
    let reply = send(&service, "POST /logout", &headers, "").await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (StatusCode::SEE_OTHER, "/login")
    );
    assert!(reply.header("set-cookie").contains("Max-Age=0"));
    let after = send(&service, "GET /health", &[("cookie", &cookies)], "").await;
    assert_eq!(after.status, 401);
}

#[tokio::test]
async fn a_person_without_a_session_sees_the_page_that_asks_for_a_code() {
    let service = guarded();
    let reply = send(&service, "GET /", &[("accept", "text/html,*/*")], "").await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    assert!(reply.text.contains("<form"));
}

/// What `work` gives, and how long it takes by the test's own time.
async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let began = tokio::time::Instant::now();
    (work.await, began.elapsed())
}

const WRONG: [(&str, &str); 1] = [("authorization", "Bearer wrong")];
const RIGHT: [(&str, &str); 1] = [("authorization", BEARER)];
/// Needs no database, whose threads know nothing of the test's time.
const DOCUMENT: &str = "GET /openapi.json";

#[tokio::test(start_paused = true)]
async fn guessing_is_slowed_down_and_locks_nobody_out() {
    let service = guarded();
    for _ in 0..20 {
        let (reply, time) = timed(send(&service, DOCUMENT, &WRONG, "")).await;
        assert_eq!((reply.status.as_u16(), time), (401, Duration::ZERO));
    }
    let (reply, time) = timed(send(&service, DOCUMENT, &WRONG, "")).await;
    assert_eq!(reply.status, 429);
    assert!(Duration::from_secs(1) <= time, "{time:?}");
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(reply.header("connection"), "close");
    let (reply, time) = timed(login(&service, "0000-0000-0000")).await;
    assert_eq!(reply.status, 429);
    assert!(Duration::from_secs(1) <= time, "{time:?}");

    let (reply, time) = timed(send(&service, DOCUMENT, &RIGHT, "")).await;
    assert_eq!((reply.status.as_u16(), time), (200, Duration::ZERO));
    let (reply, time) = timed(login(&service, &code(&service))).await;
    assert_eq!((reply.status.as_u16(), time), (303, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn few_who_guess_wait_at_a_time_and_the_owner_passes_them() {
    let service = guarded();
    for _ in 0..20 {
        send(&service, DOCUMENT, &WRONG, "").await;
    }
    let mut waiting = pin!(join_all(
        (0..16).map(|_| send(&service, DOCUMENT, &WRONG, ""))
    ));
    assert!(waiting.as_mut().now_or_never().is_none());
    for (headers, status) in [(&RIGHT, 200), (&WRONG, 429), (&RIGHT, 200)] {
        let (reply, time) = timed(send(&service, DOCUMENT, headers, "")).await;
        assert_eq!((reply.status.as_u16(), time), (status, Duration::ZERO));
    }
    let (replies, time) = timed(waiting).await;
    assert!(Duration::from_secs(1) <= time, "{time:?}");
    assert!(replies.iter().all(|reply| reply.status == 429));
    // They have left their places.
    let (_, time) = timed(send(&service, DOCUMENT, &WRONG, "")).await;
    assert!(Duration::from_secs(1) <= time, "{time:?}");
}

#[tokio::test]
async fn without_a_token_there_is_nothing_to_log_in_to() {
    let service = Service::start();
    assert_eq!(service.get("/login").await.status, 404);
    assert_eq!(login(&service, "0000-0000-0000").await.status, 404);
}
