//! What agents and strangers write, in the pages of a real browser: text, whatever it is.

use serde_json::json;

use crate::dashboard::Place;

const NAME: &str = "<img src=x onerror=\"document.title='harmed'\">";

/// Each line in angle brackets would run, each in bytes would colour, ring, hide or turn what follows.
const PROMPT: &str = "\
say <script>document.title = 'harmed'</script>
print <svg onload=\"document.title = 'harmed'\"><style>main { display: none }</style>
tool <b>Bash</b> </pre></li></ol><img src=//example.org/x onerror=alert(1)>
bytes 1b 5b 33 31 6d 72 65 64 07 08 1b 5d 30 3b 68 61 72 6d 65 64 07 0a
bytes e2 80 ae 67 6e 70 2e 65 78 65 e2 81 a6 c2 9b 33 31 6d ff fe 00 0a
long-line 5000000
cost 0.25
ask <img/src=x/onerror=alert(2)> javascript:alert(3)";

/// What is in a page that only what runs could have put there, or would show wrongly.
const HARM: &str = "(() => { \
    const made = [...document.querySelectorAll('main :is(img, script, style, b > b), \
        main [onerror], main [onload], a[href^=\"javascript:\" i]')].map((it) => it.outerHTML); \
    const text = document.body.innerText + document.title; \
    const unseen = text.match(/[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/g); \
    return [made, unseen, document.title.includes('harmed') && !document.title.includes('<img'), \
        getComputedStyle(document.querySelector('main')).display === 'none']; })()";

#[test]
fn what_strangers_write_is_text_in_a_browser_too() {
    let place = Place::new("");
    let agent = place.agent(NAME);
    let run = place.run(&agent, PROMPT);
    let failed = place.run(&agent, "fail <iframe src=//example.org></iframe>");
    place.see_out(&failed);
    let log = format!("/api/runtime/agents/{run}/logs/stream");
    let asks = |line: &serde_json::Value| {
        let message = line["message"].as_str();
        message.is_some_and(|it| it.starts_with("asks whether"))
    };
    place.service.client().events(&log).find(asks).unwrap();

    let mut browser = place.browser();
    browser.look(360, "dark");
    let (agent, page) = (format!("/agents/{agent}"), format!("/runs/{run}"));
    let stop = format!("{page}/stop");
    let failed = format!("/runs/{failed}");
    let delete = format!("{agent}/delete");
    let named = [
        "/", "/agents", "/runs", "/control", "/costs", "/logs", &agent, &delete, &page, &failed,
    ];
    for path in named
        .into_iter()
        .chain([stop.as_str(), "/workflows", "/system"])
    {
        browser.go(path);
        assert_eq!(
            browser.value(HARM),
            json!([[], null, false, false]),
            "{path}"
        );
        if named.contains(&path) {
            assert!(browser.text().contains(NAME), "{path}: {}", browser.text());
        }
        let wide = browser.value("document.documentElement.scrollWidth");
        assert_eq!(wide, 360, "{path}");
        let length = browser.value("document.documentElement.outerHTML.length");
        assert!(length.as_u64().unwrap() < 100_000, "{path}: {length}");
    }
    browser.go(&page);
    let text = browser.text();
    for shown in [
        "<script>document",
        "<svg onload",
        "gnp.exe",
        "src=//example.org/x",
        "<img/src=x/",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    place.service.stop_all();
    browser.is_content();
}
