//! Lists: filters, then newest first or oldest first, a page at a time.

use super::{Bind, Read, Row};
use crate::Result;
use crate::page::{Cursor, Page};
use crate::time::Timestamp;

/// A page that would hold more ends before: a thousand prompts may be gigabytes.
const MOST_TEXT_BYTES: usize = 8 << 20;

/// A `SELECT` that grows by conditions and ends in a page.
///
/// Every table that is listed has `seq` (its rows numbered in the order of their making) and
/// `created_at`; together they are a total order, so that equal times never lose or repeat a row
/// between two pages, and `(…, created_at)` indexes serve it without sorting.
pub struct Listing<'a> {
    select: &'a str,
    from: &'a str,
    conditions: Vec<String>,
    params: Vec<&'a dyn Bind>,
    /// The word for it, and how what comes later compares with what came before.
    order: (&'static str, char),
    found_by: Option<&'static str>,
}

impl<'a> Listing<'a> {
    /// `columns` are those that the row reader takes, `from` a table or a join whose first table
    /// is the listed one.
    pub fn new(columns: &'a str, from: &'a str) -> Self {
        Self {
            select: columns,
            from,
            conditions: Vec::new(),
            params: Vec::new(),
            order: ("DESC", '<'),
            found_by: None,
        }
    }

    /// Begins with the row that was made first.
    #[must_use]
    pub fn oldest_first(self) -> Self {
        Self {
            order: ("ASC", '>'),
            ..self
        }
    }

    /// Finds the numbers of the page's rows in `index`, and reads those rows alone. For a condition that
    /// has many values: its index has the order within each of them, so that SQLite reads of each no more
    /// than it takes to fill a page, and sorts numbers.
    #[must_use]
    pub fn found_by(self, index: &'static str) -> Self {
        Self {
            found_by: Some(index),
            ..self
        }
    }

    /// Keeps the rows for which `condition` holds; its `?` stands for `param`.
    #[must_use]
    pub fn only(mut self, condition: &str, param: &'a dyn Bind) -> Self {
        self.params.push(param);
        let place = format!("?{}", self.params.len());
        self.conditions.push(condition.replace('?', &place));
        self
    }

    /// The same, if there is a value to filter by.
    #[must_use]
    pub fn only_if<T: Bind>(self, condition: &str, param: &'a Option<T>) -> Self {
        match param {
            Some(param) => self.only(condition, param),
            None => self,
        }
    }

    /// Keeps the rows for which `condition`, which takes no parameter, holds.
    #[must_use]
    pub fn only_where(mut self, condition: &str) -> Self {
        self.conditions.push(condition.to_owned());
        self
    }

    /// The page that `page` asks for, or its first rows where all would be too much text, but one
    /// at least; and the cursor of the next page, if there is more.
    pub fn page<T>(
        mut self,
        db: &Read,
        page: &'a Page,
        row: impl Fn(&mut Row) -> Result<T>,
    ) -> Result<Slice<T>> {
        let (direction, beyond) = self.order;
        if let Some(Cursor { created_at, seq }) = &page.after {
            self.params.extend([created_at as &dyn Bind, seq]);
            let (time, seq) = (self.params.len() - 1, self.params.len());
            self.conditions
                .push(format!("(created_at, seq) {beyond} (?{time}, ?{seq})"));
        }
        let Self {
            select,
            from,
            conditions,
            params,
            found_by,
            ..
        } = self;
        let mut params: Vec<&dyn Bind> = params;
        let filter = match conditions.join(" AND ") {
            none if none.is_empty() => String::new(),
            all => format!(" WHERE {all}"),
        };
        let one_more = page.limit + 1;
        params.push(&one_more);
        let order = format!("ORDER BY created_at {direction}, seq {direction}");
        let limit = format!("LIMIT ?{}", params.len());
        let rest = match found_by {
            None => format!("{from}{filter} {order} {limit}"),
            Some(index) => format!(
                "{from} WHERE seq IN (SELECT seq FROM {from} INDEXED BY {index}{filter} {order} \
                 {limit}) {order}"
            ),
        };
        let sql = format!("SELECT created_at, seq, {select} FROM {rest}");
        let (mut last, mut has_more) = (None, false);
        let (mut count, mut text_bytes) = (0, 0);
        let items = db.take_while(&sql, &params, |it| {
            let cursor = Cursor {
                created_at: it.take::<Timestamp>()?,
                seq: it.take()?,
            };
            let item = row(it)?;
            text_bytes += it.text_bytes();
            has_more = count == page.limit || (0 < count && MOST_TEXT_BYTES < text_bytes);
            if has_more {
                return Ok(None);
            }
            count += 1;
            last = Some(cursor);
            Ok(Some(item))
        })?;
        Ok(Slice {
            items,
            next: last.filter(|_| has_more),
        })
    }
}

/// One page of a list.
pub struct Slice<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
}
