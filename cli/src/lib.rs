//! `tac-bootstrap`: writes an agent-orchestrator service into a project, and keeps it up to date.

mod adopt;
pub mod answers;
mod args;
pub mod commands;
mod destination;
mod difference;
pub mod disk;
mod error;
mod glob;
pub mod hash;
pub mod interrupt;
mod lockfile;
pub mod merge;
pub mod mirror;
mod origin;
mod output;
mod parse;
pub mod plan;
pub mod project;
pub mod render;
mod report;
pub mod templates;
pub mod transaction;
pub mod tree;
pub mod upgrade;
mod vcs;
mod verify;

pub use error::{Error, Result};
