//! The service from the outside: one binary, a file a feature.

#![allow(clippy::unwrap_used)]

mod agents;
mod support;
