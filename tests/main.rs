//! The tests of tac-bootstrap and of what it generates.

// `allow-unwrap-in-tests` sees `#[test]` functions only, not what they call.
#![allow(clippy::unwrap_used)]

mod abort;
mod adopt;
mod answers;
mod diff;
mod doctor;
mod documents;
mod fixture;
mod formats;
mod generated;
mod git;
mod globs;
mod help;
mod hostile;
mod json;
mod kept;
mod killed;
mod listings;
mod merge;
mod mirror;
mod mistakes;
mod mount;
mod names;
mod new;
mod option_sets;
mod options;
mod program;
mod prompts;
mod released;
mod render;
mod run;
mod sessions;
mod set_answers;
mod templates;
mod transaction;
mod transactions;
mod upgrade;
mod verify;
mod why;
