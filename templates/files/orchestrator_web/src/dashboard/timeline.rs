//! Lines of a log as a page holds them: a window of a long list. What lies around it is fetched when it is
//! asked for, what is new when it is there.

use askama::Template;
use axum::http::HeaderName;
use axum::response::{IntoResponse as _, Response};

use super::page::render;
use super::show::{Moment, brief, filters, offset};
use crate::Result;
use crate::db::Read;
use crate::extract::{FromQuery, QueryReader};
use crate::ids::Id;
use crate::page::Cursor;
use crate::runtime::logs::queries::{self, LogFilter, Reporter, Window};
use crate::runtime::logs::{Level, Log, LogType};
use crate::time::Timestamp;

/// How many lines come at once.
const LENGTH: i64 = 150;
/// What is longer is folded to its beginning.
const MOST_CHARACTERS: usize = 600;
const MOST_LINES: usize = 8;
/// And what is even longer ends there: the API has the rest.
const MOST_SHOWN: usize = 16 * 1024;

/// Where in the log a page stands.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Stand {
    /// Lines before this place.
    #[param(value_type = Option<String>)]
    before: Option<Cursor>,
    /// Lines after this place.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

impl FromQuery for Stand {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            before: query.filled("before"),
            after: query.filled("after"),
        }
    }
}

impl Stand {
    /// The lines of a page, or of a part of it.
    fn window(&self, part: Option<&str>) -> Window {
        match (part, self.before, self.after) {
            (Some("new"), _, Some(place)) => Window::Since(place),
            (_, Some(place), _) => Window::Before(place),
            (_, None, Some(place)) => Window::After(place),
            (_, None, None) => Window::Newest,
        }
    }
}

/// Lines in the order of their time, with what leads to those around them.
#[derive(Template)]
#[template(path = "dashboard/lines.html")]
pub struct Lines {
    /// The path and the query of the page, to which `part` and a place are added.
    pub(super) base: String,
    above: Vec<More>,
    shown: Vec<Line>,
    below: Vec<More>,
    /// Where newer ones are taken up; `None` in the middle of the log.
    pub end: Option<End>,
    /// More than these have come: they take the place of those that the page has.
    is_anew: bool,
}

/// A link to the lines beyond an end of the window. Between two windows on one page there are two that
/// are hidden: whoever removes one of the windows shows the link that brings it back.
#[derive(Template)]
#[template(path = "dashboard/more.html")]
struct More {
    base: String,
    part: &'static str,
    place_is: &'static str,
    place: Cursor,
    is_hidden: bool,
}

impl askama::filters::HtmlSafe for More {}

pub struct End {
    after: Option<Cursor>,
    /// Only lines of this instance are waited for.
    about: Option<Id>,
}

impl Lines {
    /// Those that `part` of the page at `base` shows, each as `line` makes it.
    pub fn read(
        db: &Read,
        base: String,
        reporter: &Reporter,
        filter: &LogFilter,
        stand: &Stand,
        part: Option<&str>,
        line: impl Fn(Cursor, &Log) -> Result<Line>,
    ) -> Result<Self> {
        let window = stand.window(part);
        let mut slice = queries::read(db, reporter, filter, window, LENGTH)?;
        let is_upward = matches!(window, Window::After(_));
        if !is_upward {
            slice.items.reverse();
        }
        let first = slice.items.first().map(|(place, _)| *place);
        let last = slice.items.last().map(|(place, _)| *place);
        let shown = slice.items.iter().map(|(place, log)| line(*place, log));
        let mut lines = Self {
            base,
            above: Vec::new(),
            shown: shown.collect::<Result<_>>()?,
            below: Vec::new(),
            end: None,
            is_anew: matches!(window, Window::Since(_)) && slice.next.is_some(),
        };
        let end = |after| {
            let about = reporter.agent_id;
            Some(End { after, about })
        };
        let more = |part, place_is, place| {
            let base = lines.base.clone();
            More {
                base,
                part,
                place_is,
                place,
                is_hidden: false,
            }
        };
        let earlier = |place| more("earlier", "before", place);
        let later = |place| more("later", "after", place);
        let is_part = part.is_some();
        let seam = |more| More {
            is_hidden: is_part,
            ..more
        };
        match window {
            Window::Newest => {
                lines.above.extend(slice.next.map(earlier));
                lines.end = end(last);
            }
            Window::Since(place) => {
                lines.above.extend(slice.next.map(earlier));
                lines.end = end(last.or(Some(place)));
            }
            Window::Before(place) => {
                lines.above.extend(slice.next.map(earlier));
                lines.below.extend(last.map(later).map(seam));
                lines.below.extend(is_part.then(|| seam(earlier(place))));
            }
            Window::After(place) => {
                lines.above.extend(is_part.then(|| seam(later(place))));
                lines.above.extend(first.map(earlier).map(seam));
                lines.below.extend(slice.next.map(later));
                if slice.next.is_none() {
                    lines.end = end(last.or(Some(place)));
                }
            }
        }
        Ok(lines)
    }

    /// The part of a page.
    pub fn answer(&self) -> Result<Response> {
        let html = render(self)?;
        if !self.is_anew {
            return Ok(html.into_response());
        }
        let headers = [("hx-retarget", "#lines"), ("hx-reswap", "innerHTML")];
        let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value));
        Ok((headers, html).into_response())
    }
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
