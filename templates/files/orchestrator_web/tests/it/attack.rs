//! What web pages and strangers try, on every route there is. The routes come from the table that
//! the router is made of, so that a new one is covered without anyone remembering it.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use orchestrator::config::{Settings, Text as _, Token};
use serde_json::json;
use tower::ServiceExt as _;

use crate::support::operations::{FORM, Headers, JSON, Operation, operations};
use crate::support::{Answer, Service};

const TOKEN: &str = "correct-horse-battery-staple-0123456789";
const ALLOWED: &str = "http://localhost:5173";

/// Statuses with which the door refuses, whatever the route.
const REFUSALS: [u16; 5] = [401, 403, 415, 421, 429];

async fn service() -> (Service, String) {
    let service = Service::start();
    let agent =
        json!({ "name": "a", "description": "d", "agent_type": "custom", "capabilities": "" });
    let answer = service.post("/api/agents", agent).await;
    let id = answer.body["id"].as_str().expect("an agent is made");
    let id = id.to_owned();
    (service, id)
}

/// Only the head of the answer: some are streams without an end.
async fn status(service: &Service, request: Request<Body>) -> StatusCode {
    service
        .router
        .clone()
        .oneshot(request)
        .await
        .unwrap()
        .status()
}

/// Sends `headers` on every operation that `applies`, and checks that each is refused.
async fn refused(headers: Headers, expected: &[u16], applies: fn(&Operation) -> bool) {
    let (service, agent) = service().await;
    let events = service.events().await;
    for operation in operations(&agent).iter().filter(|it| applies(it)) {
        let answer = service.answer(operation.request(headers)).await;
        assert_refusal(operation, headers, &answer, expected);
    }
    assert_eq!(
        service.events().await,
        events,
        "{headers:?} changed something"
    );
}

fn assert_refusal(operation: &Operation, headers: Headers, answer: &Answer, expected: &[u16]) {
    let Operation { method, path, .. } = operation;
    let attempt = format!("{method} {path} with {headers:?}: {answer:?}");
    let status = answer.status.as_u16();
    assert!(expected.contains(&status), "{attempt}");
    assert_eq!(
        answer.header("content-type"),
        "application/problem+json",
        "{attempt}"
    );
    assert_eq!(answer.body["status"], status, "{attempt}");
    assert_eq!(
        answer.body["request_id"],
        answer.header("x-request-id"),
        "{attempt}"
    );
    assert_eq!(
        answer.header("x-content-type-options"),
        "nosniff",
        "{attempt}"
    );
    let is_foreign = !headers.contains(&("origin", ALLOWED));
    assert_eq!(
        answer.header("access-control-allow-origin").is_empty(),
        is_foreign,
        "{attempt}"
    );
}

#[tokio::test]
async fn a_request_that_does_not_name_this_service_is_misdirected() {
    let attempts: [Headers; 8] = [
        &[("host", "")],
        &[("host", "evil.example")],
        &[("host", "evil.example:8000")],
        &[("host", "localhost")],
        &[("host", "localhost:9999")],
        &[("host", "localhost:8000"), ("host", "evil.example")],
        &[("host", "localhost:8000.evil.example")],
        // DNS rebinding: the page's own name leads to this machine, and everything agrees.
        &[
            ("host", "evil.example:8000"),
            ("origin", "http://evil.example:8000"),
            ("sec-fetch-site", "same-origin"),
        ],
    ];
    for headers in attempts {
        refused(headers, &[421], |_| true).await;
    }
}

#[tokio::test]
async fn a_request_from_a_foreign_page_is_forbidden() {
    let attempts: [Headers; 9] = [
        &[("origin", "null")],
        &[("origin", "http://evil.example")],
        &[("origin", "http://localhost:9999")],
        &[("origin", "https://localhost:8000")],
        &[
            ("origin", "http://localhost:8000"),
            ("origin", "http://evil.example"),
        ],
        &[
            ("origin", "http://evil.example"),
            ("sec-fetch-site", "same-origin"),
        ],
        &[("sec-fetch-site", "cross-site")],
        &[
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-mode", "no-cors"),
        ],
        &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "iframe"),
        ],
    ];
    for headers in attempts {
        refused(headers, &[403], |_| true).await;
    }
}

