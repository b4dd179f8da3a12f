//! What the program can be asked to do, a file a verb.

pub mod mirror;
pub mod options;
