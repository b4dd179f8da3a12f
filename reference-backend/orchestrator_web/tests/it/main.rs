//! The service from the outside: one binary, a file a feature.

#![allow(clippy::unwrap_used)]

mod adapters;
mod agent_deletion;
mod agent_status;
mod agents;
mod attack;
mod backups;
mod budgets;
mod cli;
mod config;
mod costs;
// tac:if dashboard
mod dashboard;
// tac:end
mod db;
// tac:if docs
mod docs;
// tac:end
mod events;
mod executors;
mod guard;
mod health;
mod healthcheck;
mod kept_json;
mod live;
mod login;
mod logs;
mod migrations;
mod money;
mod openapi;
mod plans;
mod prompts;
mod queue;
mod refusals;
mod reload;
mod restart;
mod retention;
mod runs;
mod runtime_agents;
mod serve;
mod starts;
mod stats;
mod support;
mod system_logs;
mod tidy;
mod wire;
mod workflow_runs;
mod workflows;
mod worktrees;
