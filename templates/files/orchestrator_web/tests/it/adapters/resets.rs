//! When a limit ends, in the words that agents have for it.

use jiff::tz::TimeZone;
use orchestrator::adapters::reset;
use orchestrator::time::Timestamp;

/// The end that the message tells of, on an evening in New York, five hours before UTC.
fn told(message: &str) -> String {
    let zone = TimeZone::get("America/New_York").unwrap();
    let now = Timestamp::parse("2026-01-31T20:28:30-05:00").unwrap();
    let found = reset(message, now, &zone);
    found.map_or("-".to_owned(), |at| at.to_string())
}

#[test]
fn a_span_is_counted_from_now() {
    let codex = "You've hit your usage limit. Upgrade to Pro (https://openai.com/chatgpt/pricing) or \
        try again in 2 days 17 hours 14 minutes.";
    assert_eq!(told(codex), "2026-02-03T18:43:30.000Z");
    assert_eq!(
        told("try again in 1 day, 1 hour."),
        "2026-02-02T02:29:30.000Z"
    );
    assert_eq!(
        told("Your quota will reset after 5h3m12s."),
        "2026-02-01T06:31:42.000Z"
    );
    assert_eq!(told("Please retry in 32.5s."), "2026-02-01T01:29:02.500Z");
    assert_eq!(told("try again in less than a minute"), "-");
}

#[test]
fn a_time_of_day_is_the_nearest_one_on_this_machine() {
    let codex = |at: &str| {
        told(&format!(
            "Visit https://a.b to purchase credits or try again at {at}"
        ))
    };
    assert_eq!(codex("9:05 PM."), "2026-02-01T02:06:00.000Z");
    assert_eq!(codex("12:10 AM."), "2026-02-01T05:11:00.000Z");
    // It has just gone by: nobody is to wait for a day.
    assert_eq!(codex("8:28 PM."), "2026-02-01T01:29:00.000Z");
    assert_eq!(codex("12:00 PM."), "2026-01-31T17:01:00.000Z");
    assert_eq!(
        told("5-hour limit reached ∙ resets 11pm"),
        "2026-02-01T04:01:00.000Z"
    );
    assert_eq!(told("resets at 23:15"), "2026-02-01T04:16:00.000Z");
}

#[test]
fn a_date_is_taken_as_it_stands() {
    let at = "You've hit your usage limit or try again at Aug 8th, 2026 12:30 PM.";
    assert_eq!(told(at), "2026-08-08T16:31:00.000Z");
    assert_eq!(
        told("try again at February 1, 2026 9:00 am"),
        "2026-02-01T14:01:00.000Z"
    );
}

#[test]
fn what_tells_no_time_tells_none() {
    for message in [
        "",
        "rate limit reached",
        "try again later",
        "try again in a while",
        "try again at noon",
        "try again at 25:00",
        "try again at Aug 8th",
        "try again at Feb 30th, 2026 1:00 PM",
        "try again at 8 of them",
        "try again in 99999999999999999999999999999999999999999999 days",
        "resets",
        "try again in .",
    ] {
        assert_eq!(told(message), "-", "{message}");
    }
}
