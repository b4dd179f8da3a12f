//! Codex: `codex exec --json`.

use std::collections::{BTreeMap, HashSet};

use super::event::{AgentEvent, ChangeKind, NoticeLevel};
use super::members::Members;
use super::run::Run;
use super::{Before, ExitReason, Prices, Tokens, Totals, failure};
use crate::json::Json;

pub(super) struct Codex {
    prices: Prices,
    /// What the thread had used, as it counts itself, at the end of its last turn.
    thread: Tokens,
    spent: BTreeMap<String, Tokens>,
    open: HashSet<String>,
}

impl Codex {
    pub fn new(before: Before) -> Self {
        Self {
            thread: before.spent.sum().tokens,
            prices: before.prices,
            spent: BTreeMap::new(),
            open: HashSet::new(),
        }
    }

    pub fn totals(&self) -> Totals {
        self.prices.estimate_all(&self.spent)
    }

    /// `None`: nothing that we understand.
    pub fn line(&mut self, line: &Members, run: &mut Run) -> Option<()> {
        match line.text("type")?.as_str() {
            "thread.started" => run.enter_session(line.text("thread_id")?, run.model.clone(), None),
            "turn.started" => run.begin_turn(),
            "item.started" | "item.updated" => self.item(&line.object("item")?, Step::Open, run)?,
            "item.completed" => self.item(&line.object("item")?, Step::Done, run)?,
            "turn.completed" => {
                self.count(&line.object("usage").unwrap_or_default(), run);
                run.end(run.completed(None));
            }
            "turn.failed" => {
                let error = line.object("error").unwrap_or_default().text("message");
                let reason = error.as_deref().and_then(failure::reason);
                let reason = reason.unwrap_or(ExitReason::AgentError);
                run.end(run.failed(reason, error.as_deref()));
            }
            // It may go on after these: `Reconnecting… 2/5`.
            "error" => {
                let text = line.text("message")?;
                run.complain(&text);
                run.notice(NoticeLevel::Error, text);
            }
            _ => return None,
        }
        Some(())
    }

    /// Usage is the running total of the thread. One that is less than before counts from nothing. What
    /// was read from a cache and written to it is part of the input, thoughts are part of the output.
    fn count(&mut self, usage: &Members, run: &Run) {
        let cache_read = usage.count("cached_input_tokens");
        let cache_write = usage.count("cache_write_input_tokens");
        let now = Tokens {
            input: (usage.count("input_tokens") - cache_read - cache_write).max(0),
            output: usage.count("output_tokens"),
            cache_read,
            cache_write,
        };
        // As a whole: a part of it may be corrected downward.
        let is_running = self.thread.all() <= now.all();
        let more = if is_running { now - self.thread } else { now };
        self.thread = now;
        let model = run.model.clone().unwrap_or_else(super::unknown);
        let sum = self.spent.entry(model).or_default();
        *sum = *sum + more;
    }

    fn item(&mut self, item: &Members, step: Step, run: &mut Run) -> Option<()> {
        let is_done = step == Step::Done;
        let is_failed = || matches!(item.text("status").as_deref(), Some("failed" | "declined"));
        match item.text("type")?.as_str() {
            "agent_message" if is_done => run.say(item.text("text")?, None),
            "reasoning" if is_done => run.think(item.text("text")?, None),
            "agent_message" | "reasoning" | "file_change" if !is_done => {}
            "command_execution" => {
                let id = self.call(item, "command".to_owned(), item.only("command"), run)?;
                if is_done {
                    let is_error = is_failed() || item.whole("exit_code").is_some_and(|it| it != 0);
                    let text = item.text("aggregated_output").unwrap_or_default();
                    self.end_call(id, text, is_error, run);
                }
            }
            "mcp_tool_call" => {
                let (server, tool) = (item.text("server")?, item.text("tool")?);
                let id = self.call(
                    item,
                    format!("{server}.{tool}"),
                    item.json("arguments"),
                    run,
                )?;
                if is_done {
                    let error = item.object("error").and_then(|it| it.text("message"));
                    let is_error = is_failed() || error.is_some();
                    let result = || item.object("result").unwrap_or_default().content();
                    let text = error.unwrap_or_else(result);
                    self.end_call(id, text, is_error, run);
                }
            }
            "web_search" => {
                let id = self.call(item, "web_search".to_owned(), item.only("query"), run)?;
                if is_done {
                    self.end_call(id, String::new(), is_failed(), run);
                }
            }
            "file_change" => {
                for change in item.items("changes") {
                    changed(&Members::parse(change)?, is_failed(), run)?;
                }
            }
            "todo_list" => {
                let items = item.items("items").into_iter().filter_map(Members::parse);
                let lines = items.map(|it| {
                    let mark = if it.is_true("completed") { 'x' } else { ' ' };
                    format!("[{mark}] {}", it.text("text").unwrap_or_default())
                });
                let text = lines.collect::<Vec<_>>().join("\n");
                run.notice(NoticeLevel::Info, text);
            }
            "error" => run.notice(NoticeLevel::Warning, item.text("message")?),
            _ => return None,
        }
        Some(())
    }

    /// Tells of the call the first time that it is mentioned.
    fn call(&mut self, item: &Members, name: String, input: Json, run: &mut Run) -> Option<String> {
        let id = item.text("id")?;
        if self.open.insert(id.clone()) {
            run.call(id.clone(), name, input, None);
        }
        Some(id)
    }

    fn end_call(&mut self, id: String, text: String, is_error: bool, run: &mut Run) {
        self.open.remove(&id);
        run.end_call(id, text, is_error, ChangeKind::Modified);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Open,
    Done,
}

fn changed(change: &Members, is_failed: bool, run: &mut Run) -> Option<()> {
    let path = change.text("path")?;
    if is_failed {
        run.notice(NoticeLevel::Warning, format!("{path} could not be changed"));
        return Some(());
    }
    let kind = match change.text("kind")?.as_str() {
        "add" => ChangeKind::Added,
        "delete" => ChangeKind::Deleted,
        _ => ChangeKind::Modified,
    };
    run.events.push(AgentEvent::FileChange { path, kind });
    Some(())
}
