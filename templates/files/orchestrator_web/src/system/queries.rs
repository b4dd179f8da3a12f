use super::SystemLog;
use crate::Result;
use crate::db::list::Slice;
use crate::db::{Listing, Read, Row, search};
use crate::page::Page;
use crate::runtime::logs::Level;
use crate::runtime::logs::queries::at_least;

const COLUMNS: &str = "id, component, log_level, message, details, created_at";

/// Which lines a list holds.
#[derive(Debug, Default, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SystemLogFilter {
    /// The lowest level.
    pub level: Option<Level>,
    pub component: Option<String>,
    /// Words of the message; the last one may be a beginning.
    pub q: Option<String>,
}

pub fn list(db: &Read, filter: &SystemLogFilter, page: &Page) -> Result<Slice<SystemLog>> {
    let words = filter.q.as_deref().and_then(search::words);
    let matches = search::matches_in_list(db, "system_logs", words.as_deref())?;
    let listing = Listing::new(COLUMNS, "system_logs")
        .only_if("component = ?", &filter.component)
        .only_if(&matches, &words);
    at_least(filter.level)
        .into_iter()
        .fold(listing, Listing::only_where)
        .page(db, page, log)
}

fn log(row: &mut Row) -> Result<SystemLog> {
    Ok(SystemLog {
        id: row.take()?,
        component: row.take()?,
        log_level: row.take()?,
        message: row.take()?,
        details: row.take()?,
        created_at: row.take()?,
    })
}
