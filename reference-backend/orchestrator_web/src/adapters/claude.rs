//! Claude Code: `claude -p --output-format stream-json --verbose`.

use super::claude_bill::Bill;
use super::event::{AgentEvent, ChangeKind, LimitStatus, NoticeLevel};
use super::members::{self, Members};
use super::run::Run;
use super::{Before, ExitReason, Retry, Totals, failure};
use crate::time::Timestamp;

/// What an agent may call a request, in bytes; those that it makes up itself are much shorter.
const LONGEST_ID: usize = 255;

/// Of what it tells about itself, what is no news to whoever reads the log.
const SIGNS_OF_LIFE: &[&str] = &[
    "agents_killed",
    "api_error",
    "bridge_state",
    "bridge_status",
    "commands_changed",
    "elicitation_complete",
    "file_snapshot",
    "files_persisted",
    "hook_progress",
    "hook_response",
    "hook_started",
    "memory_recall",
    "memory_saved",
    "permission_denied",
    "plugin_install",
    "post_turn_summary",
    "session_state_changed",
    "status",
    "stop_hook_summary",
    "task_progress",
    "task_started",
    "task_summary",
    "task_updated",
    "thinking_tokens",
    "turn_duration",
    "turn_starting",
];

pub(super) struct Claude {
    bill: Bill,
    /// The provider's complaint, if the agent's last message is one.
    complaint: Option<ExitReason>,
    /// Whether the account has run into its limit, and until when.
    is_limited: bool,
    resets_at: Option<Timestamp>,
}

impl Claude {
    pub fn new(before: Before) -> Self {
        Self {
            bill: Bill::new(before),
            complaint: None,
            is_limited: false,
            resets_at: None,
        }
    }

    pub fn totals(&self) -> Totals {
        self.bill.totals()
    }

    /// `None`: nothing that we understand.
    pub fn line(&mut self, line: &Members, run: &mut Run) -> Option<()> {
        match line.text("type")?.as_str() {
            "system" => system(line, run),
            "assistant" => self.assistant(line, run),
            "user" => user(line, run),
            "result" => self.result(line, run),
            "rate_limit_event" => self.rate_limit(&line.object("rate_limit_info")?, run),
            "control_request" => request(line, run),
            "control_cancel_request" => {
                let request_id = line.text("request_id")?;
                run.events
                    .push(AgentEvent::ApprovalWithdrawn { request_id });
                Some(())
            }
            "control_response" => control_response(&line.object("response")?, run),
            // Parts of what later lines hold whole, and signs of life.
            "stream_event" | "tool_progress" | "keep_alive" => Some(()),
            _ => None,
        }
    }

