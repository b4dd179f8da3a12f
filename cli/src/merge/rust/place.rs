//! What encloses a place in a Rust file.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Stands for a place in a text; its number follows.
const SIGN: &str = "place_of_a_conflict_";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Braces,
    /// Or the parentheses of `routes!`.
    Brackets,
    Elsewhere,
}

/// The line that stands for place `number`.
pub fn sign(number: usize) -> String {
    format!("{SIGN}{number}\n")
}

/// Where the signs in `text` are. Those in comments and strings are nowhere, and so are all if it is not Rust.
pub fn find_signs(text: &str) -> BTreeMap<usize, Place> {
    let mut found = BTreeMap::new();
    let Ok(tokens) = text.parse::<TokenStream>() else {
        return found;
    };
    let mut open = vec![(Place::Elsewhere, tokens.into_iter())];
    let mut before = [String::new(), String::new()];
    while let Some((place, tokens)) = open.last_mut() {
        let Some(token) = tokens.next() else {
            open.pop();
            continue;
        };
        if let TokenTree::Group(group) = &token {
            let inner = match group.delimiter() {
                Delimiter::Brace => Place::Braces,
                Delimiter::Bracket => Place::Brackets,
                Delimiter::Parenthesis if before == ["routes", "!"] => Place::Brackets,
                Delimiter::Parenthesis | Delimiter::None => Place::Elsewhere,
            };
            open.push((inner, group.stream().into_iter()));
            continue;
        }
        let text = token.to_string();
        if let Some(number) = text.strip_prefix(SIGN).and_then(|rest| rest.parse().ok()) {
            found.insert(number, *place);
        }
        before = [std::mem::take(&mut before[1]), text];
    }
    found
}
