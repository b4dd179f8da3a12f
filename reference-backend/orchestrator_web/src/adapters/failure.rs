//! What a message of failure means. Agents pass on what the model's provider answered, each in its
//! own words; a status of HTTP is the surest of them.

use super::ExitReason;

/// More of a message is the agent's own work, not the reason of its end.
const READ: usize = 2_000;

/// The most telling words first: `429 … overloaded` is a rate limit by its number alone.
const WORDS: &[(&str, ExitReason)] = &[
    ("overloaded", ExitReason::Overloaded),
    ("high demand", ExitReason::Overloaded),
    ("credit balance", ExitReason::Billing),
    ("billing", ExitReason::Billing),
    ("insufficient_quota", ExitReason::Billing),
    ("rate limit", ExitReason::RateLimit),
    ("rate_limit", ExitReason::RateLimit),
    ("usage limit", ExitReason::RateLimit),
    ("too many requests", ExitReason::RateLimit),
    ("resource_exhausted", ExitReason::RateLimit),
    ("quota", ExitReason::RateLimit),
    ("authentication", ExitReason::Auth),
    ("unauthorized", ExitReason::Auth),
    ("api key", ExitReason::Auth),
    ("/login", ExitReason::Auth),
    ("not logged in", ExitReason::Auth),
    ("permission_error", ExitReason::Auth),
    ("timed out", ExitReason::RequestTimeout),
    ("timeout", ExitReason::RequestTimeout),
    ("internal server error", ExitReason::ServerError),
    ("server_error", ExitReason::ServerError),
    ("api_error", ExitReason::ServerError),
    ("bad gateway", ExitReason::ServerError),
    ("service unavailable", ExitReason::ServerError),
    ("stream disconnected", ExitReason::ServerError),
    ("connection error", ExitReason::ServerError),
    ("invalid_request", ExitReason::InvalidRequest),
    ("prompt is too long", ExitReason::InvalidRequest),
    ("context window", ExitReason::InvalidRequest),
];

/// `None` if nothing in the message tells.
pub(super) fn reason(message: &str) -> Option<ExitReason> {
    let message: String = message.chars().take(READ).collect();
    let message = message.to_lowercase();
    let said = |(words, _): &&(&str, ExitReason)| message.contains(words);
    let by_words = WORDS.iter().find(said).map(|(_, reason)| *reason);
    let by_status = http_status(&message).and_then(of_status);
    match (by_words, by_status) {
        // Providers answer these with the number of something else: Google, to a wrong key, 400.
        (Some(ExitReason::Overloaded | ExitReason::Billing), _)
        | (Some(ExitReason::Auth), Some(ExitReason::InvalidRequest)) => by_words,
        _ => by_status.or(by_words),
    }
}

/// What a status of HTTP means.
pub(super) fn of_status(status: i64) -> Option<ExitReason> {
    match status {
        401 | 403 => Some(ExitReason::Auth),
        402 => Some(ExitReason::Billing),
        408 | 504 => Some(ExitReason::RequestTimeout),
        429 => Some(ExitReason::RateLimit),
        400..=499 => Some(ExitReason::InvalidRequest),
        529 => Some(ExitReason::Overloaded),
        500..=599 => Some(ExitReason::ServerError),
        _ => None,
    }
}

/// The number in `API Error: 529 …`, `last status: 429`, `"code": 503`.
fn http_status(message: &str) -> Option<i64> {
    let mut words = message.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words = words.by_ref().filter(|word| !word.is_empty());
    let mut before = "";
    words.find_map(|word| {
        let is_announced = ["code", "error", "http", "status"].contains(&before);
        before = word;
        (is_announced && word.len() == 3).then(|| word.parse().ok())?
    })
}
