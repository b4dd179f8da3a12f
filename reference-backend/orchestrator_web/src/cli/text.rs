//! Values as people read them.

use serde_json::Value;

use crate::time::{Clock, Timestamp};

/// A member that is text; empty where it is null.
pub fn text<'a>(document: &'a Value, key: &str) -> &'a str {
    document[key].as_str().unwrap_or_default()
}

/// `0.0042`
pub fn usd(amount: &Value) -> String {
    format!("{:.4}", amount.as_f64().unwrap_or_default())
}

/// `850 ms`, `2.1 s`, `3 min 5 s`, `2 h 3 min`, `4 d`
pub fn took(millis: i64) -> String {
    let seconds = millis / 1000;
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{seconds}.{} s", millis % 1000 / 100),
        60..3600 => format!("{minutes} min {} s", seconds % 60),
        3600..172_800 => format!("{hours} h {} min", minutes % 60),
        _ => format!("{} d", hours / 24),
    }
}

/// How long a thing has gone on that began then, or took until its end.
pub fn since(begun: &str, ended: &str) -> String {
    let Some(begun) = Timestamp::parse(begun) else {
        return String::new();
    };
    let ended = Timestamp::parse(ended).unwrap_or_else(|| Clock::system().now());
    took(ended.millis_since(begun))
}

/// `23:59:59` of an instant, in UTC.
pub fn clock(instant: &str) -> &str {
    instant.get(11..19).unwrap_or_default()
}

/// A text for a query: what is not plain is escaped.
pub fn escape(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}
