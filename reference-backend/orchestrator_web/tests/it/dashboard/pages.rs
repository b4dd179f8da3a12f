use std::collections::BTreeSet;

use orchestrator::openapi::DOCUMENT;
use serde_json::Value;

use crate::support::Service;

/// Every page that stands by itself, and those of an agent and of a run.
async fn pages(service: &Service) -> Vec<String> {
    let agent = service.agent("planner").await;
    let run = service.instance(&agent).await;
    let mut pages: Vec<_> = [
        "/",
        "/agents",
        "/agents/new",
        "/runs",
        "/workflows",
        "/logs",
        "/control",
        "/costs",
        "/system",
        "/system/backup",
    ]
    .map(str::to_owned)
    .into();
    for (thing, id, more) in [
        ("agents", &agent, &["", "/edit", "/delete"][..]),
        ("runs", &run, &["", "/stop"]),
    ] {
        pages.extend(more.iter().map(|more| format!("/{thing}/{id}{more}")));
    }
    pages
}

#[tokio::test]
async fn the_root_is_a_page_for_people_and_a_document_for_programs() {
    let service = Service::start();
    let page = service.visit("/").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    page.shows("<h1>Overview</h1>");
    page.shows("Nothing has run yet");
    assert_eq!(service.get("/").await.body["status"], "operational");
}

#[tokio::test]
async fn every_page_needs_nobody_else_and_no_script_in_it() {
    let service = Service::start();
    for path in pages(&service).await {
        let page = service.visit(&path).await;
        assert_eq!(page.status, 200, "{path}");
        for foreign in [
            "\"http://",
            "\"https://",
            "<style",
            " style=",
            "hx-on",
            "javascript:",
        ] {
            page.shows_no(foreign);
        }
        let scripts = page.html.matches("<script").count();
        assert_eq!(scripts, page.html.matches("<script src=\"/assets/").count());
        for landmark in [
            "<main id=\"main\"",
            "<nav aria-label=",
            "<header>",
            "href=\"#main\"",
        ] {
            page.shows(landmark);
        }
        assert_eq!(page.html.matches("<h1>").count(), 1, "{path}");
        assert_eq!(
            page.html.matches("aria-current=\"page\"").count(),
            1,
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_part_is_the_part_of_its_page() {
    let service = Service::start();
    let mut parts = 0;
    for path in pages(&service).await {
        let page = service.visit(&path).await;
        for part in page.values("hx-get") {
            let answer = service.visit(&part).await;
            assert_eq!(answer.status, 200, "{part} of {path}");
            answer.shows_no("<html");
            parts += 1;
        }
        let has_parts = !path.ends_with("/new") && !path.ends_with("/edit");
        let nothing = service.visit(&format!("{path}?part=nothing")).await;
        assert_eq!(nothing.status == 200, !has_parts, "{path}");
    }
    assert!(10 < parts, "{parts}");
}

#[tokio::test]
async fn every_link_of_every_page_leads_somewhere() {
    let service = Service::start();
    for path in pages(&service).await {
        let page = service.visit(&path).await;
        for link in page.values("href").iter().filter(|it| it.starts_with('/')) {
            let status = service.visit(link).await.status;
            // An instance that runs elsewhere has no output here.
            let is_elsewhere = link.contains("/output") && status == 409;
            assert!(status == 200 || is_elsewhere, "{link} of {path}: {status}");
        }
    }
}

#[tokio::test]
async fn a_page_hears_of_what_comes_after_what_it_shows() {
    let service = Service::start();
    service.agent("planner").await;
    let page = service.visit("/").await;
    let after = format!("&amp;after={}\"", service.events().await);
    page.shows("hx-sse:connect=\"/api/events?topics=");
    page.shows(&after);
}

#[tokio::test]
async fn the_theme_is_remembered_and_the_way_back_stays_here() {
    let service = Service::start();
    let chosen = service
        .submit(
            "/theme",
            &[("theme", "dark"), ("back", "/runs?status=failed")],
        )
        .await;
    assert_eq!(chosen.leads_to(), "/runs?status=failed");
    let cookie = chosen.header("set-cookie").split(';').next().unwrap();
    let request = axum::http::Request::get("/runs")
        .header("host", "localhost:8000")
        .header("accept", "text/html")
        .header("cookie", cookie);
    let request = request.body(axum::body::Body::empty()).unwrap();
    service.seen(request).await.shows("data-theme=\"dark\"");

    for elsewhere in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\r\nx: y",
    ] {
        let chosen = service
            .submit("/theme", &[("theme", "pink"), ("back", elsewhere)])
            .await;
        assert_eq!(chosen.leads_to(), "/", "{elsewhere}");
        assert!(chosen.header("set-cookie").contains("_theme=system;"));
    }
}

/// The names of the query of a path, less those that say what part or place of it is meant.
fn filters(document: &Value, path: &str) -> BTreeSet<String> {
    let places = ["part", "cursor", "before", "after"];
    let parameters = document["paths"][path]["get"]["parameters"].as_array();
    let parameters = parameters.into_iter().flatten();
    let of_query = parameters.filter(|it| it["in"] == "query");
    let names = of_query.map(|it| it["name"].as_str().unwrap());
    let names = names.filter(|it| !places.contains(it));
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn what_a_page_is_filtered_by_the_api_is_too() {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let mut shown = 0;
    for (page, list, names) in [
        ("/agents", "/api/agents", &[][..]),
        (
            "/runs",
            "/api/runtime/agents",
            &[
                ("agent", "orchestrator_agent_id"),
                ("from", "since"),
                ("to", "until"),
            ],
        ),
        ("/workflows", "/api/runtime/workflows", &[]),
        (
            "/logs",
            "/api/runtime/logs",
            &[("agent", "orchestrator_agent_id")],
        ),
        ("/costs", "/api/costs", &[]),
    ] {
        let known = filters(&document, list);
        for name in filters(&document, page) {
            let other = names.iter().find(|(here, _)| *here == name);
            let name = other.map_or(name.as_str(), |(_, there)| *there);
            assert!(known.contains(name), "{name} of {page} is not in {known:?}");
            shown += 1;
        }
    }
    // No other page has filters. A difference can be that of one file, and an asset has a version.
    let all = document["paths"].as_object().unwrap().iter();
    let pages = all.filter(|(_, item)| item["get"]["tags"][0] == "dashboard");
    let all: usize = pages.map(|(path, _)| filters(&document, path).len()).sum();
    assert_eq!(all, shown + 2);
}
