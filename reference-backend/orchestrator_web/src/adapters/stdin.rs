//! What is written to a running agent: lines of Claude Code's control protocol, for a process whose
//! [`Start`](super::Start) leaves its input open.

use serde::Serialize;
use serde_json::json;

use crate::json::Json;

/// What somebody decided on an [`Approval`](super::AgentEvent::Approval).
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "behavior", rename_all = "snake_case")]
pub enum Answer<'a> {
    /// With the input that was asked about, digit for digit.
    Allow {
        #[serde(rename = "updatedInput")]
        input: &'a Json,
    },
    /// The agent reads the reason.
    Deny {
        #[serde(rename = "message")]
        reason: &'a str,
    },
}

/// The line that answers the request.
pub fn answer(request_id: &str, answer: Answer) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(tag = "type", rename = "control_response")]
    struct Line<'a> {
        response: Response<'a>,
    }
    #[derive(Serialize)]
    #[serde(tag = "subtype", rename = "success")]
    struct Response<'a> {
        request_id: &'a str,
        response: Answer<'a>,
    }
    line(&Line {
        response: Response {
            request_id,
            response: answer,
        },
    })
}

/// The line that says of a request that nobody will do what it asks for.
pub fn refuse(request_id: &str) -> Vec<u8> {
    let error = "nobody here can do that";
    line(&json!({
        "type": "control_response",
        "response": { "subtype": "error", "request_id": request_id, "error": error },
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

fn line(message: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(message).expect("a message is plain data");
    line.push(b'\n');
    line
}
