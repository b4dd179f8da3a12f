//! The agent orchestrator: a service that knows agents, keeps what they do, and shows it live.

pub mod accept;
pub mod adapters;
pub mod agents;
pub mod app;
pub mod approvals;
pub mod backups;
pub mod batch;
pub mod budgets;
pub mod cli;
pub mod client;
pub mod config;
pub mod costs;
// tac:if dashboard
pub mod dashboard;
// tac:end
pub mod db;
pub mod demo;
// tac:if docs
pub mod docs;
// tac:end
pub mod error;
pub mod events;
pub mod executors;
pub mod extract;
pub mod fault;
pub mod guard;
pub mod health;
pub mod healthcheck;
pub mod idempotency;
pub mod ids;
pub mod json;
pub mod lists;
pub mod live;
pub mod login;
pub mod metrics;
pub mod money;
pub mod object;
pub mod openapi;
pub mod page;
pub mod respond;
pub mod retention;
pub mod runs;
pub mod runtime;
pub mod serve;
pub mod shim;
pub mod stats;
pub mod supervisor;
pub mod system;
pub mod text;
pub mod time;
pub mod trace;
pub mod workflows;
pub mod worktrees;

pub use error::{Error, Result};
