use super::{Level, Log, LogType};
use crate::Result;
use crate::db::list::Slice;
use crate::db::{Listing, Read, Row, search};
use crate::ids::Id;
use crate::page::{Cursor, Page};
use crate::runtime::agents::queries::require;
use crate::time::Timestamp;

const COLUMNS: &str = "id, agent_id, log_level, log_type, message, details, created_at";

/// Which lines a list holds.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogFilter {
    /// The lowest level.
    pub level: Option<Level>,
    pub log_type: Option<LogType>,
    /// Words of the message; the last one may be a beginning.
    pub q: Option<String>,
    /// From here on.
    pub since: Option<Timestamp>,
    /// Up to here, and not at this instant.
    pub until: Option<Timestamp>,
}

/// Whose lines a list holds.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Reporter {
    /// An instance.
    pub agent_id: Option<Id>,
    /// An agent: the lines of all of its instances.
    pub orchestrator_agent_id: Option<Id>,
}

/// Which of the lines that a filter leaves.
#[derive(Debug, Clone, Copy)]
pub enum Window {
    Newest,
    /// The newest of those before a place.
    Before(Cursor),
    /// The oldest of those after it.
    After(Cursor),
    /// The newest of those after it.
    Since(Cursor),
}

pub fn list(db: &Read, reporter: &Reporter, filter: &LogFilter, page: &Page) -> Result<Slice<Log>> {
    let window = page.after.map_or(Window::Newest, Window::Before);
    let Slice { items, next } = read(db, reporter, filter, window, page.limit)?;
    let items = items.into_iter().map(|(_, log)| log).collect();
    Ok(Slice { items, next })
}

/// The lines of a window with their places, the oldest first in [`Window::After`], else the newest.
pub fn read(
    db: &Read,
    reporter: &Reporter,
    filter: &LogFilter,
    window: Window,
    limit: i64,
) -> Result<Slice<(Cursor, Log)>> {
    let words = filter.q.as_deref().and_then(search::words);
    let matches = search::matches_in_list(db, "agent_logs", words.as_deref())?;
    let (after, since) = match window {
        Window::Newest => (None, None),
        Window::Before(place) | Window::After(place) => (Some(place), None),
        Window::Since(place) => (None, Some(place)),
    };
    let (time, seq) = (since.map(|it| it.created_at), since.map(|it| it.seq));
    let columns = format!("seq, {COLUMNS}");
    let listing = Listing::new(&columns, "agent_logs")
        .only_if("agent_id = ?", &reporter.agent_id)
        .only_if(
            "agent_id IN (SELECT id FROM agents WHERE orchestrator_agent_id = ?)",
            &reporter.orchestrator_agent_id,
        )
        .only_if("log_type = ?", &filter.log_type)
        .only_if(&matches, &words)
        .only_if("created_at >= ?", &filter.since)
        .only_if("created_at < ?", &filter.until)
        .only_if("created_at >= ?", &time)
        .only_if("seq > ?", &seq);
    let listing = match window {
        Window::After(_) => listing.oldest_first(),
        _ => listing,
    };
    let listing = match reporter.orchestrator_agent_id {
        Some(_) => listing.found_by("agent_logs_agent_id"),
        None => listing,
    };
    at_least(filter.level)
        .into_iter()
        .fold(listing, Listing::only_where)
        .page(db, &Page { limit, after }, |row| {
            let seq = row.take()?;
            let log = log(row)?;
            let created_at = log.created_at;
            Ok((Cursor { created_at, seq }, log))
        })
}

/// The lines of one instance; 404 if there is none.
pub fn of_agent(db: &Read, agent: Id, filter: &LogFilter, page: &Page) -> Result<Slice<Log>> {
    require(db, agent)?;
    let reporter = Reporter {
        agent_id: Some(agent),
        ..Default::default()
    };
    list(db, &reporter, filter, page)
}

/// The lines of an instance after the row `seq`, oldest first, each with its row.
pub fn after(db: &Read, agent: Id, seq: i64, limit: i64) -> Result<Vec<(i64, Log)>> {
    let sql = format!(
        "SELECT seq, {COLUMNS} FROM agent_logs WHERE agent_id = ?1 AND seq > ?2 \
         ORDER BY seq LIMIT ?3"
    );
    db.all(&sql, &[&agent, &seq, &limit], |row| {
        Ok((row.take()?, log(row)?))
    })
}

/// The condition of a lowest level; from WARNING on, in the very words of the index that serves it.
pub(crate) fn at_least(level: Option<Level>) -> Option<&'static str> {
    match level? {
        Level::Debug => None,
        Level::Info => Some("log_level IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL')"),
        Level::Warning => Some("log_level IN ('WARNING', 'ERROR', 'CRITICAL')"),
        Level::Error => Some("log_level IN ('ERROR', 'CRITICAL')"),
        Level::Critical => Some("log_level IN ('CRITICAL')"),
    }
}

fn log(row: &mut Row) -> Result<Log> {
    Ok(Log {
        id: row.take()?,
        agent_id: row.take()?,
        log_level: row.take()?,
        log_type: row.take()?,
        message: row.take()?,
        details: row.take()?,
        created_at: row.take()?,
    })
}
