//! Workflows that the service runs itself, as `orchestrator.toml` defines them.

mod agents;
mod courses;
mod definitions;
mod ends;
mod graphs;
mod http;
mod keeping;
mod money;
mod prompts;
mod recovery;
mod restarting;
mod shares;
mod support;
mod trees;
