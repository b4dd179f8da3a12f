//! `orchestrator_web health`: asks the running service how it is, as the health check of a container does.

use std::time::Duration;

use axum::http::Method;
use serde_json::Value;

use crate::client::{Client, block_on};
use crate::config::Settings;
use crate::fault::Fault;

const PATIENCE: Duration = Duration::from_secs(3);

/// Succeeds if `GET /health` answers 200 in time.
pub fn check(settings: &Settings) -> anyhow::Result<()> {
    let mut client = Client::new(settings)?;
    client.patience = PATIENCE;
    let reply = block_on(client.send(Method::GET, "/health", Value::Null))??;
    let hint = match reply.status.as_u16() {
        200 => return Ok(()),
        401 => "give this command the token of the service, by the same variable or file",
        _ => "its log, and the body that GET /health answers, say why",
    };
    let message = format!(
        "the service is not well: it answers {}",
        reply.status.as_u16()
    );
    Err(Fault::new(message, hint).into())
}
