//! Lines of a list as its items.

use std::mem;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use super::place::Place;
use crate::merge::lines::{Line, text};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// What no other item of the list may be called.
    pub name: String,
    /// With the comments and the blank lines before it.
    pub lines: Vec<Line<'a>>,
}

/// The methods of a router whose order does not matter.
const ROUTING: [&str; 4] = ["merge", "nest", "route", "routes"];

/// The items that the lines consist of; `None` if they are not whole items of a list at `place`.
pub fn items<'a>(lines: &[Line<'a>], place: Place) -> Option<Vec<Item<'a>>> {
    let mut items: Vec<Item> = Vec::new();
    let mut pending = Vec::new();
    for line in lines {
        pending.push(line.clone());
        let Ok(tokens) = text(&pending)?.parse::<TokenStream>() else {
            continue;
        };
        if let Some(name) = name(tokens, place) {
            let lines = mem::take(&mut pending);
            items.push(Item { name, lines });
        }
    }
    pending.is_empty().then_some(items)
}

/// What the item is called that the tokens are; `None` if they are none, or not yet.
fn name(tokens: TokenStream, place: Place) -> Option<String> {
    use Place::{Braces, Brackets};
    use TokenTree::{Group, Ident, Punct};

    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let code = without_visibility(without_attributes(&tokens));
    match (code, place) {
        ([Ident(keyword), .., Punct(end)], _) if end.as_char() == ';' => {
            (keyword == "use" || keyword == "mod").then(|| joined(code))
        }
        ([Punct(dot), Ident(method), Group(arguments)], _)
            if dot.as_char() == '.' && ROUTING.iter().any(|name| method == name) =>
        {
            match arguments.stream().into_iter().next()? {
                path @ TokenTree::Literal(_) => Some(path.to_string()),
                _ => Some(joined(code)),
            }
        }
        ([.., Punct(end)], Brackets) if end.as_char() == ',' => Some(joined(code)),
        ([.., Punct(end)], Braces) if end.as_char() == ',' => Some(joined(key(code))),
        ([.., arrow, Group(body)], Braces)
            if is(arrow, '>') && body.delimiter() == Delimiter::Brace =>
        {
            Some(joined(key(code)))
        }
        _ => None,
    }
}

fn without_attributes(mut tokens: &[TokenTree]) -> &[TokenTree] {
    while let [TokenTree::Punct(hash), TokenTree::Group(_), rest @ ..] = tokens
        && hash.as_char() == '#'
    {
        tokens = rest;
    }
    tokens
}

fn without_visibility(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens {
        [TokenTree::Ident(word), TokenTree::Group(group), rest @ ..]
            if word == "pub" && group.delimiter() == Delimiter::Parenthesis =>
        {
            rest
        }
        [TokenTree::Ident(word), rest @ ..] if word == "pub" => rest,
        _ => tokens,
    }
}

/// The pattern of a match arm; else what stands before the type, the value or the fields.
fn key(code: &[TokenTree]) -> &[TokenTree] {
    let arrow = code
        .windows(2)
        .position(|pair| is(&pair[0], '=') && is(&pair[1], '>'));
    let is_end = |at: usize| match &code[at] {
        TokenTree::Group(_) => true,
        // `::` is two, the first of them joint.
        TokenTree::Punct(colon) if colon.as_char() == ':' => {
            colon.spacing() == Spacing::Alone && !(at > 0 && is(&code[at - 1], ':'))
        }
        token => is(token, '=') || is(token, ','),
    };
    let end = arrow.or_else(|| (0..code.len()).find(|at| is_end(*at)));
    &code[..end.unwrap_or(code.len())]
}

fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn joined(tokens: &[TokenTree]) -> String {
    tokens.iter().cloned().collect::<TokenStream>().to_string()
}
