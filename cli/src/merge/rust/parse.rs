//! Whether a text is Rust, whatever it does to a recursive parser.

use std::thread;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What is nested or chained further is not given to syn, which recurses on it: without optimisation a level takes up
/// to 40 KiB of stack. No text that a person wrote comes near.
const MOST_LEVELS: usize = 1_000;
const STACK_BYTES: usize = 128 << 20;

/// The message is the parser's.
pub fn parse(text: &str) -> Result<(), String> {
    thread::scope(|scope| {
        let parse = || read(without_shebang(text));
        let thread = thread::Builder::new().stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, parse);
        let thread = thread.map_err(|error| format!("cannot be read: {error}"))?;
        thread.join().expect("syn returns its errors")
    })
}

fn read(text: &str) -> Result<(), String> {
    let tokens: TokenStream = text
        .parse()
        .map_err(|_| "unbalanced brackets or quotes".to_owned())?;
    if levels(tokens.clone()) > MOST_LEVELS {
        return Err("nested too deeply to be read".to_owned());
    }
    syn::parse2::<syn::File>(tokens)
        .map(drop)
        .map_err(|error| error.to_string())
}

fn without_shebang(text: &str) -> &str {
    match text.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => {
            rest.find('\n').map_or("", |end| &rest[end..])
        }
        _ => text,
    }
}

/// How deep a parser may get: the most tokens around and before one that can make it call itself. Commas, semicolons
/// and blocks end such a chain.
fn levels(tokens: TokenStream) -> usize {
    let mut most = 0;
    let mut after_word = false;
    let mut open = vec![(0, 0, tokens.into_iter().peekable())];
    while let Some((around, chain, tokens)) = open.last_mut() {
        let Some(token) = tokens.next() else {
            open.pop();
            continue;
        };
        let is_word = matches!(token, TokenTree::Ident(_));
        match &token {
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => *chain = 0,
            TokenTree::Punct(_) | TokenTree::Group(_) => *chain += 1,
            TokenTree::Ident(_) if after_word => *chain += 1,
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
        after_word = is_word;
        let level = *around + *chain;
        most = most.max(level);
        if let TokenTree::Group(group) = token {
            let ends = group.delimiter() == Delimiter::Brace
                && !matches!(tokens.peek(), Some(TokenTree::Punct(_)));
            if ends {
                *chain = 0;
            }
            open.push((level, 0, group.stream().into_iter().peekable()));
        }
    }
    most
}
