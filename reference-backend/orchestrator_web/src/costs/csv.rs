//! Costs as a table for spreadsheets: RFC 4180.

use super::Cost;

const HEADER: &str = "key,name,runs,tokens_input,tokens_output,tokens_cache_read,tokens_cache_write,cost_usd,is_estimate\r\n";

/// A line for each sum below a line of headings. What is null is an empty cell.
pub fn table(costs: &[Cost]) -> String {
    let lines = costs.iter().map(|it| {
        let text = |text: &Option<String>| text.as_deref().map(cell).unwrap_or_default();
        format!(
            "{},{},{},{},{},{},{},{},{}\r\n",
            text(&it.key),
            text(&it.name),
            it.runs,
            it.tokens_input,
            it.tokens_output,
            it.tokens_cache_read,
            it.tokens_cache_write,
            it.cost_usd.to_decimal(),
            it.is_estimate,
        )
    });
    std::iter::once(HEADER.to_owned()).chain(lines).collect()
}

/// A cell that reads as a text everywhere. Names are their authors', and spreadsheets compute what begins
/// as a formula does: an apostrophe before it stops them.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = format!("{}{text}", if is_formula { "'" } else { "" });
    if text.contains(['"', ',', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}
