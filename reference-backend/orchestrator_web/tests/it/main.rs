//! The service from the outside: one binary, a file a feature.

#![allow(clippy::unwrap_used)]

mod agent_status;
mod agents;
mod config;
mod db;
mod health;
mod healthcheck;
mod live;
mod migrations;
mod openapi;
mod refusals;
mod runtime_agents;
mod support;
mod tidy;

// tac:if docs
mod docs;
// tac:end
