//! Gemini: `gemini --output-format stream-json`.

use std::collections::BTreeMap;
use std::mem;

use super::event::{ChangeKind, NoticeLevel};
use super::members::Members;
use super::run::Run;
use super::{Before, Exit, ExitReason, Outcome, Prices, Tokens, Totals, failure};

pub(super) struct Gemini {
    prices: Prices,
    spent: BTreeMap<String, Tokens>,
    /// The pieces of a message that goes on.
    message: String,
    /// What went wrong, by the agent's own account; the first counts.
    problem: Option<(ExitReason, String)>,
    has_result: bool,
}

impl Gemini {
    pub fn new(before: Before) -> Self {
        Self {
            prices: before.prices,
            spent: BTreeMap::new(),
            message: String::new(),
            problem: None,
            has_result: false,
        }
    }

    pub fn totals(&self) -> Totals {
        self.prices.estimate_all(&self.spent)
    }

    /// `None`: nothing that we understand.
    pub fn line(&mut self, line: &Members, run: &mut Run) -> Option<()> {
        match line.text("type")?.as_str() {
            "init" => run.enter_session(line.text("session_id")?, line.text("model"), None),
            "message" => self.message(line, run)?,
            "tool_use" => {
                let (id, name) = (line.text("tool_id")?, line.text("tool_name")?);
                let input = line.object("parameters").unwrap_or_default();
                run.expect_write(&id, &name, &input);
                run.call(id, name, line.json("parameters"), None);
            }
            "tool_result" => {
                let is_error = line.text("status")? == "error";
                let error = line.object("error").and_then(|it| it.text("message"));
                let text = error.or(line.text("output")).unwrap_or_default();
                run.end_call(line.text("tool_id")?, text, is_error, ChangeKind::Modified);
            }
            "error" => self.error(line, run)?,
            "result" => self.result(line, run)?,
            _ => return None,
        }
        Some(())
    }

    /// Whatever is not the next piece of a message ends it.
    pub fn end_message_before(&mut self, line: Option<&Members>, run: &mut Run) {
        let is_piece = |line: &Members| {
            line.text("type").as_deref() == Some("message") && line.is_true("delta")
        };
        if !line.is_some_and(is_piece) {
            self.end_message(run);
        }
    }

    fn end_message(&mut self, run: &mut Run) {
        let text = mem::take(&mut self.message);
        if !text.is_empty() {
            run.say(text, None);
        }
    }

    fn message(&mut self, line: &Members, run: &mut Run) -> Option<()> {
        let text = line.text("content")?;
        match line.text("role")?.as_str() {
            "assistant" if line.is_true("delta") => self.message.push_str(&text),
            "assistant" => run.say(text, None),
            // The prompt again.
            "user" => {}
            _ => return None,
        }
        Some(())
    }

    fn error(&mut self, line: &Members, run: &mut Run) -> Option<()> {
        let text = line.text("message")?;
        let lower = text.to_lowercase();
        let reason = if lower.contains("loop detected") {
            // A warning by its own account, though it is the end.
            Some(ExitReason::Loop)
        } else if line.text("severity").as_deref() == Some("warning") {
            None
        } else if lower.contains("session turns") {
            Some(ExitReason::MaxTurns)
        } else {
            Some(failure::reason(&text).unwrap_or(ExitReason::AgentError))
        };
        let level = reason.map_or(NoticeLevel::Warning, |_| NoticeLevel::Error);
        run.notice(level, text.clone());
        if let Some(reason) = reason {
            self.problem.get_or_insert((reason, text));
        }
        Some(())
    }

    fn result(&mut self, line: &Members, run: &mut Run) -> Option<()> {
        let status = line.text("status")?;
        self.count(&line.object("stats").unwrap_or_default(), run);
        self.has_result = true;
        if status != "success" {
            let error = line.object("error").unwrap_or_default().text("message");
            let reason = error.as_deref().and_then(failure::reason);
            let reason = reason.unwrap_or(ExitReason::AgentError);
            self.problem
                .get_or_insert((reason, error.unwrap_or(status)));
        }
        // The exit decides, too: the event follows then.
        run.outcome = Some(self.outcome(run));
        Some(())
    }

    fn outcome(&self, run: &Run) -> Outcome {
        match &self.problem {
            Some((reason, text)) => run.failed(*reason, Some(text)),
            None => run.completed(None),
        }
    }

    /// Cached tokens are part of the input; those of thinking are in the total only, and are paid as
    /// output.
    fn count(&mut self, stats: &Members, run: &Run) {
        let tokens = |stats: &Members| {
            let (input, cached) = (stats.count("input_tokens"), stats.count("cached"));
            let thought = stats.count("total_tokens") - input;
            Tokens {
                input: (input - cached).max(0),
                output: stats.count("output_tokens").max(thought),
                cache_read: cached,
                cache_write: 0,
            }
        };
        let models = stats.object("models").unwrap_or_default();
        let by_model = models
            .objects()
            .map(|(model, stats)| (model.to_owned(), tokens(&stats)));
        self.spent = by_model.collect();
        if self.spent.is_empty() {
            let model = run.model.clone().unwrap_or_else(super::unknown);
            self.spent.insert(model, tokens(stats));
        }
    }

    /// Takes the end of the process. The turn limit and loops end in `status: success`: the errors
    /// decide, and the exit code.
    pub fn conclude(&mut self, exit: Option<Exit>, run: &mut Run) {
        self.end_message(run);
        let by_code = match exit {
            Some(Exit::Code(41)) => Some(ExitReason::Auth),
            Some(Exit::Code(42 | 52 | 55)) => Some(ExitReason::InvalidRequest),
            Some(Exit::Code(53)) => Some(ExitReason::MaxTurns),
            Some(Exit::Code(code)) if code != 0 && self.has_result => Some(ExitReason::ExitCode),
            _ => None,
        };
        if let (None, Some(reason)) = (&self.problem, by_code) {
            self.problem = Some((reason, run.last_words(exit)));
        }
        if self.has_result || self.problem.is_some() {
            run.end(self.outcome(run));
        }
    }
}
