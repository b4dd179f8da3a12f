//! `tac-bootstrap`: writes an agent-orchestrator service into a project, and keeps it up to date.

pub mod answers;
pub mod args;
pub mod commands;
pub mod destination;
pub mod disk;
pub mod error;
pub mod glob;
pub mod hash;
pub mod interrupt;
pub mod lockfile;
pub mod mirror;
pub mod output;
pub mod parse;
pub mod plan;
pub mod project;
pub mod render;
pub mod report;
pub mod templates;
pub mod transaction;
pub mod tree;
pub mod vcs;

pub use error::{Error, Result};
