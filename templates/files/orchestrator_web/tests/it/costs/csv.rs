//! Costs for spreadsheets.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use insta::assert_snapshot;
use serde_json::json;
use tower::ServiceExt as _;

use super::report;
use crate::support::{Service, planner};

/// The headers of interest, and the body.
async fn ask(service: &Service, path: &str, accept: &'static str) -> (String, String) {
    let request = Request::get(path)
        .header("host", "localhost:8000")
        .header("accept", accept);
    let request = request.body(Body::empty()).unwrap();
    let answer = service.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let names = ["content-type", "content-disposition", "vary"];
    let headers = names.map(|name| {
        let values = answer.headers().get_all(name).iter();
        let values: Vec<_> = values.map(|it| it.to_str().unwrap()).collect();
        values.join(", ")
    });
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (
        headers.join("\n"),
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

#[tokio::test]
async fn a_table_has_a_line_for_each_sum_and_no_formulas() {
    let service = Service::start();
    let mut keys = Vec::new();
    for (name, cost) in [
        ("=HYPERLINK(\"http://example.org\",\"x\")", 5.0),
        ("@SUM(A1)", 4.0),
        ("+1", 3.25),
        ("-1", 2.5),
        ("two\nlines", 2.0),
        ("plain, with a comma", 0.000_001),
    ] {
        let agent = service.given("/api/agents", planner(name)).await;
        let agent = agent["id"].as_str().unwrap().to_owned();
        let run = service.instance(&agent).await;
        report(
            &service,
            &run,
            json!({ "tokens_input": 7, "cost_usd": cost }),
        )
        .await;
        keys.push(agent);
    }
    let (headers, mut table) = ask(&service, "/api/costs", "text/csv").await;
    assert_snapshot!(headers, @r#"
    text/csv; charset=utf-8; header=present
    attachment; filename="costs-by-agent.csv"
    accept, origin
    "#);
    for key in keys {
        table = table.replace(&key, "[id]");
    }
    let lines = table.replace("\r\n", "␍\n");
    assert_snapshot!(lines, @r#"
    key,name,runs,tokens_input,tokens_output,tokens_cache_read,tokens_cache_write,cost_usd,is_estimate␍
    [id],"'=HYPERLINK(""http://example.org"",""x"")",1,7,0,0,0,5.000000,false␍
    [id],'@SUM(A1),1,7,0,0,0,4.000000,false␍
    [id],'+1,1,7,0,0,0,3.250000,false␍
    [id],'-1,1,7,0,0,0,2.500000,false␍
    [id],"two
    lines",1,7,0,0,0,2.000000,false␍
    [id],"plain, with a comma",1,7,0,0,0,0.000001,false␍
    "#);
}

#[tokio::test]
async fn what_is_null_is_an_empty_cell() {
    let service = Service::start();
    let run = service.instance(&service.agent("planner").await).await;
    report(&service, &run, json!({ "cost_usd": 0.5 })).await;
    let (_, table) = ask(&service, "/api/costs?by=workflow", "text/csv").await;
    let (_, line) = table.split_once("\r\n").unwrap();
    assert_eq!(line, ",,1,0,0,0,0,0.500000,false\r\n");
}

#[tokio::test]
async fn a_link_asks_for_a_table_by_its_format() {
    let service = Service::start();
    let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
    let (headers, _) = ask(&service, "/api/costs?format=csv", browser).await;
    assert!(headers.starts_with("text/csv"), "{headers}");
    let (headers, _) = ask(&service, "/api/costs?format=json", "text/csv").await;
    assert!(headers.starts_with("application/json"), "{headers}");
    let wrong = service.get("/api/costs?format=xls").await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn who_wants_json_as_much_gets_json() {
    let service = Service::start();
    for (accept, is_csv) in [
        ("*/*", false),
        ("application/json", false),
        ("application/json, text/csv", false),
        ("text/html,application/xhtml+xml,*/*;q=0.8", false),
        ("text/csv;q=0.4, application/json;q=0.5", false),
        ("text/csv;q=0", false),
        ("application/csv", false),
        ("text/csv", true),
        ("TEXT/CSV; charset=utf-8", true),
        ("text/csv, */*;q=0.1", true),
        ("text/*, application/json; q=0.9", true),
        ("application/json;q=0.1, text/csv;q=0.2", true),
    ] {
        let (headers, _) = ask(&service, "/api/costs", accept).await;
        assert_eq!(headers.starts_with("text/csv"), is_csv, "{accept}");
    }
}
