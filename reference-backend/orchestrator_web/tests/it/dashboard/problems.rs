use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use rusqlite::Connection;

use crate::support::Service;

#[tokio::test]
async fn who_meets_a_refusal_in_a_browser_reads_a_page() {
    let service = Service::start();
    for path in [
        "/nowhere",
        "/runs/none",
        "/agents/0197f3c2-0000-7000-8000-000000000000",
    ] {
        let page = service.visit(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        page.shows("<h1>Not Found</h1>");
        page.shows("unknown ");
        page.shows(page.header("x-request-id"));
    }
    let page = service.visit("/runs?status=dancing").await;
    assert_eq!(page.status, 422);
    // Programs read what they always do, whatever the path.
    let answer = service.get("/nowhere").await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let request = Request::get("/api/agents/none")
        .header("host", "localhost:8000")
        .header("accept", "text/html");
    let answer = service.answer(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_database_that_cannot_be_read_is_a_page_that_says_so_and_comes_back() {
    let service = Service::start();
    let agent = service.parrot().await;
    let path = service.app.db.path().to_owned();
    flush(&path);
    let kept = std::fs::read(&path).unwrap();
    std::fs::write(&path, vec![0x55; kept.len()]).unwrap();
    for page in ["/", "/agents", "/runs"] {
        let page = service.visit(page).await;
        assert_eq!(page.status, 503, "{}", page.html);
        page.shows("<h1>Service Unavailable</h1>");
        page.shows("the database ");
        page.shows("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>");
        page.shows("id=\"passing\"");
    }
    // What tells how the service is does so without its tables.
    let page = service.visit("/system").await;
    assert_eq!(page.status, 503, "{}", page.html);
    page.shows("<h1>System</h1>");
    page.shows("id=\"passing\"");
    page.shows("<td>the database cannot be read</td>");
    page.shows("limits.max_connections");
    // A form is not sent again by itself.
    let refused = service.submit(&format!("{agent}/run"), &[]).await;
    assert_eq!(refused.status, 503, "{}", refused.html);
    refused.shows_no("http-equiv");

    std::fs::write(&path, kept).unwrap();
    // A commit tells the readers that what they keep in memory is old.
    service.agent("planner").await;
    service.visit("/agents").await.shows("parrot");
}

/// Brings all that was committed into the database file itself.
#[expect(
    clippy::disallowed_methods,
    reason = "looks at the database from outside"
)]
fn flush(path: &Path) {
    let conn = Connection::open(path).unwrap();
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    conn.query_row(checkpoint, (), |_| Ok(())).unwrap();
}
