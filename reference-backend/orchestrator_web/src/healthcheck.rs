//! `orchestrator_web health`: asks the running service how it is, as the health check of a container does.

use crate::client;
use crate::config::Settings;
use crate::fault::Fault;

/// Succeeds if `GET /health` answers 200 in time.
pub fn check(settings: &Settings) -> Result<(), Fault> {
    let reply = client::ask(settings, "GET /health")?;
    if reply.status == 200 {
        return Ok(());
    }
    Err(Fault::new(
        format!("the service is not well: it answers {}", reply.status),
        "its log, and the body that GET /health answers, say why",
    ))
}
