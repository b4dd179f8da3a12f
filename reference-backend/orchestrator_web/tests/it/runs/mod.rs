//! The service runs agents: real shims and real agents, which do what their prompts say.

mod approvals;
mod budgets;
mod damage;
mod ends;
mod floods;
mod health;
mod http;
mod limits;
mod money;
mod output;
mod parking;
mod queue;
mod recovery;
mod retries;
mod stopping;
pub mod support;
