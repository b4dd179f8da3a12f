//! What holds of every upgrade, over generated projects and template sets.

mod commands;
mod edits;
mod memory;
mod pure;
mod trees;
