//! JSON whose shape is the caller's own comes back as it was written.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use tower::ServiceExt as _;

use crate::support::Service;

/// Keys in no order, numbers that no float holds, escapes that nobody needs, white space.
const OBJECT: &str = r#"{"z": 1e400, "a": 12345678901234567890.123, "m":{ "é":"\u00e9\ud83d\ude00\/", "":[ -0.0, 1E+2]},
    "\u007a\u007a":	null}"#;

/// Status and text; the body is sent as it stands here.
async fn send(service: &Service, target: &str, body: String) -> (StatusCode, String) {
    let (method, path) = target.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost:8000")
        .header("content-type", "application/json");
    let request = request.body(Body::from(body)).unwrap();
    let answer = service.router.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

/// An agent with this JSON text as its metadata.
async fn keep(service: &Service, name: &str, json: &str) -> (StatusCode, String) {
    let body = format!(
        r#"{{"name":"{name}","description":"","agent_type":"custom","capabilities":"","metadata":{json}}}"#
    );
    send(service, "POST /api/agents", body).await
}

#[tokio::test]
async fn every_member_that_is_kept_comes_back_key_for_key_and_digit_for_digit() {
    let service = Service::start();
    let agent = service.agent("scout").await;
    let instance = service.instance(&agent).await;
    let array = format!("[{OBJECT}, 1e-999]");
    let given = [
        (
            "/api/agents",
            r#""name":"a","description":"","agent_type":"custom","capabilities":"""#.to_owned(),
            vec![("metadata", OBJECT)],
        ),
        (
            "/api/runtime/agents",
            format!(r#""orchestrator_agent_id":"{agent}","session_id":"s""#),
            vec![
                ("context", &*array),
                ("config", OBJECT),
                ("metadata", OBJECT),
            ],
        ),
        (
            "/api/runtime/logs",
            format!(
                r#""agent_id":"{instance}","log_level":"INFO","log_type":"output","message":"""#
            ),
            vec![("details", "1e400")],
        ),
        (
            "/api/system/logs",
            r#""component":"c","log_level":"INFO","message":"""#.to_owned(),
            vec![("details", &*array)],
        ),
        (
            "/api/runtime/workflows",
            r#""adw_name":"w","workflow_type":"sdlc""#.to_owned(),
            vec![
                ("steps", &*array),
                ("input_data", OBJECT),
                ("metadata", OBJECT),
            ],
        ),
    ];
    for (path, members, kept) in given {
        let kept: Vec<_> = kept
            .into_iter()
            .map(|(name, json)| format!(r#""{name}":{json}"#))
            .collect();
        let body = format!("{{{members},{}}}", kept.join(","));
        let (status, created) = send(&service, &format!("POST {path}"), body).await;
        assert_eq!(status, 201, "{created}");
        let list = format!("GET {path}?limit=1");
        let mut answers = vec![created, send(&service, &list, String::new()).await.1];
        if !path.ends_with("/logs") {
            let id = answers[0].split("\"id\":\"").nth(1).unwrap();
            let target = format!("GET {path}/{}", &id[..36]);
            answers.push(send(&service, &target, String::new()).await.1);
        }
        for answer in answers {
            for member in &kept {
                assert!(answer.contains(member), "{member} is not in {answer}");
            }
        }
    }
}

#[tokio::test]
async fn a_change_keeps_what_it_is_given_and_leaves_what_it_is_not() {
    let service = Service::start();
    let agent = service.agent("scout").await;
    let target = format!("PATCH /api/agents/{agent}");
    let metadata = format!(r#""metadata":{OBJECT}"#);
    let (status, changed) = send(&service, &target, format!("{{{metadata}}}")).await;
    assert_eq!(status, 200);
    assert!(changed.contains(&metadata), "{changed}");
    let (_, renamed) = send(&service, &target, r#"{"name":"b"}"#.into()).await;
    assert!(renamed.contains(&metadata), "{renamed}");
    let (_, cleared) = send(&service, &target, r#"{"metadata": null}"#.into()).await;
    assert!(cleared.contains(r#""metadata":null"#), "{cleared}");
}

#[tokio::test]
async fn what_readers_would_not_agree_on_is_refused() {
    let service = Service::start();
    for (json, detail) in [
        (r#"{"a":1,"a":2}"#, "holds an object with a key twice"),
        (
            r#"{"b":[{"a":1, "\u0061" :2}]}"#,
            "holds an object with a key twice",
        ),
        (r#"{"a":"\ud83d"}"#, "holds half of a surrogate pair"),
        (r#"{"\ude00":1}"#, "holds half of a surrogate pair"),
        (&nested(101), "is nested too deeply"),
        ("[1]", "must be an object"),
        ("\"{\"", "must be an object"),
    ] {
        let (status, problem) = keep(&service, "a", json).await;
        assert_eq!(status, 422, "{json}: {problem}");
        let error = format!(r#""errors":[{{"pointer":"/metadata","detail":"{detail}"}}]"#);
        assert!(problem.contains(&error), "{json}: {problem}");
    }
    for json in [
        r#"{"a":01}"#,
        r#"{"a":NaN}"#,
        r#"{"a":1.}"#,
        r#"{"a":"\x"}"#,
        "{'a':1}",
        "{",
    ] {
        let (status, problem) = keep(&service, "a", json).await;
        assert_eq!(status, 400, "{json}: {problem}");
    }
    assert_eq!(service.events().await, 0);
    for (name, json) in [
        ("apart", r#"{"a":{"a":1},"b":[{"a":"a"},{"a":":"}]}"#),
        ("deep", &nested(100)),
        ("wide", &format!(r#"{{"a":[{}[]]}}"#, "[],".repeat(1000))),
    ] {
        let (status, created) = keep(&service, name, json).await;
        assert_eq!(status, 201, "{created}");
        assert!(created.contains(json));
    }
}

/// An object that holds arrays, so many levels in all.
fn nested(levels: usize) -> String {
    let inside = levels - 1;
    format!(r#"{{"a":{}{}}}"#, "[".repeat(inside), "]".repeat(inside))
}
