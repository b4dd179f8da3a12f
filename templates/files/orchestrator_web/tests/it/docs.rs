use axum::body::{Body, to_bytes};
use axum::http::Request;
use orchestrator::openapi::DOCUMENT;
use tower::ServiceExt as _;

use crate::support::Service;

async fn page(uri: &str) -> (String, String) {
    let request = Request::get(uri)
        .header("host", "localhost:8000")
        .body(Body::empty())
        .unwrap();
    let response = Service::start().router.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let kind = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (kind, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn the_page_shows_every_route_and_every_shape() {
    let (kind, html) = page("/docs").await;
    assert_eq!(kind, "text/html; charset=utf-8");
    for path in DOCUMENT.paths.paths.keys() {
        assert!(
            html.contains(&format!("<code>{path}</code>")),
            "{path} is missing"
        );
    }
    let components = DOCUMENT.components.as_ref().unwrap();
    for name in components.schemas.keys() {
        assert!(
            html.contains(&format!("id=\"shape-{name}\"")),
            "{name} is missing"
        );
    }
}

#[tokio::test]
async fn the_page_needs_nobody_else() {
    let (_, html) = page("/docs").await;
    for foreign in ["http://", "https://", "<script", "style=\"", "<style"] {
        assert!(!html.contains(foreign), "the page holds {foreign}");
    }
    let (kind, css) = page("/docs/style.css").await;
    assert_eq!(kind, "text/css; charset=utf-8");
    assert!(!css.contains("url(") && !css.contains("@import"));
}
