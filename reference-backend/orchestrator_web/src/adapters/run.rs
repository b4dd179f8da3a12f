//! What every dialect tells of a run, whatever its words for it.

use std::collections::HashMap;

use super::event::{AgentEvent, ChangeKind, NoticeLevel};
use super::members::Members;
use super::{Exit, ExitReason, Outcome, Retry, failure, plain};
use crate::json::Json;
use crate::runtime::Status;

/// What is kept of an error, in bytes: a line of an agent's may be as long as it likes.
const LONGEST_ERROR: usize = 16 * 1024;
/// Calls that are remembered: no agent has so many open.
pub const MOST_OPEN: usize = 1_000;

#[derive(Default)]
pub(super) struct Run {
    /// What has been read since they were last taken.
    pub events: Vec<AgentEvent>,
    pub session_id: Option<String>,
    pub model: Option<String>,
    /// The agent's last message.
    said: Option<String>,
    /// Of the turn that goes on, as soon as it is known.
    pub outcome: Option<Outcome>,
    /// What the agent itself last complained of.
    complaint: Option<String>,
    /// The last line of its standard error that says something.
    last_error: Option<String>,
    /// The files that open tool calls write, by the call.
    writes: HashMap<String, String>,
}

impl Run {
    pub fn new(model: Option<String>) -> Self {
        Self {
            model,
            ..Self::default()
        }
    }

    /// Another turn: the end of the last one was not the end of the run.
    pub fn begin_turn(&mut self) {
        self.outcome = None;
    }

    pub fn enter_session(
        &mut self,
        session_id: String,
        model: Option<String>,
        version: Option<String>,
    ) {
        self.session_id = Some(session_id.clone());
        self.model = model.clone().or(self.model.take());
        self.events.push(AgentEvent::Session {
            session_id,
            model,
            version,
        });
    }

    /// A message of the agent, or of the sub-agent that the tool call `parent` runs.
    pub fn say(&mut self, text: String, parent: Option<String>) {
        if parent.is_none() {
            self.said = Some(text.clone());
        }
        self.events.push(AgentEvent::Message { text, parent });
    }

    pub fn think(&mut self, text: String, parent: Option<String>) {
        self.events.push(AgentEvent::Thinking { text, parent });
    }

    pub fn notice(&mut self, level: NoticeLevel, text: String) {
        self.events.push(AgentEvent::Notice { level, text });
    }

    pub fn call(&mut self, id: String, name: String, input: Json, parent: Option<String>) {
        self.events.push(AgentEvent::ToolCall {
            id,
            name,
            input,
            parent,
        });
    }

    /// The call `id` writes the file that its input names, if its tool is one that writes.
    pub fn expect_write(&mut self, id: &str, tool: &str, input: &Members) {
        const WRITERS: &[&str] = &[
            "Write",
            "Edit",
            "MultiEdit",
            "NotebookEdit",
            "write_file",
            "replace",
        ];
        let path = input.text("file_path").or(input.text("notebook_path"));
        let is_kept = WRITERS.contains(&tool) && self.writes.len() < MOST_OPEN;
        if let (Some(path), true) = (path, is_kept) {
            self.writes.insert(id.to_owned(), path);
        }
    }

    pub fn end_call(&mut self, id: String, text: String, is_error: bool, kind: ChangeKind) {
        let path = self.writes.remove(&id);
        self.events
            .push(AgentEvent::ToolResult { id, text, is_error });
        if let (Some(path), false) = (path, is_error) {
            self.events.push(AgentEvent::FileChange { path, kind });
        }
    }

    /// What the agent itself complains of.
    pub fn complain(&mut self, text: &str) {
        self.complaint = Some(cut(text));
    }

    /// A line of its standard error.
    pub fn heed(&mut self, line: &str) {
        let line = cut(line);
        if !line.trim().is_empty() {
            self.last_error = Some(line);
        }
    }

    pub fn completed(&self, text: Option<String>) -> Outcome {
        let text = text.or(self.said.clone());
        Outcome {
            status: Status::Completed,
            exit_reason: None,
            retry: Retry::Never,
            session_id: self.session_id.clone(),
            text,
            error: None,
        }
    }

    pub fn failed(&self, reason: ExitReason, error: Option<&str>) -> Outcome {
        Outcome {
            status: Status::Failed,
            exit_reason: Some(reason),
            retry: reason.retry(),
            error: error.map(cut),
            ..self.completed(None)
        }
    }

    pub fn end(&mut self, outcome: Outcome) {
        self.events.push(AgentEvent::Result(outcome.clone()));
        self.outcome = Some(outcome);
    }

    /// The end of a program that is not expected to say more than its exit code does.
    pub fn by_exit_code(&self, exit: Option<Exit>) -> Outcome {
        match exit {
            Some(Exit::Code(0)) => self.completed(None),
            Some(Exit::Code(_)) => self.failed(ExitReason::ExitCode, Some(&self.last_words(exit))),
            Some(Exit::Signal(_)) => self.failed(ExitReason::Signal, Some(&self.last_words(exit))),
            None => Outcome {
                status: Status::Lost,
                ..self.completed(None)
            },
        }
    }

    /// The end of an agent that did not say that it is done.
    pub fn without_result(&self, exit: Option<Exit>) -> Outcome {
        let outcome = self.by_exit_code(exit);
        let reason = match outcome.exit_reason {
            None if outcome.status == Status::Completed => ExitReason::NoResult,
            Some(ExitReason::ExitCode) => {
                let words = self.complaint.as_ref().or(self.last_error.as_ref());
                let reason = words.and_then(|words| failure::reason(words));
                reason.unwrap_or(ExitReason::NoResult)
            }
            _ => return outcome,
        };
        Outcome {
            exit_reason: Some(reason),
            retry: reason.retry(),
            ..outcome
        }
    }

    /// `exit code 3: no such file`
    pub fn last_words(&self, exit: Option<Exit>) -> String {
        let how = match exit {
            Some(Exit::Code(code)) => format!("exit code {code}"),
            Some(Exit::Signal(signal)) => format!("signal {signal}"),
            None => "unknown end".to_owned(),
        };
        match self.complaint.as_ref().or(self.last_error.as_ref()) {
            Some(words) => format!("{how}: {words}"),
            None => how,
        }
    }
}

/// What is told of an error: plain text of some length.
fn cut(text: &str) -> String {
    let mut text = plain(text);
    if LONGEST_ERROR < text.len() {
        text.truncate(text.floor_char_boundary(LONGEST_ERROR));
        text.push_str(" … [cut]");
    }
    text
}
