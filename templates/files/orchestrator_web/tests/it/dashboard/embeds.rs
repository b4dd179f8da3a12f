//! Other tools beside the pages, real ones on ports of their own.

use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::reload::host;
use crate::runs::support::Host;
use crate::support::program::Program;

/// A tool that gives this answer to who asks for `/board?a=b`.
async fn tool(
    status: StatusCode,
    headers: &'static [(header::HeaderName, &'static str)],
) -> SocketAddr {
    let answer = move |asked: HeaderMap| async move {
        // Nothing of the service's own comes to the tool.
        for secret in [header::COOKIE, header::AUTHORIZATION, header::REFERER] {
            assert!(!asked.contains_key(secret));
        }
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        (status, headers.collect::<HeaderMap>(), "<h1>A tool</h1>")
    };
    let router = Router::new().route("/board", get(answer));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn framed(address: SocketAddr) -> String {
    format!(
        "[dashboard.embeds.board]\ntitle = 'The <b>board</b>'\nshow = 'frame'\n\
         url = 'http://{address}/board?a=b#/c'\n"
    )
}

/// What the API tells of the only tool.
async fn told(host: &Host) -> Value {
    let tools = host.get("/api/embeds").await;
    assert_eq!(tools.as_array().unwrap().len(), 1);
    tools[0].clone()
}

#[tokio::test]
async fn a_tool_is_framed_from_its_own_origin_on_its_own_page_alone() {
    let address = tool(StatusCode::OK, &[]).await;
    let host = host(&framed(address));
    let page = host.visit("/embeds/board").await;
    assert_eq!(page.status, 200, "{}", page.html);
    page.shows(&format!(
        "<iframe class=\"embed\" src=\"http://{address}/board?a=b#/c\""
    ));
    page.shows("<span class=\"state done\">well</span>");
    page.shows("<a href=\"/embeds/board\" aria-current=\"page\">The &#60;b&#62;board");
    page.shows_no("<b>board");
    let usual = host.visit("/agents").await;
    let usual_policy = usual.header("content-security-policy");
    assert!(!usual_policy.contains("frame-src"), "{usual_policy}");
    assert_eq!(
        page.header("content-security-policy"),
        format!("{usual_policy}; frame-src http://{address}")
    );
    usual.shows("<a href=\"/embeds/board\">The ");
    let expected = json!({ "name": "board", "title": "The <b>board</b>", "show": "frame",
        "url": format!("http://{address}/board?a=b#/c"), "health": "well",
        "reason": "it answers 200 OK", "forbids_frames": null });
    assert_eq!(told(&host).await, expected);
    assert_eq!(host.visit("/embeds/other").await.status, 404);
}

#[tokio::test]
async fn a_tool_that_forbids_frames_is_a_link_with_the_reason() {
    type Headers = &'static [(header::HeaderName, &'static str)];
    let cases: [(Headers, Option<&str>); 7] = [
        (
            &[(header::X_FRAME_OPTIONS, "SAMEORIGIN")],
            Some("x-frame-options: sameorigin"),
        ),
        (
            &[(header::X_FRAME_OPTIONS, "DENY")],
            Some("x-frame-options: deny"),
        ),
        (&[(header::X_FRAME_OPTIONS, "ALLOW-FROM http://x")], None),
        (
            &[(
                header::CONTENT_SECURITY_POLICY,
                "default-src *; Frame-Ancestors 'self' http://elsewhere",
            )],
            Some("content-security-policy: frame-ancestors 'self' http://elsewhere"),
        ),
        (
            &[
                (
                    header::CONTENT_SECURITY_POLICY,
                    "frame-ancestors http://127.0.0.1:*",
                ),
                (header::X_FRAME_OPTIONS, "DENY"),
            ],
            None,
        ),
        (
            &[(
                header::CONTENT_SECURITY_POLICY,
                "frame-ancestors *, frame-ancestors 'none'",
            )],
            Some("content-security-policy: frame-ancestors 'none'"),
        ),
        (
            &[(header::CONTENT_SECURITY_POLICY, "script-src 'self'")],
            None,
        ),
    ];
    for (headers, forbids) in cases {
        let host = host(&framed(tool(StatusCode::OK, headers).await));
        assert_eq!(
            told(&host).await["forbids_frames"],
            json!(forbids),
            "{headers:?}"
        );
        let page = host.visit("/embeds/board").await;
        assert_eq!(
            page.html.contains("<iframe"),
            forbids.is_none(),
            "{headers:?}"
        );
        let policy = page.header("content-security-policy");
        assert_eq!(policy.contains("frame-src"), forbids.is_none());
        assert_eq!(
            page.html.contains("forbids that other pages show it"),
            forbids.is_some()
        );
    }
}

