//! `orchestrator_web health`: asks the running service how it is, as the health check of a container does.

use crate::client;
use crate::config::Settings;
use crate::fault::Fault;

/// Succeeds if `GET /health` answers 200 in time.
pub fn check(settings: &Settings) -> Result<(), Fault> {
    let reply = client::ask(settings, "GET /health")?;
    let hint = match reply.status {
        200 => return Ok(()),
        401 => "give this command the token of the service, by the same variable or file",
        _ => "its log, and the body that GET /health answers, say why",
    };
    Err(Fault::new(
        format!("the service is not well: it answers {}", reply.status),
        hint,
    ))
}
