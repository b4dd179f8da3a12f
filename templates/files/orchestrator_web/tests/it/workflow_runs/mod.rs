//! Workflows that the service runs itself, as `orchestrator.toml` defines them.

mod agents;
mod definitions;
mod ends;
mod graphs;
mod http;
mod prompts;
mod restarting;
mod support;
