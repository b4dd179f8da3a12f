//! What an agent did, as a line of its log.

use crate::adapters::{AgentEvent, LimitStatus, NoticeLevel, Stream, plain};
use crate::ids::Id;
use crate::json::Json;
use crate::runtime::logs::commands::NewLog;
use crate::runtime::logs::{Level, LogType};

/// What a line of the log holds, in characters; the raw output has the rest.
const LONGEST: usize = 32 * 1024;

pub fn line(agent_id: Id, event: &AgentEvent) -> NewLog {
    let (log_level, log_type, text) = told(event);
    NewLog {
        agent_id,
        log_level,
        log_type,
        message: cut(plain(&text)),
        details: details(event),
    }
}

fn told(event: &AgentEvent) -> (Level, LogType, String) {
    use {Level as L, LogType as T};
    match event {
        AgentEvent::Session {
            session_id, model, ..
        } => {
            let model = model
                .as_ref()
                .map(|it| format!(" with {it}"))
                .unwrap_or_default();
            (
                L::Info,
                T::Milestone,
                format!("session {session_id}{model}"),
            )
        }
        AgentEvent::Message { text, .. } => (L::Info, T::Output, text.clone()),
        AgentEvent::Thinking { text, .. } => (L::Debug, T::Output, text.clone()),
        AgentEvent::ToolCall { name, .. } => (L::Info, T::ToolCall, name.clone()),
        AgentEvent::ToolResult { text, is_error, .. } => {
            let level = if *is_error { L::Warning } else { L::Debug };
            (level, T::ToolCall, text.clone())
        }
        AgentEvent::FileChange { path, kind } => {
            let what = format!("{kind:?}").to_lowercase();
            (L::Info, T::Milestone, format!("{what} {path}"))
        }
        AgentEvent::Usage(spent) => {
            let (input, output) = (spent.tokens.prompt(), spent.tokens.output);
            let cost = spent.cost_usd.to_decimal();
            let text = format!("{input} tokens read, {output} written, {cost} USD so far");
            (L::Debug, T::CostUpdate, text)
        }
        AgentEvent::RateLimit {
            status, resets_at, ..
        } => {
            let reset = resets_at
                .map(|at| format!(", until {at}"))
                .unwrap_or_default();
            let (level, text) = match status {
                LimitStatus::Allowed => (L::Debug, "within the account's limit"),
                LimitStatus::Warning => (L::Warning, "close to the account's limit"),
                LimitStatus::Rejected => (L::Error, "the account's limit is reached"),
            };
            (level, T::Performance, format!("{text}{reset}"))
        }
        AgentEvent::Approval { tool, .. } => (
            L::Warning,
            T::Milestone,
            format!("asks whether it may use {tool}"),
        ),
        AgentEvent::ApprovalWithdrawn { .. } => {
            (L::Info, T::Milestone, "asks no longer".to_owned())
        }
        AgentEvent::Unmet { what, .. } => (
            L::Warning,
            T::Error,
            format!("asks for what nobody here can do: {what}"),
        ),
        AgentEvent::Notice { level, text } => match level {
            NoticeLevel::Info => (L::Info, T::Milestone, text.clone()),
            NoticeLevel::Warning => (L::Warning, T::Error, text.clone()),
            NoticeLevel::Error => (L::Error, T::Error, text.clone()),
        },
        AgentEvent::Output { stream, text } => match stream {
            Stream::Stdout => (L::Info, T::Output, text.clone()),
            Stream::Stderr => (L::Warning, T::Output, text.clone()),
        },
        AgentEvent::Result(outcome) => (
            L::Info,
            T::Milestone,
            format!("the agent is done: {}", outcome.status.as_str()),
        ),
    }
}

/// What programs want to know and the message does not say.
fn details(event: &AgentEvent) -> Option<Json> {
    let details = match event {
        AgentEvent::ToolCall { .. } | AgentEvent::Usage(_) | AgentEvent::Approval { .. } => {
            serde_json::to_string(event)
        }
        AgentEvent::ToolResult { id, is_error, .. } => {
            serde_json::to_string(&serde_json::json!({ "id": id, "is_error": is_error }))
        }
        _ => return None,
    };
    let details = details.expect("an event is plain data");
    // Too large to be kept twice: the raw output has it.
    if LONGEST < details.len() {
        return None;
    }
    serde_json::from_str(&details).ok()
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => {
            let more = text.len() - end;
            format!(
                "{} … [cut: {more} more bytes, see the raw output]",
                &text[..end]
            )
        }
    }
}
