//! Full-text search, behind names of our own: another engine would do it differently.
//!
//! The index of a table lies in `TABLE_search`. Rows that are deleted leave it by a trigger.

use super::{Read, Write};
use crate::Result;

/// So many rows are looked up in some hundredths of a second.
const FEW: i64 = 20_000;

/// A condition that keeps the rows of `table` whose words match; its `?` takes [`words`]'s result.
pub fn matches(table: &str) -> String {
    format!("seq IN (SELECT rowid FROM {table}_search WHERE {table}_search MATCH ?)")
}

/// The same for a list of `table` itself. Where many rows match, a look at the newest rows finds a page of
/// them: of those that match only the numbers are gathered.
pub fn matches_in_list(db: &Read, table: &str, words: Option<&str>) -> Result<String> {
    let matches = matches(table);
    Ok(match words {
        // Not by the row's number.
        Some(words) if !are_few(db, table, words)? => format!("+{matches}"),
        _ => matches,
    })
}

/// Whether the rows of `table` whose words match are no more than are soon looked up.
pub fn are_few(db: &Read, table: &str, words: &str) -> Result<bool> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {table}_search WHERE {table}_search MATCH ?1 LIMIT {FEW})"
    );
    Ok(db.number(&sql, &[&words])? < FEW)
}

/// Runs `add`; the messages of the rows that it adds to `table` can be found then.
pub fn index<T>(
    db: &mut Write,
    table: &str,
    add: impl FnOnce(&mut Write) -> Result<T>,
) -> Result<T> {
    let last = format!("SELECT coalesce(max(seq), 0) FROM {table}");
    let last = db.number(&last, &[])?;
    let added = add(db)?;
    let words = format!(
        "INSERT INTO {table}_search (rowid, message) SELECT seq, message FROM {table} WHERE ?1 < seq"
    );
    db.execute(&words, &[&last])?;
    Ok(added)
}

/// What a person typed, as a query that looks for rows with all of its words, the last one as a
/// prefix. Nothing in it is an operator: `"`, `*`, `NEAR`, `-` and `:` are text.
/// `None` if nothing was typed; a query that finds nothing if no word is in what was.
pub fn words(typed: &str) -> Option<String> {
    if typed.trim().is_empty() {
        return None;
    }
    let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
    let quoted: Vec<_> = typed
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(is_word)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    Some(match quoted.as_slice() {
        [] => "\"\"".to_owned(),
        words => format!("{}*", words.join(" ")),
    })
}