#[tokio::test]
async fn a_tool_that_is_away_or_unwell_says_so_and_is_waited_for_no_longer_than_two_seconds() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let down = host(&framed(address));
    let page = down.visit("/embeds/board").await;
    page.shows("<span class=\"state failed\">failed</span>");
    page.shows("it does not answer: connection refused");
    page.shows(">Ask again</a>");
    page.shows_no("<iframe");
    assert_eq!(told(&down).await["health"], "failed");

    let broken = host(&framed(tool(StatusCode::BAD_GATEWAY, &[]).await));
    assert_eq!(told(&broken).await["reason"], "it answers 502 Bad Gateway");
    let elsewhere = &[(header::LOCATION, "http://169.254.169.254/latest")];
    let redirected = host(&framed(tool(StatusCode::FOUND, elsewhere).await));
    assert_eq!(
        told(&redirected).await["reason"],
        "it answers 302 Found, which is not followed"
    );

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let waited = host(&framed(silent.local_addr().unwrap()));
    assert_eq!(
        told(&waited).await["reason"],
        "it does not answer: timed out"
    );
    // The connection is given up, too.
    let (mut stream, _) = silent.accept().await.unwrap();
    let mut asked = String::new();
    stream.read_to_string(&mut asked).await.unwrap();
    assert!(asked.starts_with("GET /board?a=b HTTP/1.1\r\n"), "{asked}");
    assert!(!asked.contains("/c"), "{asked}");
}

#[tokio::test]
async fn a_tool_that_closes_with_its_answer_has_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = host(&framed(listener.local_addr().unwrap()));
    let answer = async {
        for _ in 0..20 {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_exact(&mut [0; 16]).await.unwrap();
            let answer = b"HTTP/1.0 200 OK\r\nserver: short\r\n\r\n";
            stream.write_all(answer).await.unwrap();
            stream.shutdown().await.unwrap();
            stream.read_to_end(&mut Vec::new()).await.unwrap();
        }
    };
    let look = async {
        for _ in 0..20 {
            assert_eq!(told(&host).await["reason"], "it answers 200 OK");
        }
    };
    tokio::join!(answer, look);
}

#[tokio::test]
async fn a_link_is_no_frame_and_a_tool_at_our_own_address_is_none_either() {
    let address = tool(StatusCode::OK, &[]).await;
    let host = host(&framed(address).replace("'frame'", "'link'"));
    let page = host.visit("/embeds/board").await;
    page.shows_no("<iframe");
    page.shows("target=\"_blank\" rel=\"noopener noreferrer\"");
    let ours = host.service.addresses[0];
    host.write(&framed(ours));
    let asked = host.submit("/control/reload", &[]).await;
    let digest = asked
        .html
        .split("name=\"confirm\" value=\"")
        .nth(1)
        .unwrap();
    let digest = digest.split('"').next().unwrap();
    // Who can write the file cannot put a page among ours.
    host.visit("/embeds/board")
        .await
        .shows(&address.to_string());
    host.submit("/control/reload", &[("confirm", digest)])
        .await
        .leads_to();
    let page = host.visit("/embeds/board").await;
    page.shows("has this service's own address");
    page.shows_no("<iframe");
}

#[test]
fn an_address_that_is_none_is_refused_with_its_place() {
    for (toml, expected) in [
        (
            "[dashboard.embeds.x]\nurl = 'javascript:alert(1)'",
            ":2:7: dashboard.embeds.x.url is \"javascript:alert(1)\", not an http or https address",
        ),
        ("[dashboard.embeds.x]\nurl = 'ftp://host/'", ":2:7: "),
        (
            "[dashboard.embeds.x]\nurl = 'http://user:word@host/'",
            ":2:7: ",
        ),
        (
            "[dashboard.embeds.x]\nurl = 'http://host; script-src *'",
            ":2:7: ",
        ),
        (
            "[dashboard.embeds.x]\nurl = 'http://host/\"><script>'",
            ":2:7: ",
        ),
        ("[dashboard.embeds.x]\nurl = 'http://Host:80/'", ":2:7: "),
        (
            "[dashboard.embeds.x]\ntitle = 'T'",
            ":1:19: dashboard.embeds.x has no url",
        ),
        (
            "[dashboard.embeds.x]\nurl = 'http://h/'\ntitle = ''",
            ":3:9: dashboard.embeds.x.title is \"\", not a text of 1 to 40 characters",
        ),
        (
            "[dashboard.embeds.x]\nurl = 'http://h/'\nshow = 'proxy'",
            ":3:8: dashboard.embeds.x.show is \"proxy\", not link or frame",
        ),
        (
            "[dashboard.embeds.x]\nurl = 'http://[::1]:5000/'\nshow = 'frame'",
            ":1:19: dashboard.embeds.x has an IPv6 address",
        ),
        (
            "[dashboard.embeds.X]\nurl = 'http://h/'",
            ":1:19: dashboard.embeds.X is not a table with a valid name",
        ),
        (
            "[dashboard.embeds.x]\nlink = 'http://h/'",
            ":2:1: unknown key dashboard.embeds.x.link",
        ),
        (
            "[dashboard]\nembed = 1",
            ":2:1: unknown key dashboard.embed",
        ),
        ("dashboard = 1", ":1:1: dashboard is not a table"),
    ] {
        let run = Program::new()
            .file("orchestrator.toml", toml)
            .run(&["config"]);
        assert!(!run.succeeded, "{toml}: {run:?}");
        let place = format!("orchestrator.toml{expected}");
        assert!(run.err.contains(&place), "{toml}: {}", run.err);
    }
    let toml = "[dashboard.embeds.mlflow]\nurl = 'https://ml.example.org/#/x'";
    let run = Program::new()
        .file("orchestrator.toml", toml)
        .run(&["config"]);
    let line = r#"dashboard.embeds.mlflow = {"show":"link","title":"mlflow","url":"https://ml.example.org/#/x"}"#;
    assert!(run.out.contains(line), "{run:?}");
}
