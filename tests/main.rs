//! The tests of tac-bootstrap and of what it generates.

// `allow-unwrap-in-tests` sees `#[test]` functions only, not what they call.
#![allow(clippy::unwrap_used)]

mod fixture;
mod formats;
mod generated;
mod mirror;
mod render;