    fn assistant(&mut self, line: &Members, run: &mut Run) -> Option<()> {
        let message = line.object("message")?;
        let parent = line.text("parent_tool_use_id");
        if let (Some(id), Some(usage)) = (message.text("id"), message.object("usage")) {
            let model = message.text("model").or(run.model.clone());
            self.bill
                .note(id, &model.unwrap_or_else(super::unknown), &usage);
        }
        self.complaint = line.text("error").map(|word| match word.as_str() {
            "authentication_failed" => ExitReason::Auth,
            "billing_error" => ExitReason::Billing,
            other => failure::reason(other).unwrap_or(ExitReason::AgentError),
        });
        if let Some(text) = message.words("content") {
            run.say(text, parent);
            return Some(());
        }
        for block in message.items("content") {
            let block = Members::parse(block)?;
            match block.text("type")?.as_str() {
                "text" => {
                    if let Some(text) = block.words("text") {
                        run.say(text, parent.clone());
                    }
                }
                "thinking" => run.think(block.text("thinking")?, parent.clone()),
                "redacted_thinking" => {}
                "tool_use" | "server_tool_use" | "mcp_tool_use" => {
                    let (id, name) = (block.text("id")?, block.text("name")?);
                    let input = block.object("input").unwrap_or_default();
                    run.expect_write(&id, &name, &input);
                    run.call(id, name, block.json("input"), parent.clone());
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn result(&mut self, line: &Members, run: &mut Run) -> Option<()> {
        let subtype = line.text("subtype")?;
        let main_model = run.model.clone().unwrap_or_else(super::unknown);
        self.bill.settle(line, &main_model);
        run.session_id = line.text("session_id").or(run.session_id.take());
        let errors = line.items("errors");
        let errors: Vec<_> = errors.into_iter().filter_map(members::text).collect();
        let told = line.words("result").or(Some(errors.join("\n")));
        let told = told.filter(|text| !text.is_empty());
        let reason = match subtype.as_str() {
            "success" if !line.is_true("is_error") => {
                run.end(run.completed(told));
                return Some(());
            }
            "error_max_turns" => ExitReason::MaxTurns,
            "error_max_budget_usd" => ExitReason::Budget,
            _ => self.reason(line.whole("api_error_status"), told.as_deref()),
        };
        let told = told.or((subtype != "success").then_some(subtype));
        let mut outcome = run.failed(reason, told.as_deref());
        if reason == ExitReason::RateLimit
            && let Some(at) = self.resets_at.or(outcome.error.as_deref().and_then(reset))
        {
            outcome.retry = Retry::At(at);
        }
        run.end(outcome);
        Some(())
    }

    fn reason(&self, status: Option<i64>, told: Option<&str>) -> ExitReason {
        let limit = self.is_limited.then_some(ExitReason::RateLimit);
        let by_status = || status.and_then(failure::of_status);
        let by_words = told.and_then(failure::reason);
        // It calls this one an error of the server, too.
        let overload = by_words.filter(|reason| *reason == ExitReason::Overloaded);
        limit
            .or(overload)
            .or(self.complaint)
            .or_else(by_status)
            .or(by_words)
            .unwrap_or(ExitReason::AgentError)
    }

    fn rate_limit(&mut self, info: &Members, run: &mut Run) -> Option<()> {
        let status = match info.text("status")?.as_str() {
            "allowed" => LimitStatus::Allowed,
            "allowed_warning" => LimitStatus::Warning,
            "rejected" => LimitStatus::Rejected,
            _ => return None,
        };
        let resets_at = info.whole("resetsAt").and_then(Timestamp::from_unix);
        self.is_limited = status == LimitStatus::Rejected;
        self.resets_at = resets_at;
        run.events.push(AgentEvent::RateLimit {
            status,
            resets_at,
            kind: info.text("rateLimitType"),
        });
        Some(())
    }
}

fn system(line: &Members, run: &mut Run) -> Option<()> {
    match line.text("subtype")?.as_str() {
        "init" => {
            run.begin_turn();
            let version = line.text("claude_code_version");
            run.enter_session(line.text("session_id")?, line.text("model"), version);
        }
        "api_retry" => {
            let attempt = line.raw("attempt").unwrap_or("?");
            let most = line.raw("max_retries").unwrap_or("?");
            let why = [
                line.raw("error_status").map(str::to_owned),
                line.text("error"),
            ];
            let why: Vec<_> = why.into_iter().flatten().collect();
            let why = why.join(" ");
            let text = format!("the model is asked again, attempt {attempt} of {most}: {why}");
            run.notice(NoticeLevel::Warning, text);
        }
        "compact_boundary" => {
            let text = "the conversation was summed up to make room".to_owned();
            run.notice(NoticeLevel::Info, text);
        }
        subtype if SIGNS_OF_LIFE.contains(&subtype) => {}
        // `informational`, `notification`, `model_fallback` and others.
        _ => {
            let text = line.words("content").or(line.words("text"));
            let text = text.or(line.words("summary"))?;
            let level = match line.text("level").as_deref() {
                Some("error") => NoticeLevel::Error,
                Some("warning") => NoticeLevel::Warning,
                _ => NoticeLevel::Info,
            };
            run.notice(level, text);
        }
    }
    Some(())
}

/// Results of tools; and what is said in the user's name, such as a sub-agent's task.
fn user(line: &Members, run: &mut Run) -> Option<()> {
    let message = line.object("message")?;
    if let Some(text) = message.words("content") {
        run.notice(NoticeLevel::Info, text);
        return Some(());
    }
    let is_new = line
        .object("tool_use_result")
        .is_some_and(|result| result.text("type").as_deref() == Some("create"));
    for block in message.items("content") {
        let block = Members::parse(block)?;
        match block.text("type")?.as_str() {
            "tool_result" => {
                let kind = if is_new {
                    ChangeKind::Added
                } else {
                    ChangeKind::Modified
                };
                let is_error = block.is_true("is_error");
                run.end_call(block.text("tool_use_id")?, block.content(), is_error, kind);
            }
            "text" => run.notice(NoticeLevel::Info, block.text("text")?),
            _ => return None,
        }
    }
    Some(())
}

/// It asks for something, and waits until it is answered.
fn request(line: &Members, run: &mut Run) -> Option<()> {
    let request = line.object("request")?;
    let request_id = line.text("request_id")?;
    if LONGEST_ID < request_id.len() {
        return None;
    }
    let what = request.text("subtype")?;
    run.events.push(match what.as_str() {
        "can_use_tool" => AgentEvent::Approval {
            request_id,
            tool: request.text("tool_name")?,
            input: request.json("input"),
        },
        _ => AgentEvent::Unmet { request_id, what },
    });
    Some(())
}

/// What it says to what we wrote: only a refusal is news.
fn control_response(response: &Members, run: &mut Run) -> Option<()> {
    if response.text("subtype")? == "error" {
        let error = response.text("error").unwrap_or_else(super::unknown);
        run.notice(
            NoticeLevel::Warning,
            format!("a request was refused: {error}"),
        );
    }
    Some(())
}

/// The end of `Claude AI usage limit reached|1760000000`, the words of older versions.
fn reset(message: &str) -> Option<Timestamp> {
    let (_, seconds) = message.rsplit_once('|')?;
    Timestamp::from_unix(seconds.trim().parse().ok()?)
}
