//! A log of any length is shown as a window, which one can move from its one end to the other.

use std::ops::Range;

use serde_json::json;

use super::support::Seen;
use crate::support::Service;

async fn write(service: &Service, run: &str, numbers: Range<u32>) {
    let line = |number| {
        json!({ "agent_id": run, "log_level": "INFO", "log_type": "output",
            "message": format!("line {number}") })
    };
    let lines: Vec<_> = numbers.map(line).collect();
    service.given("/api/runtime/logs", json!(lines)).await;
}

/// A run with 450 lines, on its page and among those of all runs.
async fn long_logs(service: &Service) -> (String, [String; 3]) {
    let agent = service.agent("planner").await;
    let run = service.instance(&agent).await;
    let other = service.instance(&service.agent("other").await).await;
    let noise =
        json!({ "agent_id": other, "log_level": "INFO", "log_type": "output", "message": "noise" });
    service.given("/api/runtime/logs", noise.clone()).await;
    write(service, &run, 0..450).await;
    service.given("/api/runtime/logs", noise).await;
    let pages = [
        format!("/runs/{run}?"),
        "/logs?level=INFO&q=line&".into(),
        format!("/logs?agent={agent}&"),
    ];
    (run, pages)
}

/// The numbers of the lines, as they stand there.
fn numbers(page: &Seen) -> Vec<u32> {
    let texts = page.html.split("<span class=\"text\">line ").skip(1);
    let numbers = texts.map(|rest| rest.split('<').next().unwrap().parse().unwrap());
    numbers.collect()
}

/// Where the link leads that stands above the lines, or below them, seen or not.
fn link(page: &Seen, way: &str, attribute: &str) -> Option<String> {
    let mut parts = page.html.split(" id=\"line-");
    let beside = match way {
        "earlier" => parts.next(),
        _ => parts.last(),
    };
    let item = beside?.split(&format!("<li class=\"more {way}\"")).nth(1)?;
    let value = item.split(&format!(" {attribute}=\"")).nth(1)?;
    let value = value.split('"').next()?;
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}

/// The part from which what is new is fetched.
fn end(page: &Seen) -> Option<String> {
    let links = page.values("hx-get").into_iter();
    { links }.find(|it| it.contains("part=new"))
}

#[tokio::test]
async fn no_line_is_lost_or_doubled_on_the_way_back_and_forth() {
    let service = Service::start();
    let (_, pages) = long_logs(&service).await;
    for (path, attribute) in pages.iter().flat_map(|it| [(it, "hx-get"), (it, "href")]) {
        let mut page = service.visit(path).await;
        let mut windows = vec![numbers(&page)];
        assert_eq!(windows[0], (300..450).collect::<Vec<_>>());
        assert!(end(&page).is_some());
        while let Some(link) = link(&page, "earlier", attribute) {
            page = service.visit(&link).await;
            windows.push(numbers(&page));
        }
        windows.reverse();
        assert_eq!(windows.concat(), (0..450).collect::<Vec<_>>(), "{path}");
        assert!(end(&page).is_none(), "{path}");

        let mut seen = numbers(&page);
        while let Some(link) = link(&page, "later", attribute) {
            page = service.visit(&link).await;
            seen.extend(numbers(&page));
        }
        assert_eq!(seen, (0..450).collect::<Vec<_>>(), "{path}");
        assert!(end(&page).is_some(), "{path}");
    }
}

#[tokio::test]
async fn what_is_new_is_fetched_alone_and_too_much_of_it_as_a_window_of_its_own() {
    let service = Service::start();
    let (run, pages) = long_logs(&service).await;
    let mut last = 450;
    for path in pages {
        let page = service.visit(&path).await;
        let nothing = service.visit(&end(&page).unwrap()).await;
        assert!(numbers(&nothing).is_empty());
        write(&service, &run, last..last + 10).await;
        let new = service.visit(&end(&nothing).unwrap()).await;
        assert_eq!(numbers(&new), (last..last + 10).collect::<Vec<_>>());
        assert_eq!(new.header("hx-retarget"), "");
        write(&service, &run, last + 10..last + 250).await;
        let new = service.visit(&end(&new).unwrap()).await;
        last += 250;
        assert_eq!(numbers(&new), (last - 150..last).collect::<Vec<_>>());
        assert_eq!(new.header("hx-retarget"), "#lines");
    }
}

#[tokio::test]
async fn between_two_windows_of_one_page_the_links_are_not_seen() {
    let service = Service::start();
    let (_, pages) = long_logs(&service).await;
    let page = service.visit(&pages[0]).await;
    let part = service
        .visit(&link(&page, "earlier", "hx-get").unwrap())
        .await;
    part.shows("<li class=\"more earlier\"><a");
    part.shows("<li class=\"more later\" hidden><a");
    part.shows("<li class=\"more earlier\" hidden><a");
    let alone = service
        .visit(&link(&page, "earlier", "href").unwrap())
        .await;
    alone.shows("<li class=\"more later\"><a");
    alone.shows("To the newest lines");
}
