//! A run that has printed more than a page can hold.

use crate::browser::Browser;
use crate::dashboard::Place;

const MANY: u64 = 50_000;
/// Lines that a page holds, with those of one fetch.
const MOST: u64 = 800;

#[test]
fn a_run_of_many_lines_is_a_window_that_moves() {
    let place = Place::new("");
    let agent = place.agent("counter");
    let run = place.run(&agent, &format!("lines {MANY}"));
    place.see_out(&run);
    let mut browser = place.browser();
    for page in [&format!("/runs/{run}"), "/logs"] {
        browser.go(page);
        moves(&mut browser);
    }
    browser.is_content();
}

/// Goes towards the first line, and back to the last.
#[track_caller]
fn moves(browser: &mut Browser) {
    let numbers = "[...document.querySelectorAll('#lines li')] \
        .map((it) => Number(it.innerText.match(/line (\\d+)$/)?.[1])).filter(Boolean)";
    let first = format!("{numbers}[0]");
    assert_eq!(browser.value(&format!("{numbers}.at(-1)")), MANY);
    for _ in 0..6 {
        let before = browser.value(&first);
        browser.value("void (document.getElementById('lines').scrollTop = 0)");
        browser.wait(&format!("{first} < {before}"));
        let held = browser.value("document.querySelectorAll('#lines li').length");
        assert!(held.as_u64().unwrap() < MOST, "{held}");
        let gaps =
            format!("{numbers}.some((it, place, all) => place && it !== all[place - 1] + 1)");
        assert_eq!(browser.value(&gaps), false);
    }
    let all = browser.value("document.querySelectorAll('*').length");
    assert!(all.as_u64().unwrap() < 8_000, "{all}");
    browser.wait("!document.getElementById('jump').hidden");
    browser.value("document.getElementById('jump').click()");
    browser.wait(&format!("{numbers}.at(-1) === {MANY}"));
}
