//! The service from the outside: one binary, a file a feature.

mod agents;
mod support;
