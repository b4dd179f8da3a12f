//! When a limit ends, as messages for people say it.

use std::time::Duration;

use jiff::civil::{self, Date, DateTime};
use jiff::tz::TimeZone;

use crate::time::Timestamp;

/// What times and spans of these messages follow.
const BEFORE: &[&str] = &[
    "try again in ",
    "try again at ",
    "retry in ",
    "reset after ",
    "resets in ",
    "resets at ",
    "resets ",
];

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Seconds that are not told may be anything.
const MINUTE: Duration = Duration::from_mins(1);

/// The end of a message like `try again in 2 days 17 hours 14 minutes`, `resets after 5h3m12s`, `try
/// again at 3:28 PM`, `try again at Aug 8th, 2026 12:30 PM`; times of day are those of `zone`.
pub fn reset(message: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let message = message.to_lowercase();
    BEFORE.iter().find_map(|before| {
        let (_, rest) = message.split_once(before)?;
        let time = span(rest).map(|span| now.after(span));
        time.or_else(|| instant(rest, now, zone))
    })
}

/// `2 days 17 hours`, `5h3m12s`, `32.5s`
fn span(mut text: &str) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    loop {
        let (number, rest) = split(text.trim_start(), |c| c.is_ascii_digit() || c == '.');
        let (unit, rest) = split(rest.trim_start(), |c| c.is_ascii_alphabetic());
        let seconds = match unit {
            "w" | "week" | "weeks" => 7.0 * 24.0 * 3600.0,
            "d" | "day" | "days" => 24.0 * 3600.0,
            "h" | "hour" | "hours" => 3600.0,
            "m" | "min" | "minute" | "minutes" => 60.0,
            "s" | "sec" | "second" | "seconds" => {
                let last = seconds_of(number, 1.0)?;
                return Some(sum + last);
            }
            _ => return (!sum.is_zero()).then(|| sum + MINUTE),
        };
        sum += seconds_of(number, seconds)?;
        text = rest.trim_start_matches(',');
    }
}

fn seconds_of(number: &str, each: f64) -> Option<Duration> {
    let number: f64 = number.parse().ok()?;
    Duration::try_from_secs_f64(number * each).ok()
}

fn split(text: &str, is_first: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is_first(c)).unwrap_or(text.len()))
}

/// `3:28 pm`, `aug 8th, 2026 12:30 pm`
fn instant(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let words = text.split_whitespace();
    let words = words.map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
    let words: Vec<_> = words.take(5).collect();
    let found = match date(&words) {
        Some(date) => date.to_datetime(time(words.get(3..)?)?),
        None => nearest(time(&words)?, now, zone)?,
    };
    let found = found.to_zoned(zone.clone()).ok()?;
    Some(Timestamp::from(found.timestamp()).after(MINUTE))
}

fn date(words: &[&str]) -> Option<Date> {
    let [month, day, year, ..] = words else {
        return None;
    };
    let month = MONTHS.iter().position(|it| month.starts_with(it))?;
    let (day, _) = split(day, |c| c.is_ascii_digit());
    let month = i8::try_from(month + 1).ok()?;
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// `3:28 pm`, `3pm`, `15:28`
fn time(words: &[&str]) -> Option<civil::Time> {
    let (hour, rest) = split(words.first()?, |c| c.is_ascii_digit());
    let hour: i8 = hour.parse().ok()?;
    let (minute, half) = match rest.strip_prefix(':') {
        Some(rest) => split(rest, |c| c.is_ascii_digit()),
        None => ("", rest),
    };
    let half = if half.is_empty() {
        words.get(1).copied()
    } else {
        Some(half)
    };
    let hour = match half {
        Some("am") if (1..=12).contains(&hour) => hour % 12,
        Some("pm") if (1..=12).contains(&hour) => hour % 12 + 12,
        _ if minute.is_empty() => return None,
        _ => hour,
    };
    let minute = if minute.is_empty() {
        0
    } else {
        minute.parse().ok()?
    };
    civil::Time::new(hour, minute, 0, 0).ok()
}

/// A time of day as today's, yesterday's or tomorrow's: of these the nearest to now, so that one that has
/// just gone by is not taken for a day to wait.
fn nearest(time: civil::Time, now: Timestamp, zone: &TimeZone) -> Option<DateTime> {
    let now = now.instant().to_zoned(zone.clone()).datetime();
    let today = now.date();
    let days = [today.yesterday().ok()?, today, today.tomorrow().ok()?];
    let times = days.map(|day| day.to_datetime(time));
    times
        .into_iter()
        .min_by_key(|it| it.duration_since(now).abs())
}
