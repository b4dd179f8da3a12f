//! Runs in work trees of their own: real repositories, real git, real agents.

mod diff;
mod discard;
mod make;
mod merge;
mod support;
