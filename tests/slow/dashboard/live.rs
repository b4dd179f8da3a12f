//! What changes on a page by itself, and what does not.

use std::fs;
use std::time::Instant;

use serde_json::{Value, json};

use crate::dashboard::{IS_LIVE, Place};
use crate::devtools::PATIENCE;
use crate::heard::Asked;

/// The numbers in lines such as `line 7`, in the order of the page.
const NUMBERS: &str = "[...document.querySelectorAll('#lines li')] \
    .map((it) => it.innerText.match(/line (\\d+)$/)?.[1]).filter(Boolean).map(Number)";

#[test]
fn a_killed_service_is_missed_and_comes_back_without_a_gap() {
    let place = Place::new("");
    let agent = place.agent("counter");
    let mut browser = place.browser();
    let run = place.run(
        &agent,
        "lines 40\nask Bash ls\nlines 40\nask Bash ls\nlines 40",
    );
    browser.go(&format!("/runs/{run}"));
    browser.wait(IS_LIVE);
    browser.wait("document.getElementById('needs').innerText.includes('wants to use')");
    browser.value("void (window.isTheSame = true)");
    let place = place.kill(|| {
        browser.wait("document.getElementById('live').innerText.includes('connection lost')");
        browser.wait("document.getElementById('live').checkVisibility()");
    });
    browser.wait(IS_LIVE);
    // What happens from now on is seen without a visit, and what has happened meanwhile.
    for _ in 0..2 {
        browser.wait("document.getElementById('needs').innerText.includes('wants to use')");
        let question = allow(&place, &run);
        browser.wait(&format!("!document.getElementById('question-{question}')"));
    }
    browser.wait("document.getElementById('standing').innerText.includes('completed')");
    browser.wait(&format!("{NUMBERS}.length === 120"));
    let numbers: Vec<Value> = (0..3).flat_map(|_| 1..=40).map(Value::from).collect();
    assert_eq!(browser.value(NUMBERS), json!(numbers));
    assert_eq!(browser.value("window.isTheSame"), true);
    browser.is_content_but_for(&["net::ERR_", "network error", "Failed to fetch"]);
}

