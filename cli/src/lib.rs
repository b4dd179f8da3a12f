//! `tac-bootstrap`: writes an agent-orchestrator service into a project, and keeps it up to date.

pub mod disk;
pub mod error;
pub mod parse;
pub mod render;
pub mod templates;
pub mod tree;

pub use error::{Error, Result};
