//! The service from the outside: one binary, a file a feature.

#![allow(clippy::unwrap_used)]

mod agent_status;
mod agents;
mod attack;
mod config;
// tac:if docs
mod docs;
// tac:end
mod live;
mod login;
mod migrations;
mod openapi;
mod refusals;
mod runtime_agents;
mod serve;
mod support;
mod tidy;
mod db;mod healthcheck;
mod guard;mod health;
