//! Pages of lists: `limit` and `cursor` in the query, the next page in the `Link` header.

use axum::http::{HeaderValue, Uri};
use utoipa::IntoParams;

use crate::extract::{FromQuery, QueryReader};
use crate::time::Timestamp;

const DEFAULT_LIMIT: i64 = 100;
const MOST: i64 = 1000;

/// Which part of a list is asked for.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// How many at most. A page ends before it holds more than 8 MiB of text, unless its one row
    /// does: whether there is more is told by the `Link` header alone.
    #[param(default = 100, minimum = 1, maximum = 1000, required = false)]
    pub limit: i64,
    /// Where to go on: copied from the `Link` header of the page before.
    #[param(rename = "cursor", value_type = Option<String>)]
    pub after: Option<Cursor>,
}

impl FromQuery for Page {
    fn from_query(query: &mut QueryReader) -> Self {
        let limit = query.optional("limit");
        if limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
            query.refuse("limit", format!("must lie between 1 and {MOST}"));
        }
        Self {
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            after: query.optional("cursor"),
        }
    }
}

/// A place in a list: just after the row that it names. Callers treat it as opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub created_at: Timestamp,
    pub seq: i64,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.created_at, self.seq)
    }
}

impl std::str::FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cursor = text.split_once('~').and_then(|(time, seq)| {
            Some(Self {
                created_at: Timestamp::parse(time)?,
                seq: seq.parse().ok()?,
            })
        });
        cursor.ok_or("must be copied from a `Link` header")
    }
}

/// The `Link` header that leads to the page after `cursor` of the list at `uri`.
pub fn next_link(uri: &Uri, cursor: &Cursor) -> HeaderValue {
    let link = format!("<{}>; rel=\"next\"", with_cursor(uri, cursor));
    HeaderValue::try_from(link).expect("a URI and a cursor are ASCII")
}

fn with_cursor(uri: &Uri, cursor: &Cursor) -> String {
    let query = uri.query().unwrap_or_default();
    let others = query
        .split('&')
        .filter(|it| !it.is_empty() && !it.starts_with("cursor="));
    let cursor = format!("cursor={cursor}");
    let query: Vec<_> = others.chain([cursor.as_str()]).collect();
    format!("{}?{}", uri.path(), query.join("&"))
}
