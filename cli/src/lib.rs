//! `tac-bootstrap`: writes an agent-orchestrator service into a project, and keeps it up to date.

pub mod commands;
pub mod disk;
pub mod error;
pub mod glob;
pub mod hash;
pub mod lockfile;
pub mod mirror;
pub mod parse;
pub mod render;
pub mod templates;
pub mod tree;

pub use error::{Error, Result};
