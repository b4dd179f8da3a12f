//! How values are written for people.

mod state;

use askama::Template;
use serde_json::Value;

use crate::money::MicroUsd;
use crate::time::Timestamp;

pub use state::{State, ended, waiting};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Filters of the views.
#[expect(
    clippy::inline_always,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "filters are made so"
)]
pub mod filters {
    use std::fmt::Display;

    use crate::adapters;

    /// `18,204`.
    #[askama::filter_fn]
    pub fn grouped(number: &i64, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(super::count(*number))
    }

    /// Text of agents and of strangers: no control characters, and none that turn the direction of
    /// writing.
    #[askama::filter_fn]
    pub fn plain(text: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(adapters::plain(&text.to_string()))
    }
}

/// An instant: its time, with the day unless that is today; the whole of it on hover.
#[derive(Template)]
#[template(
    source = "<time datetime=\"{{ at }}\" title=\"{{ at }}\">{{ words }}</time>",
    ext = "html"
)]
pub struct Moment {
    at: Timestamp,
    words: String,
}

impl askama::filters::HtmlSafe for Moment {}

impl Moment {
    pub fn new(at: Timestamp, now: Timestamp) -> Self {
        let (text, today) = (at.as_str(), now.as_str());
        let words = if text[..10] == today[..10] {
            text[11..19].to_owned()
        } else if text[..4] == today[..4] {
            format!("{} {}", day(text), &text[11..16])
        } else {
            format!("{} {}", day(text), &text[..4])
        };
        Self { at, words }
    }
}

/// `21 Nov`, of a text that begins with a date.
pub fn day(date: &str) -> String {
    let month = date.get(5..7).and_then(|it| it.parse::<usize>().ok());
    let month = month.and_then(|it| MONTHS.get(it.checked_sub(1)?));
    let number = date.get(8..10).unwrap_or_default();
    format!(
        "{} {}",
        number.trim_start_matches('0'),
        month.unwrap_or(&"")
    )
}

/// How long something has taken; while it goes on, pages count on from `since`.
#[derive(Template)]
#[template(
    source = "{% match since %}{% when Some(at) %}<span data-since=\"{{ at }}\">{{ words }}</span>{% when None %}{{ words }}{% endmatch %}",
    ext = "html"
)]
pub struct Lapse {
    since: Option<Timestamp>,
    words: String,
}

impl askama::filters::HtmlSafe for Lapse {}

impl Lapse {
    pub fn new(start: Option<Timestamp>, millis: Option<i64>, now: Timestamp) -> Self {
        match (start, millis) {
            (_, Some(millis)) => Self {
                since: None,
                words: duration(millis),
            },
            (Some(start), None) => Self {
                since: Some(start),
                words: duration(now.millis_since(start)),
            },
            (None, None) => Self {
                since: None,
                words: "–".into(),
            },
        }
    }
}

/// `340 ms`, `4.2 s`, `1 m 04 s`, `2 h 05 m`, `3 d 04 h`.
pub fn duration(millis: i64) -> String {
    let seconds = millis / 1000;
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match seconds {
        0 => format!("{millis} ms"),
        1..10 => format!("{seconds}.{} s", millis % 1000 / 100),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} m {:02} s", seconds % 60),
        3600..86_400 => format!("{hours} h {:02} m", minutes % 60),
        _ => format!("{} d {:02} h", hours / 24, hours % 24),
    }
}

/// The time from a run's start to something in it: `0:05`, `1:02:03`.
pub fn offset(millis: i64) -> String {
    let seconds = millis / 1000;
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match hours {
        0 => format!("{minutes}:{:02}", seconds % 60),
        _ => format!("{hours}:{:02}:{:02}", minutes % 60, seconds % 60),
    }
}

/// `18,204`.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "−" } else { "" };
    let first = digits.len() % 3;
    let groups = std::iter::once(&digits[..first]).chain(
        digits.as_bytes()[first..]
            .chunks(3)
            .map(|group| str::from_utf8(group).expect("digits are ASCII")),
    );
    let groups: Vec<_> = groups.filter(|group| !group.is_empty()).collect();
    format!("{sign}{}", groups.join(","))
}

/// `640 bytes`, `64.0 kB`, `1.2 GB`.
pub fn bytes(number: u64) -> String {
    let mut unit = 1000;
    for name in ["kB", "MB", "GB", "TB"] {
        if number < 1000 * unit || name == "TB" {
            return match number {
                0..1000 => format!("{number} bytes"),
                _ => format!("{}.{} {name}", number / unit, number % unit * 10 / unit),
            };
        }
        unit *= 1000;
    }
    unreachable!("the last unit takes all")
}

/// `$1,234.50`; less than a cent is shown whole: `$0.0042`.
pub fn money(amount: MicroUsd) -> String {
    let micros = amount.micros();
    let sign = if micros < 0 { "−" } else { "" };
    let micros = micros.saturating_abs();
    if (1..10_000).contains(&micros) {
        let digits = format!("{micros:06}");
        return format!("{sign}$0.{}", digits.trim_end_matches('0'));
    }
    let cents = (micros + 5_000) / 10_000;
    format!("{sign}${}.{:02}", count(cents / 100), cents % 100)
}

/// What was spent, marked where it is not what the agent was charged but was computed here.
pub fn spent(amount: MicroUsd, is_estimate: bool) -> String {
    let about = if is_estimate { "≈ " } else { "" };
    format!("{about}{}", money(amount))
}

/// `93.4 %`; a dash where there is nothing to take a share of.
pub fn share(permille: Option<i64>) -> String {
    let Some(permille) = permille else {
        return "–".into();
    };
    match permille % 10 {
        0 => format!("{} %", permille / 10),
        tenth => format!("{}.{tenth} %", permille / 10),
    }
}

/// At most `most` characters of the first line.
pub fn brief(text: &str, most: usize) -> String {
    let line = text.trim_start().lines().next().unwrap_or_default();
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// The value of a setting, as people write it; a member a line of one that is a table.
pub fn setting(value: &Value) -> String {
    match value {
        Value::Null => "not set".into(),
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            let lines = members.map(|(name, value)| format!("{name} = {value}"));
            lines.collect::<Vec<_>>().join("\n")
        }
        value => value.to_string(),
    }
}
