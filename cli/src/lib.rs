//! `tac-bootstrap`: writes an agent-orchestrator service into a project, and keeps it up to date.

pub mod error;
pub mod tree;

pub use error::{Error, Result};