#[test]
fn a_service_that_is_away_is_asked_for_less_and_less_often() {
    let place = Place::new("");
    let mut browser = place.browser();
    // A stream that has begun.
    browser.go("/agents");
    browser.wait(IS_LIVE);
    browser.heard.asked.clear();
    let place = place.kill(|| grow(&browser.pauses("/api/events?", 5)));
    browser.wait(IS_LIVE);
    // One that never has.
    browser.cut_off(&["*/api/events?*"]);
    browser.heard.asked.clear();
    browser.go("/agents");
    grow(&browser.pauses("/api/events?", 5));
    browser.cut_off(&[]);
    browser.wait(IS_LIVE);

    // A page that cannot be read.
    let database = place.folder.path().join("data/orchestrator.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    let flush = "PRAGMA wal_checkpoint(TRUNCATE)";
    connection.query_row(flush, [], |_| Ok(())).unwrap();
    drop(connection);
    let kept = fs::read(&database).unwrap();
    fs::write(&database, vec![0x55; kept.len()]).unwrap();
    browser.heard.asked.clear();
    browser.go("/agents");
    assert!(
        browser.text().contains("the database "),
        "{}",
        browser.text()
    );
    grow(&browser.pauses("/agents", 5));
    fs::write(&database, kept).unwrap();
    // The page comes back by itself.
    place.agent("planner");
    browser.wait("document.getElementById('list').innerText.includes('planner')");
    browser.wait(IS_LIVE);
    browser.is_content_but_for(&["net::ERR_", "network error", "Failed to fetch", "503"]);
}

/// Each pause is about twice as long as the one before: 0.2 s at first, less three tenths by chance. A busy
/// machine makes all of them longer.
#[track_caller]
fn grow(pauses: &[f64]) {
    let is_long = |(pause, least): (&f64, f64)| least * 0.65 < *pause;
    let least = [0.2, 0.4, 0.8, 1.6];
    assert!(pauses.iter().zip(least).all(is_long), "{pauses:?}");
    assert!(1.5 * pauses[0] < pauses[3], "{pauses:?}");
}

#[test]
fn a_paused_log_stays_as_it_is_until_it_goes_on() {
    let place = Place::new("");
    let agent = place.agent("parrot");
    place.see_out(&place.run(&agent, "say One."));
    let mut browser = place.browser();
    browser.go("/logs");
    browser.wait(IS_LIVE);
    browser.wait_for("One.");
    let shown = "document.getElementById('lines').innerText";
    let late = "'late' in document.getElementById('end').dataset";
    for (say, button, goes_on) in [
        ("Two.", "#pause", "Go on"),
        ("Three.", "#jump", "To the newest lines"),
    ] {
        browser.click("#pause", "Pause");
        let before = browser.value(shown);
        place.see_out(&place.run(&agent, &format!("say {say}")));
        browser.wait(late);
        browser.wait("document.getElementById('jump').checkVisibility()");
        assert_eq!(browser.value(shown), before);
        browser.click(button, goes_on);
        browser.wait_for(say);
        browser.wait("!document.getElementById('jump').checkVisibility()");
    }
    // It is followed again; and what is on its way when somebody pauses comes later.
    place.see_out(&place.run(&agent, "say Four."));
    browser.wait_for("Four.");
    browser.hold("*part=new*");
    place.run(&agent, "say Five.");
    browser.see_held();
    browser.click("#pause", "Pause");
    let before = browser.value(shown);
    browser.release();
    browser.wait(late);
    assert_eq!(browser.value(shown), before);
    browser.click("#pause", "Go on");
    browser.wait_for("Five.");
    browser.is_content();
}

#[test]
fn what_a_person_has_at_hand_stays_while_the_page_changes() {
    let place = Place::new("");
    let agent = place.agent("parrot");
    for number in 0..12 {
        let run = place.run(&agent, &format!("say {number}."));
        place.see_out(&run);
    }
    let mut browser = place.browser();
    browser.go(&format!("/agents/{agent}"));
    browser.wait(IS_LIVE);
    browser.fill("prompt", "say what I was about to write");
    browser.value(
        "(() => { document.querySelector('form details').open = true; \
          const field = document.querySelector('[name=prompt]'); \
          field.focus(); field.setSelectionRange(4, 8); scrollTo(0, 180); })()",
    );
    let hand = "(() => { const field = document.activeElement; return [field.name, field.value, \
        field.selectionStart, field.selectionEnd, document.querySelector('form details').open, \
        scrollY]; })()";
    let before = browser.value(hand);
    assert_eq!(before[0], "prompt");
    assert_eq!(before[5], 180, "the page is long enough to be scrolled");
    let rows = "document.querySelectorAll('#list tbody tr').length";
    let shown = browser.value(rows).as_u64().unwrap();
    place.see_out(&place.run(&agent, "say Another."));
    browser.wait(&format!("{rows} === {}", shown + 1));
    browser.wait("document.querySelector('#list tbody').innerText.includes('completed')");
    assert_eq!(browser.value(hand), before);

    // What is selected in a part that is itself replaced.
    browser.go("/");
    browser.wait(IS_LIVE);
    place.run(&agent, "ask Bash ls");
    browser.wait("document.querySelector('#needs input')");
    browser.value(
        "(() => { const field = document.querySelector('#needs input'); field.focus(); \
          field.value = 'because'; field.setSelectionRange(1, 3); \
          window.row = document.querySelector('#latest tbody tr'); })()",
    );
    let other = place.run(&agent, "ask Write notes.md");
    browser.wait("document.querySelectorAll('#needs li').length === 2");
    place.see_out(&place.run(&agent, "say A third."));
    browser.wait("document.querySelector('#latest tbody tr').id !== window.row.id");
    assert_eq!(
        browser.value(
            "[document.activeElement.value, document.activeElement.selectionStart, \
              document.activeElement.selectionEnd, window.row.isConnected]"
        ),
        json!(["because", 1, 3, true])
    );
    place.send(
        &format!("POST /api/runtime/agents/{other}/stop"),
        &json!({}),
    );
    browser.wait("document.querySelectorAll('#needs li').length === 1");
    place.service.stop_all();
    browser.is_content();
}

#[test]
fn who_reads_a_log_is_not_disturbed_by_new_lines() {
    let place = Place::new("");
    let agent = place.agent("counter");
    let run = place.run(
        &agent,
        "long-line 3000\nlines 120\nask Bash ls\nsay The last one.",
    );
    let mut browser = place.browser();
    browser.look(1440, "light");
    browser.go(&format!("/runs/{run}"));
    browser.wait(IS_LIVE);
    browser.wait("document.querySelector('#needs form')");
    browser.value(
        "(() => { const lines = document.getElementById('lines'); lines.scrollTop = 0; \
          lines.querySelector('details').open = true; \
          getSelection().selectAllChildren(lines.querySelector('li:nth-child(9)')); })()",
    );
    let hand = "[document.querySelector('#lines details').open, getSelection().toString(), \
        document.getElementById('lines').scrollTop]";
    let before = browser.value(hand);
    assert!(before[1].as_str().unwrap().contains("line "), "{before}");
    allow(&place, &run);
    browser.wait("document.getElementById('jump').checkVisibility()");
    browser.wait("document.getElementById('standing').innerText.includes('completed')");
    assert_eq!(browser.value(hand), before);
    browser.click("#jump", "To the newest lines");
    browser.wait("document.getElementById('lines').innerText.includes('The last one.')");
    browser.is_content();
}

#[test]
fn a_page_is_live_however_late_its_scripts_come() {
    let place = Place::new("");
    let mut browser = place.browser();
    for script in ["htmx.min.js", "hx-sse.min.js", "live.js"] {
        browser.go_and_wait_for_a_script("/runs", script);
        browser.wait(IS_LIVE);
    }
    browser.is_content();
}

#[test]
fn a_tab_has_one_stream_and_in_the_background_none() {
    let place = Place::new("");
    let agent = place.agent("parrot");
    let mut browser = place.browser();
    let pages = ["/", "/runs", "/logs", "/control", "/"];
    for page in pages {
        browser.go(page);
        browser.wait(IS_LIVE);
        has_streams(&place, 1);
    }
    let is_stream = |it: &&Asked| it.url.contains("/api/events?");
    assert_eq!(
        browser.heard.asked.iter().filter(is_stream).count(),
        pages.len()
    );

    let other = browser.open_tab();
    browser.wait("document.hidden");
    has_streams(&place, 0);
    place.see_out(&place.run(&agent, "say Unseen."));
    // Back again, it catches up.
    browser.close_tab(&other);
    browser.wait("!document.hidden");
    browser.wait("document.getElementById('latest').innerText.includes('completed')");
    has_streams(&place, 1);
    browser.is_content();
}

/// Lets the run do what it asks, and returns the id of its question.
fn allow(place: &Place, run: &str) -> String {
    let pending = format!("GET /api/approvals?status=pending&agent_id={run}");
    let question = &place.send(&pending, &Value::Null)[0]["id"];
    let question = question.as_str().unwrap();
    place.send(&format!("POST /api/approvals/{question}/allow"), &json!({}));
    question.to_owned()
}

/// Returns when so many streams of events are open.
#[track_caller]
fn has_streams(place: &Place, number: usize) {
    let deadline = Instant::now() + PATIENCE;
    let line = format!("\norchestrator_event_streams {number}\n");
    loop {
        let metrics = place.service.client().send("GET /metrics", &Value::Null);
        let metrics = metrics.unwrap().body;
        if metrics.contains(&line) {
            return;
        }
        assert!(Instant::now() < deadline, "not {number} streams: {metrics}");
    }
}