#[tokio::test]
async fn a_foreign_page_can_neither_navigate_into_a_change_nor_open_a_stream() {
    let navigation: Headers = &[
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    refused(navigation, &[403], Operation::changes_state).await;
    let stream: Headers = &[
        ("accept", "text/event-stream"),
        ("origin", "http://evil.example"),
    ];
    refused(stream, &[403], |_| true).await;
    let socket: Headers = &[
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("origin", "http://evil.example"),
    ];
    refused(socket, &[403], |_| true).await;
}

#[tokio::test]
async fn a_change_is_not_taken_in_a_form_that_any_page_may_send() {
    let attempts: [Headers; 7] = [
        &[("content-type", "text/plain")],
        &[
            ("content-type", "text/plain"),
            ("sec-fetch-site", "same-origin"),
        ],
        &[("content-type", JSON), ("content-type", "text/plain")],
        &[("content-type", "text/plain; application/json")],
        &[("content-type", FORM), ("sec-fetch-site", "")],
        &[
            ("content-type", "multipart/form-data; boundary=x"),
            ("sec-fetch-site", ""),
        ],
        &[
            ("content-type", FORM),
            ("origin", ALLOWED),
            ("sec-fetch-site", "same-site"),
        ],
    ];
    for headers in attempts {
        refused(headers, &[415], Operation::changes_state).await;
    }
    refused(&[("content-type", "")], &[415], Operation::changes_state).await;
}

#[tokio::test]
async fn whoever_may_speak_to_the_service_gets_past_the_door() {
    let friends: [Headers; 6] = [
        &[],
        &[("host", "127.0.0.1:8000")],
        &[("host", "[::1]:8000"), ("origin", "http://[::1]:8000")],
        &[
            ("origin", "http://localhost:8000"),
            ("sec-fetch-site", "same-origin"),
        ],
        &[("origin", ALLOWED), ("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
    ];
    let (service, agent) = service().await;
    for headers in friends {
        for operation in operations(&agent).iter().filter(|it| it.media_type == JSON) {
            let status = status(&service, operation.request(headers)).await;
            let Operation { method, path, .. } = operation;
            assert!(
                !REFUSALS.contains(&status.as_u16()),
                "{method} {path} {headers:?}: {status}"
            );
        }
    }
    let link: Headers = &[
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    for operation in operations(&agent)
        .iter()
        .filter(|it| it.method == Method::GET)
    {
        let status = status(&service, operation.request(link)).await;
        assert!(
            !REFUSALS.contains(&status.as_u16()),
            "{}: {status}",
            operation.path
        );
    }
}

// The time is the test's own: who guesses too often waits.
#[tokio::test(start_paused = true)]
async fn with_a_token_nothing_is_done_without_it() {
    let attempts: [Headers; 7] = [
        &[],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "Bearer ")],
        &[(
            "authorization",
            "Basic correct-horse-battery-staple-0123456789",
        )],
        &[
            (
                "authorization",
                "Bearer correct-horse-battery-staple-0123456789",
            ),
            ("authorization", "Bearer wrong"),
        ],
        // The token is never a cookie.
        &[(
            "cookie",
            "orchestrator_orchestrator_8000_session=correct-horse-battery-staple-0123456789",
        )],
        &[("cookie", "orchestrator_orchestrator_8000_session=")],
    ];
    let service = Service::with(Settings {
        token: Token::parse(TOKEN),
        ..Settings::default()
    });
    let guarded = |operations: Vec<Operation>| {
        let open = ["/livez", "/login"];
        operations
            .into_iter()
            .filter(move |it| !open.contains(&it.path.as_str()))
    };
    for headers in attempts {
        for mut operation in guarded(operations("none")) {
            let path = operation.path.clone();
            for query in ["", "?token=", "?access_token="] {
                operation.path =
                    format!("{path}{query}{}", if query.is_empty() { "" } else { TOKEN });
                let answer = service.answer(operation.request(headers)).await;
                assert_refusal(&operation, headers, &answer, &[401, 429]);
            }
        }
    }
    assert_eq!(service.events().await, 0);

    tokio::time::resume();
    let bearer: Headers = &[(
        "authorization",
        "Bearer correct-horse-battery-staple-0123456789",
    )];
    for operation in guarded(operations("none")) {
        let status = status(&service, operation.request(bearer)).await;
        assert!(
            !REFUSALS.contains(&status.as_u16()),
            "{}: {status}",
            operation.path
        );
    }
    assert_eq!(
        service.get("/livez").await.body,
        json!({ "status": "alive" })
    );
}
