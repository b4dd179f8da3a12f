//! Full-text search, behind names of our own: another engine would do it differently.

/// A condition that keeps the rows of `table` whose words match; its `?` takes [`phrase`]'s result.
/// `index` is the full-text table over it.
pub fn matches(index: &str) -> String {
    format!("seq IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)")
}

/// What a person typed, as a query that looks for rows with all of its words, the last one as a
/// prefix. Nothing in it is an operator: `"`, `*`, `NEAR`, `-` and `:` are text.
/// `None` if there is no word in it.
pub fn words(typed: &str) -> Option<String> {
    let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
    let quoted: Vec<_> = typed
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(is_word)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    (!quoted.is_empty()).then(|| format!("{}*", quoted.join(" ")))
}
