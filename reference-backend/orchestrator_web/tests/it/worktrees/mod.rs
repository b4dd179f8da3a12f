//! Runs in work trees of their own: real repositories, real git, real agents.

mod clean;
mod diff;
mod discard;
mod hostile;
mod killed;
mod make;
mod merge;
mod names;
pub mod support;
mod workflow;
