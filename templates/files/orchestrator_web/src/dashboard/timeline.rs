//! Lines of a log as a page holds them: a window of a long list. What is older is fetched when it is
//! asked for, what is newer when it is there.

use askama::Template;
use axum::http::HeaderName;
use axum::response::{Html, IntoResponse as _, Response};

use super::show::{Moment, brief, filters, offset};
use crate::Result;
use crate::ids::Id;
use crate::page::Cursor;
use crate::runtime::logs::{Level, Log, LogType};
use crate::time::Timestamp;

/// How many lines come at once.
pub const LENGTH: i64 = 200;
/// What is longer is folded to its beginning.
const MOST_CHARACTERS: usize = 600;
const MOST_LINES: usize = 8;
/// And what is even longer ends there: the API has the rest.
const MOST_SHOWN: usize = 16 * 1024;

/// Which lines are asked for.
pub enum Window {
    Newest,
    Before(Cursor),
    After(Cursor),
}

/// Lines in the order of their time, with what leads to those around them.
#[derive(Template)]
#[template(path = "dashboard/lines.html")]
pub struct Lines {
    /// The path and the query of the page, to which `part` and a place are added.
    pub base: String,
    pub earlier: Option<Cursor>,
    pub shown: Vec<Line>,
    /// Where newer ones are taken up; `None` in the middle of the log.
    pub end: Option<End>,
}

pub struct End {
    pub after: Option<Cursor>,
    /// Only lines of this instance are waited for.
    pub about: Option<Id>,
}

impl askama::filters::HtmlSafe for Lines {}

pub struct Line {
    place: Cursor,
    at: Moment,
    offset: Option<String>,
    kind: &'static str,
    /// The level in words, from a warning on.
    level: Option<&'static str>,
    /// The instance that has written it, with its agent's name.
    by: Option<(Id, String)>,
    /// A tool, before the text.
    name: Option<String>,
    text: String,
    /// The whole, where `text` is its beginning.
    whole: Option<String>,
    cut: usize,
}

impl Line {
    /// A line of the instance that `start`ed then.
    pub fn of_run(place: Cursor, log: &Log, start: Option<Timestamp>, now: Timestamp) -> Self {
        let line = Self::new(place, log, now);
        let since = start.map(|start| offset(place.created_at.millis_since(start)));
        Self {
            offset: since,
            ..line
        }
    }

    /// A line of some instance, of the agent with this name.
    pub fn of_any(place: Cursor, log: &Log, agent: String, now: Timestamp) -> Self {
        let by = Some((log.agent_id, agent));
        let line = Self::new(place, log, now);
        Self { by, ..line }
    }

    fn new(place: Cursor, log: &Log, now: Timestamp) -> Self {
        let (name, text) = told(log);
        let is_long = MOST_CHARACTERS < text.len() || MOST_LINES < text.lines().count();
        let (shown, rest) = split(&text, MOST_SHOWN);
        Self {
            place,
            at: Moment::new(log.created_at, now),
            offset: None,
            kind: kind(log),
            level: (Level::Warning <= log.log_level).then(|| log.log_level.as_str()),
            by: None,
            name,
            whole: is_long.then(|| shown.to_owned()),
            text: if is_long {
                brief(&text, 160)
            } else {
                text.clone()
            },
            cut: rest.len(),
        }
    }
}

fn split(text: &str, most: usize) -> (&str, &str) {
    text.split_at(text.floor_char_boundary(most))
}

/// The class of a line: its shape on the rail.
fn kind(log: &Log) -> &'static str {
    match log.log_level {
        Level::Error | Level::Critical => return "error",
        Level::Warning => return "warning",
        Level::Debug | Level::Info => {}
    }
    match log.log_type {
        LogType::ToolCall => "tool",
        LogType::StateChange => "state-change",
        LogType::Milestone => "milestone",
        LogType::CostUpdate | LogType::Performance => "quiet",
        LogType::Error => "error",
        LogType::Output if log.log_level == Level::Debug => "quiet",
        LogType::Output => "said",
    }
}

/// The name of a tool and what it was called with, or the message.
fn told(log: &Log) -> (Option<String>, String) {
    #[derive(serde::Deserialize)]
    struct Call {
        name: String,
        input: serde_json::Value,
    }
    let details = log
        .details
        .as_ref()
        .filter(|_| log.log_type == LogType::ToolCall);
    let details = details.and_then(|details| serde_json::to_string(details).ok());
    let call = details.and_then(|json| serde_json::from_str::<Call>(&json).ok());
    match call {
        Some(Call { name, input }) => (Some(name), arguments(&input)),
        None => (None, log.message.clone()),
    }
}

/// A single text as it is, several by their names.
fn arguments(input: &serde_json::Value) -> String {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match input {
        serde_json::Value::Object(members) if members.len() == 1 => {
            members.values().map(text).collect()
        }
        serde_json::Value::Object(members) => {
            let members = members.iter();
            let lines = members.map(|(name, value)| format!("{name}: {}", text(value)));
            lines.collect::<Vec<_>>().join("\n")
        }
        other => text(other),
    }
}

/// An answer that takes the place of all lines: too many have come to add them.
pub fn anew(lines: &Lines) -> Result<Response> {
    let headers = [("hx-retarget", "#lines"), ("hx-reswap", "innerHTML")];
    let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value));
    let html = lines.render().map_err(anyhow::Error::from)?;
    Ok((headers, Html(html)).into_response())
}
