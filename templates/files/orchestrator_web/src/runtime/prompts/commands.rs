use super::queries::get;
use super::{Prompt, PromptStatus, PromptType};
use crate::db::Write;
use crate::events::Event;
use crate::ids::Id;
use crate::money::MicroUsd;
use crate::runtime::agents::queries::require_lasting;
use crate::{Error, Result};

#[derive(Debug, Clone)]
pub struct NewPrompt {
    pub agent_id: Id,
    pub prompt_type: PromptType,
    pub prompt_text: String,
    pub prompt_name: Option<String>,
    pub model_used: Option<String>,
}

/// New values of some members; `None` leaves a member as it is, `Some(None)` clears it.
#[derive(Debug, Clone, Default)]
pub struct PromptChanges {
    pub status: Option<PromptStatus>,
    pub response_text: Option<Option<String>>,
    pub tokens_input: Option<i64>,
    pub tokens_output: Option<i64>,
    pub cost_usd: Option<MicroUsd>,
    pub latency_ms: Option<Option<i64>>,
    pub error_message: Option<Option<String>>,
}

/// 404 if the instance is unknown, 409 if its agent is being deleted.
pub fn create(db: &mut Write, new: NewPrompt) -> Result<Prompt> {
    require_lasting(db, new.agent_id)?;
    let prompt = Prompt {
        id: Id::generate(),
        agent_id: new.agent_id,
        prompt_type: new.prompt_type,
        prompt_name: new.prompt_name,
        prompt_text: new.prompt_text,
        response_text: None,
        status: PromptStatus::Pending,
        model_used: new.model_used,
        tokens_input: 0,
        tokens_output: 0,
        cost_usd: MicroUsd::default(),
        latency_ms: None,
        created_at: db.now(),
        completed_at: None,
        error_message: None,
    };
    db.execute(
        "INSERT INTO prompts (id, agent_id, prompt_type, prompt_name, prompt_text, status, \
         model_used, tokens_input, tokens_output, cost_micro_usd, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        &[
            &prompt.id,
            &prompt.agent_id,
            &prompt.prompt_type,
            &prompt.prompt_name,
            &prompt.prompt_text,
            &prompt.status,
            &prompt.model_used,
            &prompt.tokens_input,
            &prompt.tokens_output,
            &prompt.cost_usd,
            &prompt.created_at,
        ],
    )?;
    let (id, agent_id) = (prompt.id, prompt.agent_id);
    db.record(&Event::PromptCreated { id, agent_id })?;
    Ok(prompt)
}

/// 404 if there is no such prompt, 409 if it has ended or cannot move to the new status. Changes
/// that change nothing record no event, and an ended prompt takes them; who ends it twice gets 409.
pub fn update(db: &mut Write, id: Id, changes: PromptChanges) -> Result<Prompt> {
    let old = get(db, id)?;
    let mut new = old.clone();
    new.response_text = changes.response_text.unwrap_or(new.response_text);
    new.tokens_input = changes.tokens_input.unwrap_or(new.tokens_input);
    new.tokens_output = changes.tokens_output.unwrap_or(new.tokens_output);
    new.cost_usd = changes.cost_usd.unwrap_or(new.cost_usd);
    new.latency_ms = changes.latency_ms.unwrap_or(new.latency_ms);
    new.error_message = changes.error_message.unwrap_or(new.error_message);
    if let Some(status) = changes
        .status
        .filter(|&it| it != old.status || old.status.is_terminal())
    {
        if !old.status.may_become(status) {
            return Err(refused(&old, status.as_str()));
        }
        new.status = status;
        new.completed_at = status.is_terminal().then(|| db.now());
    }
    if new == old {
        return Ok(old);
    }
    if old.status.is_terminal() {
        return Err(refused(&old, "anything else"));
    }
    replace(db, &old, &new)?;
    db.record(&Event::PromptUpdated {
        id,
        agent_id: new.agent_id,
        status: new.status,
    })?;
    Ok(new)
}

/// Writes what may change, if the prompt is still in the state that it was read in.
fn replace(db: &mut Write, old: &Prompt, new: &Prompt) -> Result<()> {
    let written = db.execute(
        "UPDATE prompts SET status = ?3, completed_at = ?4, response_text = ?5, \
         tokens_input = ?6, tokens_output = ?7, cost_micro_usd = ?8, latency_ms = ?9, \
         error_message = ?10 WHERE id = ?1 AND status = ?2",
        &[
            &old.id,
            &old.status,
            &new.status,
            &new.completed_at,
            &new.response_text,
            &new.tokens_input,
            &new.tokens_output,
            &new.cost_usd,
            &new.latency_ms,
            &new.error_message,
        ],
    )?;
    if written != 1 {
        return Err(refused(old, new.status.as_str()));
    }
    Ok(())
}

fn refused(prompt: &Prompt, next: &str) -> Error {
    let status = prompt.status.as_str();
    Error::Conflict(format!("a prompt that is {status} cannot become {next}"))
}
