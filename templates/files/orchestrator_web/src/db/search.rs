//! Full-text search, behind names of our own: another engine would do it differently.

/// A condition that keeps the rows whose words match; its `?` takes [`words`]'s result.
/// `index` is the full-text table over theirs.
pub fn matches(index: &str) -> String {
    format!("seq IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)")
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
