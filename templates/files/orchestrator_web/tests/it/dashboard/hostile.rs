use serde_json::json;

use super::full::Full;
use crate::support::Service;
use crate::worktrees::support::Lab;

const TEXTS: [&str; 5] = [
    "<img src=x onerror=alert(1)>",
    "\"><script>alert(2)</script>",
    "{{ 7 * 7 }} {% raw %}",
    "' autofocus onfocus='alert(3)",
    "\u{202e}gnp.exe\u{1b}[31m\u{0}",
];

/// Nothing in it does anything to the page, or to how it reads.
#[track_caller]
fn is_harmless(path: &str, html: &str) {
    for harm in ["<img", "<script>", "' autofocus onfocus='"] {
        assert!(!html.contains(harm), "{harm:?} in {path}: {html}");
    }
    // A field holds what it was given, or to save it would change it.
    let html = without(html, "<textarea", "</textarea>");
    let html = without(&html, " value=\"", "\"");
    for harm in ['\u{1b}', '\0', '\u{202e}'] {
        assert!(!html.contains(harm), "{harm:?} in {path}: {html}");
    }
}

/// The text less all that stands between `begin` and `end`.
fn without(text: &str, begin: &str, end: &str) -> String {
    let mut pieces = text.split(begin);
    let first = pieces.next().unwrap_or_default();
    let others = pieces.filter_map(|piece| piece.split_once(end));
    std::iter::once(first)
        .chain(others.map(|(_, rest)| rest))
        .collect()
}

#[tokio::test]
async fn hostile_text_is_shown_as_text_on_every_page() {
    for text in TEXTS {
        let full = Full::of(text).await;
        let mut shown = 0;
        for path in full.pages() {
            let page = full.service.visit(&path).await;
            assert!(page.status < 500, "{path}: {}", page.html);
            // Data for scripts is no page, even where one can be had.
            if !page.header("content-type").starts_with("text/html") {
                continue;
            }
            is_harmless(&path, &page.html);
            shown += usize::from(page.status == 200);
            for part in page.values("hx-get") {
                is_harmless(&part, &full.service.visit(&part).await.html);
            }
        }
        assert!(15 < shown, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_calls_its_files_and_writes_into_them_is_shown_as_text() {
    let lab = Lab::start().await;
    let script = "for name in '<img src=x onerror=alert(1)>' '\"><script>alert(2)<x>' \
        \"$(printf '\\342\\200\\256gnp\\033[31m')\"; do echo \"$name\" > \"$name\"; done";
    let run = lab.run(script).await;
    for page in ["", "/diff", "/merge", "/discard"] {
        let path = format!("/runs/{run}{page}");
        let seen = lab.host.visit(&path).await;
        assert_eq!(seen.status, 200, "{path}");
        is_harmless(&path, &seen.html);
    }
    let changes = lab.host.visit(&format!("/runs/{run}/diff")).await;
    changes.shows("&#60;img src=x onerror=alert(1)&#62;");
    let links = changes.values("href").into_iter();
    for link in links.filter(|it| it.starts_with("/runs/")) {
        is_harmless(&link, &lab.host.visit(&link).await.html);
    }
}

#[tokio::test]
async fn a_line_of_megabytes_is_folded_and_cut() {
    let service = Service::start();
    let run = service.instance(&service.agent("planner").await).await;
    let line = json!({ "agent_id": run, "log_level": "INFO", "log_type": "output",
        "message": "x".repeat(3_900_000) });
    service.given("/api/runtime/logs", line).await;
    for path in [format!("/runs/{run}"), "/logs".into(), "/".into()] {
        let page = service.visit(&path).await;
        assert!(page.html.len() < 40_000, "{path}: {}", page.html.len());
        page.shows(if path == "/" { "planner" } else { "more bytes" });
    }
}
