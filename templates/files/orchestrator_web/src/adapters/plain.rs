//! Text of agents, made harmless to show.

use std::iter::Peekable;
use std::str::Chars;

const ESCAPE: char = '\x1b';
const BELL: char = '\x07';

/// `text` without terminal sequences, control characters and marks that turn the direction of
/// writing. Tabs and line ends stay; a carriage return, which programs use to write over a line,
/// ends it.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    // Once a string has no end, no later one has: nobody makes us look for it again and again.
    let mut strings_end = true;
    while let Some(c) = chars.next() {
        match c {
            ESCAPE => skip_sequence(&mut chars, &mut strings_end),
            '\u{9b}' => skip_parameters(&mut chars),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => plain.push('\n'),
            '\n' | '\t' => plain.push(c),
            _ if c.is_control() || is_direction(c) => {}
            _ => plain.push(c),
        }
    }
    plain
}

/// What follows an escape: ECMA-48, 5.4 to 5.6.
fn skip_sequence(chars: &mut Peekable<Chars>, strings_end: &mut bool) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_parameters(chars);
        }
        // A title, a link, a picture: text up to a bell or `ESC \`. Without its end it stays, so that
        // nobody hides all that follows.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            if *strings_end {
                let mut ahead = chars.clone();
                *strings_end = skip_string(&mut ahead);
                if *strings_end {
                    *chars = ahead;
                }
            }
        }
        Some(' '..='~') => {
            while chars.next_if(|c| (' '..='/').contains(c)).is_some() {}
            chars.next_if(|c| ('0'..='~').contains(c));
        }
        _ => {}
    }
}

/// Whether the string had an end.
fn skip_string(chars: &mut Peekable<Chars>) -> bool {
    while let Some(c) = chars.next() {
        match c {
            BELL | '\u{9c}' => return true,
            ESCAPE if chars.next_if_eq(&'\\').is_some() => return true,
            _ => {}
        }
    }
    false
}

/// Parameters, intermediates and the final byte of a control sequence.
fn skip_parameters(chars: &mut Peekable<Chars>) {
    while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
    chars.next_if(|c| ('@'..='~').contains(c));
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
