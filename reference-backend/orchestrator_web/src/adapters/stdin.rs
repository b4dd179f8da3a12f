//! What is written to a running agent: lines of Claude Code's control protocol, for a process whose
//! [`Start`](super::Start) leaves its input open.

use serde_json::{Value, json};

use crate::json::Json;

/// What somebody decided on an [`Approval`](super::AgentEvent::Approval).
#[derive(Debug, Clone, Copy)]
pub enum Answer<'a> {
    /// With the input that was asked about.
    Allow { input: &'a Json },
    /// The agent reads the reason.
    Deny { reason: &'a str },
}

/// The line that answers the request.
pub fn answer(request_id: &str, answer: Answer) -> Vec<u8> {
    let response = match answer {
        Answer::Allow { input } => json!({ "behavior": "allow", "updatedInput": input }),
        Answer::Deny { reason } => json!({ "behavior": "deny", "message": reason }),
    };
    line(&json!({
        "type": "control_response",
        "response": { "subtype": "success", "request_id": request_id, "response": response },
    }))
}

/// The line that ends the turn; `request_id` is any that was not used before.
pub fn interrupt(request_id: &str) -> Vec<u8> {
    line(&json!({
        "type": "control_request",
        "request_id": request_id,
        "request": { "subtype": "interrupt" },
    }))
}

/// The line that asks for a turn.
pub(super) fn prompt(text: &str) -> Vec<u8> {
    line(&json!({ "type": "user", "message": { "role": "user", "content": text } }))
}

fn line(value: &Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}
